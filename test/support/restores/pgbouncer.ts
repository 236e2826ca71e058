import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../../src/free-port.js'
import { rowsOf } from '../backups/engine-rig.js'
import type { LocalServer } from '../backups/local-server.js'
import { waitFor } from '../wait-for.js'

export const bouncerProgram = '/usr/sbin/pgbouncer'

/** A PgBouncer before the database `shop` of a server; `through` gives the address of a database behind it, or its console. */
export async function startPgBouncer(server: LocalServer) {
  const port = await freePort()
  const through = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
  const [config, users] = [join(server.dir, 'bouncer.ini'), join(server.dir, 'users.txt')]
  writeFileSync(users, '"postgres" ""\n')
  const lines = [
    '[databases]',
    `shop = host=127.0.0.1 port=${server.port} dbname=shop user=postgres`,
    '[pgbouncer]',
    'listen_addr=127.0.0.1',
    `listen_port=${port}`,
    'unix_socket_dir=',
    'auth_type=trust',
    `auth_file=${users}`,
    'admin_users=postgres',
    'pool_mode=transaction',
    `logfile=${server.dir}/bouncer.log`,
    `pidfile=${server.dir}/bouncer.pid`,
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  if (server.as) for (const file of [config, users]) chownSync(file, server.as.uid, server.as.gid)
  const child = spawn(bouncerProgram, [config], { ...server.as, stdio: 'ignore' })
  const gone = once(child, 'exit')
  const answers = () =>
    rowsOf(through('shop'), 'select 1').then(
      () => true,
      () => false,
    )
  await waitFor('PgBouncer answers', answers, 20_000)
  return {
    through,
    async stop() {
      child.kill('SIGKILL')
      await gone
    },
  }
}
