import pg from 'pg'
import { ShipmateError } from '../../errors.js'
import { databaseError } from './problems.js'

/** Where a server is: a connection string, or a socket or address with a role. */
export type ServerAt = { url: string } | { host: string; port: number; user: string; database: string }

/** One connection of our own, for what the checks' short questions are too short for. */
export type Session = {
  rows<Row>(text: string, values?: unknown[]): Promise<Row[]>
  end(): Promise<void>
}

export type SessionLimits = {
  connectWithinMs?: number
  /** None given: as long as the signal lets it. */
  statementWithinMs?: number
  signal?: AbortSignal
}

/** Opens a session; aborted, it ends whatever it asks at that moment. `name` is what people call the server. */
export async function openSession(name: string, server: ServerAt, limits: SessionLimits = {}): Promise<Session> {
  const { connectWithinMs = 5_000, statementWithinMs, signal } = limits
  const at = 'url' in server ? { connectionString: server.url } : server
  const client = new pg.Client({
    ...at,
    application_name: 'shipmate',
    connectionTimeoutMillis: connectWithinMs,
    statement_timeout: statementWithinMs,
  })
  client.on('error', () => {})
  const stop = () => void client.end().catch(() => {})
  signal?.addEventListener('abort', stop, { once: true })
  const named = (error: unknown) =>
    signal?.aborted
      ? new ShipmateError('stopped', 'look-stopped', `looking at ${name} was broken off`)
      : databaseError(name, error)
  try {
    signal?.throwIfAborted()
    await client.connect()
  } catch (error) {
    signal?.removeEventListener('abort', stop)
    await client.end().catch(() => {})
    throw named(error)
  }
  return {
    rows: async <Row>(text: string, values: unknown[] = []) => {
      try {
        return (await client.query(text, values)).rows as Row[]
      } catch (error) {
        throw named(error)
      }
    },
    end: async () => {
      signal?.removeEventListener('abort', stop)
      await client.end().catch(() => {})
    },
  }
}

/** Opens, asks and closes. */
export async function inSession<T>(
  name: string,
  server: ServerAt,
  limits: SessionLimits,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(name, server, limits)
  try {
    return await use(session)
  } finally {
    await session.end()
  }
}
