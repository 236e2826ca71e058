import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createPostgres } from '../../../src/integrations/postgres/postgres.js'
import { silentLog } from '../../../src/log.js'
import { startEmbeddedPostgres } from '../../../src/store/embedded.js'
import { hands, partsOf } from './scene.js'
import { serverSettings } from './server-settings.js'

/** A PostgreSQL of its own, with a role that reads and one that may act, as docs/integrations/postgres.md says. */
export async function shopServer(settings = serverSettings) {
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-shop-postgres-'))
  const server = await startEmbeddedPostgres({ dir, settings, log: silentLog })
  const admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  await admin.query(`create role watcher login password 'w' in role pg_monitor`)
  await admin.query(`create role operator login password 'o' in role pg_monitor, pg_signal_backend`)
  await admin.query(`create role shop login password 's'`)
  await admin.query('create database shop owner shop')
  await admin.end()
  const url = (role: string) => `postgres://${role}:${role[0]}@${new URL(server.url).host}/shop`
  const clients: pg.Client[] = []
  const connect = async (application: string) => {
    const client = new pg.Client({ connectionString: url('shop'), application_name: application })
    client.on('error', () => {})
    await client.connect()
    clients.push(client)
    return client
  }
  await (await connect('setup')).query(
    'create table stock (id int primary key, left_over int); insert into stock values (1, 5)',
  )
  const sections = (more = '') => `databases:\n  shop: { url: env:READ, operator: env:ACT${more} }`
  const watching = (watch = 'database: shop', more = '', roles = { read: 'watcher', act: 'operator' }) =>
    partsOf(watch, sections(more), { 'env:READ': url(roles.read), 'env:ACT': url(roles.act) })
  const superuser = new URL(server.url)
  superuser.pathname = '/shop'
  return {
    url,
    superuser: superuser.href,
    connect,
    watching,
    hands: (...given: Parameters<typeof watching>) => hands(createPostgres(watching(...given))),
    dir,
    stop: () => server.stop(),
    async quiet() {
      await Promise.all(clients.splice(0).map((client) => client.end().catch(() => {})))
    },
    async close() {
      await Promise.all(clients.splice(0).map((client) => client.end().catch(() => {})))
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
