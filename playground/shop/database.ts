import { createHmac } from 'node:crypto'
import { chownSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import type { Log } from '../../src/log.js'
import { startEmbeddedPostgres } from '../../src/store/embedded.js'
import { shopSettings } from './settings.js'

export type ShopDatabase = {
  /** Superuser, for backups and drills. */
  url: string
  /** By environment. */
  urls: { [environment: string]: string }
  /** For looking and for ending sessions, by environment. */
  watchers: { [environment: string]: { read: string; act: string } }
  /** Where its data, `data`, and all that belongs to it are. */
  folder: string
  /** Where finished WAL segments are kept. */
  archive: string
  /** Where its backups and its scratch servers are put. */
  backups: string
  scratch: string
  stop(): Promise<void>
}

/** The shop's own cluster, never Shipmate's: one database an environment, its WAL archived from the first day. */
export async function startShopDatabase(dir: string, environments: string[], log: Log): Promise<ShopDatabase> {
  const server = await startEmbeddedPostgres({ dir, settings: shopSettings, log })
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  try {
    const archive = await archiveFolder(client)
    const urls: { [environment: string]: string } = {}
    for (const environment of environments) urls[environment] = await databaseFor(client, server.url, environment)
    const roles = await watchingRoles(client, server.url)
    const watchers = Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, roles(url)]))
    const beside = (name: string) => join(dirname(archive), name)
    const folders = { archive, backups: beside('backups'), scratch: beside('scratch') }
    return { url: server.url, urls, watchers, folder: server.dir, ...folders, stop: server.stop }
  } finally {
    await client.end()
  }
}

/** Beside the data, owned by whoever the server runs as. */
async function archiveFolder(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ setting: string }>(`select current_setting('data_directory') as setting`)
  const data = rows[0]?.setting ?? ''
  const archive = join(dirname(data), 'wal-archive')
  mkdirSync(archive, { recursive: true, mode: 0o700 })
  const { uid, gid } = statSync(data)
  if (process.getuid?.() === 0) chownSync(archive, uid, gid)
  return archive
}

async function databaseFor(client: pg.Client, server: string, environment: string): Promise<string> {
  const name = `storefront_${environment}`
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
  if (!rowCount) await client.query(`create database ${client.escapeIdentifier(name)}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** One role that sees everything and changes nothing, one that may also end sessions. Their passwords stay: others use them already. */
async function watchingRoles(
  client: pg.Client,
  server: string,
): Promise<(url: string) => { read: string; act: string }> {
  const made = async (name: string, groups: string) => {
    const password = createHmac('sha256', new URL(server).password).update(name).digest('hex').slice(0, 36)
    const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [name])
    await client.query(`${rowCount ? 'alter' : 'create'} role ${name} login password '${password}'`)
    await client.query(`grant ${groups} to ${name}`)
    return (url: string) => Object.assign(new URL(url), { username: name, password }).href
  }
  const read = await made('shop_watcher', 'pg_monitor, pg_read_all_data')
  const act = await made('shop_operator', 'pg_monitor, pg_signal_backend')
  return (url) => ({ read: read(url), act: act(url) })
}
