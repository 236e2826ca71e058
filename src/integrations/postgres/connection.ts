import pg from 'pg'
import { z } from 'zod'
import { ShipmateError } from '../../errors.js'
import type { Database } from '../../releases/watch.js'
import type { WatchedParts } from '../watched/parts.js'
import { onlyLookedAt } from '../watched/parts.js'
import { databaseError } from './problems.js'

/** Asks one question; answers come through a schema. The text is always ours, values from outside are parameters. */
export type Sql = <Row>(text: string, row: z.ZodType<Row>, values?: unknown[]) => Promise<Row[]>

const connectWithinMs = 3_000
const statementWithinMs = 5_000
const lockWithinMs = 500

/** With the role that reads, in transactions that cannot write. */
export async function looking<T>(
  parts: WatchedParts,
  database: Database,
  signal: AbortSignal,
  look: (sql: Sql) => Promise<T>,
): Promise<T> {
  const url = await parts.secret(database.url)
  return connected(database.name, url, 'default_transaction_read_only = on', signal, look)
}

/** With the role that may act; refused where the operator's file gives none. */
export async function acting<T>(
  parts: WatchedParts,
  database: Database,
  signal: AbortSignal,
  act: (sql: Sql) => Promise<T>,
): Promise<T> {
  if (database.operator === null) throw onlyLookedAt('databases', database.name)
  const url = await parts.secret(database.operator)
  return connected(database.name, url, 'default_transaction_read_only = off', signal, act)
}

async function connected<T>(
  name: string,
  connectionString: string,
  setting: string,
  signal: AbortSignal,
  use: (sql: Sql) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const client = new pg.Client({
    connectionString,
    application_name: 'shipmate',
    connectionTimeoutMillis: connectWithinMs,
    statement_timeout: statementWithinMs,
    lock_timeout: lockWithinMs,
    // For a server that went silent: its own limits cannot be heard any more.
    query_timeout: statementWithinMs + 1_000,
  })
  client.on('error', () => {})
  const stop = () => void client.end().catch(() => {})
  signal.addEventListener('abort', stop)
  try {
    await client.connect()
    await client.query(`set ${setting}`)
    return await use(async (text, row, values = []) => z.array(row).parse((await client.query(text, values)).rows))
  } catch (error) {
    if (signal.aborted) throw new ShipmateError('stopped', 'look-stopped', `looking at ${name} was broken off`)
    throw databaseError(name, error)
  } finally {
    signal.removeEventListener('abort', stop)
    await client.end().catch(() => {})
  }
}
