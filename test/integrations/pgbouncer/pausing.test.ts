import { existsSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
import { bouncerProgram, startPgBouncer } from '../../support/restores/pgbouncer.js'

const bin = installedPostgres()

describe.skipIf(bin === null || !existsSync(bouncerProgram))('an application behind PgBouncer', () => {
  let server: LocalServer
  let bouncer: Awaited<ReturnType<typeof startPgBouncer>>
  beforeAll(async () => {
    server = await startLocalServer(bin ?? '', folderFor(postgresUser()), () => ['archive_command = true'])
    await rowsOf(server.url, 'create database shop')
    bouncer = await startPgBouncer(server)
  }, 60_000)
  afterAll(async () => {
    await bouncer?.stop()
    await server?.stop()
  })

  const pausing = (database = 'shop') =>
    createPgBouncerPausing({
      admin: async () => bouncer.through('pgbouncer'),
      database,
      within: 10_000,
      readOnly: (on, context) =>
        setReadOnly(beside(`postgres://postgres@127.0.0.1:${server.port}/shop`, 'shop', context), on, false),
    })

  test('paused, its clients wait and lose nothing; let in again they read, and later write', async () => {
    const client = new pg.Client({ connectionString: bouncer.through('shop') })
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
