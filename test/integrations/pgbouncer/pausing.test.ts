import { spawn } from 'node:child_process'
import { chownSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../src/integrations/backups/scratch/postmaster.js'
import { beside, setReadOnly } from '../../../src/integrations/backups/swap/pausing-server.js'
import { createPgBouncerPausing } from '../../../src/integrations/pgbouncer/pausing.js'
import { contextFor, rowsOf } from '../../support/backups/engine-rig.js'
import {
  folderFor,
  installedPostgres,
  type LocalServer,
  postgresUser,
  startLocalServer,
} from '../../support/backups/local-server.js'
import { waitFor } from '../../support/wait-for.js'

const bin = installedPostgres()
const program = '/usr/sbin/pgbouncer'

describe.skipIf(bin === null || !existsSync(program))('an application behind PgBouncer', () => {
  let server: LocalServer
  let stopBouncer = () => {}
  let port = 0
  const through = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
  beforeAll(async () => {
    server = await startLocalServer(bin ?? '', folderFor(postgresUser()), () => ['archive_command = true'])
    await rowsOf(server.url, 'create database shop')
    port = await freePort()
    const [config, users] = [join(server.dir, 'bouncer.ini'), join(server.dir, 'users.txt')]
    writeFileSync(users, '"postgres" ""\n')
    writeFileSync(
      config,
      `[databases]\nshop = host=127.0.0.1 port=${server.port} dbname=shop user=postgres\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=${port}\nunix_socket_dir=\nauth_type=trust\nauth_file=${users}\nadmin_users=postgres\npool_mode=transaction\nlogfile=${server.dir}/bouncer.log\npidfile=${server.dir}/bouncer.pid\n`,
    )
    if (server.as) for (const file of [config, users]) chownSync(file, server.as.uid, server.as.gid)
    const child = spawn(program, [config], { ...server.as, stdio: 'ignore' })
    stopBouncer = () => child.kill('SIGKILL')
    await waitFor(
      'PgBouncer answers',
      () =>
        rowsOf(through('shop'), 'select 1').then(
          () => true,
          () => false,
        ),
      20_000,
    )
  }, 60_000)
  afterAll(async () => {
    stopBouncer()
    await server?.stop()
  })

  const pausing = (database = 'shop') =>
    createPgBouncerPausing({
      admin: async () => through('pgbouncer'),
      database,
      within: 10_000,
      readOnly: (on, context) =>
        setReadOnly(beside(`postgres://postgres@127.0.0.1:${server.port}/shop`, 'shop', context), on, false),
    })

  test('paused, its clients wait and lose nothing; let in again they read, and later write', async () => {
    const client = new pg.Client({ connectionString: through('shop') })
    await client.connect()
    await client.query('create table if not exists orders (id int)')
    await pausing().close(contextFor())
    await pausing().close(contextFor())
    let answered = false
    const waiting = client.query('select 1').then(() => {
      answered = true
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(answered).toBe(false)
    await pausing().open('read-only', contextFor())
    await waiting
    await expect(client.query('insert into orders values (1)')).rejects.toThrow(/read-only transaction/)
    await pausing().open('all', contextFor())
    await client.query('insert into orders values (1)')
    await client.end()
  }, 30_000)

  test('a database that PgBouncer does not know is refused before anything is paused', async () => {
    await expect(pausing('nobody').ready(contextFor())).rejects.toMatchObject({ code: 'pgbouncer-database-unknown' })
  })
})
