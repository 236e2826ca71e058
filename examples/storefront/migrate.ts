// Applies the release's migrations that the database does not have yet. Safe to run twice and by two at once.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'

const lock = 7_205_759
const folder = join(import.meta.dirname, 'migrations')

const client = new pg.Client({ connectionString: process.env.DATABASE_URL, connectionTimeoutMillis: 5000 })
try {
  await client.connect()
  await migrate(client)
} catch (error) {
  console.error(`migration failed: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  await client.end().catch(() => {})
}

async function migrate(db: pg.Client): Promise<void> {
  await db.query('select pg_advisory_lock($1)', [lock])
  await db.query(
    'create table if not exists shop_migrations (name text primary key, applied_at timestamptz not null default now())',
  )
  const { rows } = await db.query<{ name: string }>('select name from shop_migrations')
  const applied = new Set(rows.map((row) => row.name))
  const waiting = readdirSync(folder)
    .filter((name) => name.endsWith('.sql') && !applied.has(name))
    .sort()
  for (const name of waiting) await apply(db, name)
  console.log(waiting.length > 0 ? `${waiting.length} applied` : 'nothing to apply')
}

async function apply(db: pg.Client, name: string): Promise<void> {
  await db.query('begin')
  // A lock that is not granted soon fails the migration instead of queueing every query of the shop behind it.
  await db.query(`set local lock_timeout = '3s'`)
  await db.query(readFileSync(join(folder, name), 'utf8'))
  await db.query('insert into shop_migrations (name) values ($1)', [name])
  await db.query('commit')
  console.log(`applied ${name}`)
}
