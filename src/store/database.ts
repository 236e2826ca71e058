import pg from 'pg'
import { failed, faulted, type ShipmateError } from '../errors.js'
import type { Log } from '../log.js'

/** A `name` keeps the statement prepared on each connection that has met it. */
export type Query = <Row extends pg.QueryResultRow>(text: string, values?: unknown[], name?: string) => Promise<Row[]>

/** A pool that sets the application role on each connection and speaks in ShipmateErrors. */
export type Database = { query: Query; close(): Promise<void> }

export type ConnectionPlan = {
  url: string
  /** Shown in pg_stat_activity. */
  name: string
  /** The role that every connection takes on; null stays who the url says. */
  role: string | null
}

export function openDatabase(plan: ConnectionPlan, log: Log, size = 10): Database {
  const pool = new pg.Pool({
    ...clientConfig(plan),
    max: size,
    query_timeout: unansweredMs,
    idleTimeoutMillis: 30_000,
    onConnect: (client) => takeRole(client, plan.role),
  })
  // An idle connection that breaks (a restart) is replaced at the next query; without a listener it would end the process.
  pool.on('error', (error) => log.warn({ code: codeOf(error) }, 'a database connection broke; it is replaced'))
  return {
    query: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = [], name?: string) => {
      try {
        return (await pool.query<Row>({ text, values, ...(name ? { name } : {}) })).rows
      } catch (thrown) {
        throw databaseError(thrown)
      }
    },
    close: () => pool.end(),
  }
}

/** Longer than the server gives any statement: after this nobody is there, whatever the network says. */
export const unansweredMs = 20_000

export const isUnanswered = (thrown: unknown): boolean =>
  thrown instanceof Error && /query read timeout/i.test(thrown.message)

/** One connection of its own, not yet open. */
export function openClient(plan: ConnectionPlan, settings: pg.ClientConfig = {}): pg.Client {
  return new pg.Client({ ...clientConfig(plan), ...settings })
}

export async function takeRole(client: pg.ClientBase, role: string | null): Promise<void> {
  if (role) await client.query(`set role ${pg.escapeIdentifier(role)}`)
}

function clientConfig({ url, name }: ConnectionPlan): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 15_000,
    idle_in_transaction_session_timeout: 15_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    types: { getTypeParser: parserFor },
  }
}

const int8 = 20

/** Run numbers, epochs and versions stay far below 2^53. */
const parserFor = ((oid: number, format?: 'text' | 'binary') =>
  oid === int8 ? Number : pg.types.getTypeParser(oid, format ?? 'text')) as typeof pg.types.getTypeParser

/** Classes: 08 connection, 53 resources, 57P admin shutdown or starting up, 40 serialization and deadlock, 25006 a standby. */
const transientSqlState = /^(08|53|57P|40|25006)/
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
])
const brokenConnection =
  /connection terminated|timeout exceeded when trying to connect|timeout expired|query read timeout|not queryable|client was closed/i

/** What the database said, as an error that says whether trying again helps; its text may hold no secret of ours. */
export function databaseError(thrown: unknown): ShipmateError {
  const code = codeOf(thrown)
  const came = thrown instanceof Error && thrown.message ? thrown.message : code
  if (transientSqlState.test(code) || networkCodes.has(code) || brokenConnection.test(came)) {
    return failed('database-unreachable', 'Shipmate cannot reach its database.', {
      came,
      next: 'What was accepted before goes on when it is back. Look whether PostgreSQL runs, then ask again.',
      transient: true,
      cause: thrown,
    })
  }
  if (code === '57014') {
    return failed('database-slow', 'Shipmate’s database took too long.', { came, transient: true, cause: thrown })
  }
  return faulted('database-error', 'the database refused a statement', { came, cause: thrown })
}

export function codeOf(thrown: unknown): string {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined
  return typeof code === 'string' ? code : 'unknown'
}
