import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { silentLog } from '../../src/log.js'
import { isAlive } from '../../src/store/embedded/postmaster.js'
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '../../src/store/embedded.js'
import { migrate } from '../../src/store/migrate.js'

export type TestDatabase = {
  /** What DATABASE_URL would say. */
  url: string
  ownerUrl: string
  drop(): Promise<void>
}

const prefix = 'shipmate-test-'
/** Tests may lose their data, so nothing waits for the disk. */
const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_wal_size=256MB']

/** The cluster of one test run: made for the process that runs the tests, whoever of its workers needs it first. */
export const clusterFolder = (runner: number) => join(tmpdir(), `${prefix}${runner}`)

/** A migrated, empty database of its own. `drop` ends whatever is still connected to it. */
export async function freshDatabase(): Promise<TestDatabase> {
  const server = await serverUrl()
  return madeFrom(server, await templateOn(server))
}

/** An empty database that nothing was migrated in. */
export async function bareDatabase(): Promise<TestDatabase> {
  return madeFrom(await serverUrl(), 'template1')
}

async function madeFrom(server: string, template: string): Promise<TestDatabase> {
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`
  await asAdministrator(server, `create database ${name} template ${template}`)
  const url = withDatabase(server, name)
  const drop = async () => {
    await asAdministrator(server, `drop database if exists ${name} with (force)`)
  }
  return { url, ownerUrl: url, drop }
}

let server: Promise<string> | null = null

function serverUrl(): Promise<string> {
  const given = process.env.TEST_DATABASE_URL
  const runner = Number(process.env.SHIPMATE_TEST_RUNNER ?? process.ppid)
  server ??= given
    ? Promise.resolve(given)
    : startEmbeddedPostgres({ dir: clusterFolder(runner), settings, log: silentLog }).then(({ url }) => url)
  return server
}

let template: Promise<string> | null = null
const templateName = () => `shipmate_template_${process.env.SHIPMATE_TEST_RUNNER ?? process.ppid}`

/** Migrated once for each test run; the advisory lock lets one worker do it and the others wait. */
function templateOn(url: string): Promise<string> {
  const name = templateName()
  template ??= inOwnSession(url, async (query) => {
    await query('select pg_advisory_lock(1936222590)')
    const found = await query('select datname from pg_database where datname = $1', [name])
    if (found.length > 0) return name
    await query(`create database ${name}_making`)
    await migrate(withDatabase(url, `${name}_making`), silentLog)
    await query(`alter database ${name}_making rename to ${name}`)
    return name
  })
  return template
}

const dropTemplate = (url: string) => inOwnSession(url, (query) => query(`drop database if exists ${templateName()}`))

type Ask = (text: string, values?: unknown[]) => Promise<unknown[]>

/** In a session of its own: what it locks is free again afterwards. */
async function inOwnSession<Result>(url: string, act: (query: Ask) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await act(async (text, values) => (await client.query(text, values)).rows)
  } finally {
    await client.end()
  }
}

let administrators: pg.Pool | null = null

/** Connections that stay, because a new one takes as long as half of making a database. */
async function asAdministrator(url: string, text: string): Promise<void> {
  // Without a listener a server that is stopped would end the tests.
  administrators ??= new pg.Pool({
    connectionString: url,
    max: 4,
    idleTimeoutMillis: 60_000,
    allowExitOnIdle: true,
  }).on('error', () => {})
  await administrators.query(text)
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}

/** Stops the clusters of this test run and of runs that were killed, and removes what they left. */
export async function stopClusters(): Promise<void> {
  if (process.env.TEST_DATABASE_URL) await dropTemplate(process.env.TEST_DATABASE_URL)
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const runner = Number(name.slice(prefix.length))
    if (runner !== process.pid && isAlive(runner)) continue
    const dir = join(tmpdir(), name)
    await stopEmbeddedPostgres(dir, silentLog)
    rmSync(dir, { recursive: true, force: true })
  }
}
