import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import { failed, refused } from '../errors.js'
import { digestOf } from '../json.js'
import type { Log } from '../log.js'
import { codeOf, databaseError, openClient } from './database.js'

/** The role that the application takes on: it can add audit rows and never change them. */
export const appRole = 'shipmate_app'

type Migration = { number: number; name: string; kind: 'expand' | 'contract'; sql: string; digest: string }

/** Brings the database to this program's schema, once, whoever else starts at the same moment. */
export async function migrate(ownerUrl: string, log: Log): Promise<void> {
  const client = openClient({ url: ownerUrl, name: 'shipmate migrations', role: null }, { statement_timeout: 0 })
  client.on('error', (error) => log.warn({ code: codeOf(error) }, 'the connection that migrates broke'))
  try {
    await client.connect()
    if (await isUpToDate(client)) return
    await refuseOldServer(client)
    await ensureAppRole(client)
    await client.query('select pg_advisory_lock(1936222580, 0)')
    await applyPending(client, log)
    await grantToApp(client)
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === 'ShipmateError') throw thrown
    throw databaseError(thrown)
  } finally {
    await client.end().catch(() => {})
  }
}

type Done = { number: number; name: string; kind: string; digest: string }

/** One question: most starts find a database that this program, or the one before it, has migrated. */
async function isUpToDate(client: pg.Client): Promise<boolean> {
  const done = await client
    .query<Done & { member: boolean | null }>(
      `select number, name, kind, digest,
         (select pg_has_role(current_user, oid, 'member') from pg_roles where rolname = $1) as member
       from shipmate.migrations order by number`,
      [appRole],
    )
    .then(({ rows }) => rows)
    // Nothing is there yet, or not for this user: the long way says what is wrong.
    .catch(() => [])
  const known = migrations()
  for (const one of done) refuseForeign(one, known)
  const isDone = (number: number) => done.some((one) => one.number === number && one.member)
  return known.every(({ number }) => isDone(number))
}

async function refuseOldServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: string; version: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as version`,
  )
  refuseOldVersion(Number(rows[0]?.number ?? 0), rows[0]?.version ?? 'unknown')
}

/** `number` as PostgreSQL counts: 140005 is 14.5. */
export function refuseOldVersion(number: number, version: string): void {
  if (number >= 140_000) return
  throw refused('database-too-old', 'this PostgreSQL is too old for Shipmate', {
    wanted: 'PostgreSQL 14 to 18',
    came: `PostgreSQL ${version}`,
    next: 'Point DATABASE_URL at a newer server, or leave it out to use the embedded one.',
  })
}

/** SET ROLE works wherever roles can be made at all, and needs no second password to keep. */
async function ensureAppRole(client: pg.Client): Promise<void> {
  const exists = await client.query('select from pg_roles where rolname = $1', [appRole])
  if (exists.rowCount === 0) await createAppRole(client)
  if (await canTakeRole(client)) return
  await client.query(`grant ${appRole} to current_user`)
}

async function createAppRole(client: pg.Client): Promise<void> {
  try {
    await client.query(`create role ${appRole} nologin`)
  } catch (thrown) {
    // Roles belong to the whole server: another database's migration may have made it a moment ago.
    if (codeOf(thrown) === '42710' || codeOf(thrown) === '23505') return
    if (codeOf(thrown) !== '42501') throw thrown
    throw refused('database-role-missing', 'the database user may not create the role Shipmate works under', {
      wanted: `a role named ${appRole} that this user is a member of`,
      came: 'permission denied to create a role',
      next: `As an administrator: create role ${appRole} nologin; grant ${appRole} to <the user of DATABASE_URL>;`,
    })
  }
}

async function canTakeRole(client: pg.Client): Promise<boolean> {
  try {
    await client.query(`set role ${appRole}`)
    await client.query('reset role')
    return true
  } catch (thrown) {
    if (codeOf(thrown) === '42501') return false
    throw thrown
  }
}

async function applyPending(client: pg.Client, log: Log): Promise<void> {
  await client.query('create schema if not exists shipmate')
  await client.query(`create table if not exists shipmate.migrations (number int primary key, name text not null,
    kind text not null, digest text not null, applied_at timestamptz not null default now())`)
  const { rows } = await client.query<Done>(
    'select number, name, kind, digest from shipmate.migrations order by number',
  )
  const known = migrations()
  for (const done of rows) refuseForeign(done, known)
  for (const migration of known.filter(({ number }) => !rows.some((done) => done.number === number))) {
    await apply(client, migration)
    log.info({ migration: migration.name }, 'migrated the database')
  }
}

async function apply(client: pg.Client, { number, name, kind, sql, digest }: Migration): Promise<void> {
  await client.query('begin')
  try {
    await client.query(sql)
    await client.query('insert into shipmate.migrations (number, name, kind, digest) values ($1, $2, $3, $4)', [
      number,
      name,
      kind,
      digest,
    ])
    await client.query('commit')
  } catch (thrown) {
    await client.query('rollback')
    throw failed('migration-failed', `the migration ${name} did not work; nothing of it was kept`, {
      came: thrown instanceof Error ? thrown.message : String(thrown),
      cause: thrown,
    })
  }
}

/** A newer program's expansions leave an older one working; its contractions do not, and neither do changed files. */
function refuseForeign(done: Done, known: Migration[]): void {
  const mine = known.find(({ number }) => number === done.number)
  if (mine ? mine.digest === done.digest : done.kind === 'expand') return
  throw refused('database-other-version', 'the database was migrated by another version of Shipmate', {
    wanted: mine
      ? `the migration ${mine.name} as this version has it`
      : 'only migrations that this version can live with',
    came: `${done.name}, ${mine ? 'with other contents' : 'which this version does not know'}`,
    next: 'Start the newer version of Shipmate, or use another database.',
  })
}

/** The .sql files beside this one, in order. */
function migrations(): Migration[] {
  const folder = new URL('./migrations/', import.meta.url)
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  return names.sort().map((name) => {
    const sql = readFileSync(new URL(name, folder), 'utf8')
    const kind = /^--! (expand|contract)\n/.exec(sql)?.[1]
    if (kind !== 'expand' && kind !== 'contract')
      throw new Error(`${name} does not begin with --! expand or --! contract`)
    return { number: Number.parseInt(name, 10), name, kind, sql, digest: digestOf(sql) }
  })
}

/** Said again after each migration, so that a table of a new one cannot be forgotten. */
async function grantToApp(client: pg.Client): Promise<void> {
  const role = pg.escapeIdentifier(appRole)
  await client.query(`begin;
    grant usage on schema shipmate to ${role};
    grant usage, select on all sequences in schema shipmate to ${role};
    grant select, insert, update, delete on all tables in schema shipmate to ${role};
    revoke update, delete, truncate on shipmate.audit from ${role};
    revoke insert, update, delete, truncate on shipmate.migrations from ${role};
    commit`)
}
