import type pg from 'pg'
import type { Log } from '../log.js'
import { type ConnectionPlan, codeOf, databaseError, openClient, takeRole } from './database.js'

/** One connection kept for what a session holds: advisory locks, LISTEN. Opened again at the next query after a loss. */
export type Session = {
  /** A `name` keeps the statement prepared on the connection. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[], name?: string): Promise<Row[]>
  /** How many rows it added or changed. */
  change(text: string, values: unknown[], name: string): Promise<number>
  close(): Promise<void>
}

type SessionParts = {
  plan: ConnectionPlan
  log: Log
  /** Each time a connection was opened, before anything else is asked of it. */
  onOpen?(client: pg.Client): Promise<void>
  /** Once for each connection that is gone: everything it held is gone too. */
  onLost(): void
}

export function createSession({ plan, log, onOpen, onLost }: SessionParts): Session {
  let opening: Promise<pg.Client> | null = null
  let ready: pg.Client | null = null
  let closed = false
  // One statement at a time, in the order they were asked for.
  let last: Promise<void> = Promise.resolve()
  let underWay = 0
  const over = () => {
    underWay--
  }

  async function open(): Promise<pg.Client> {
    const client = openClient(plan)
    client.on('error', (error) => log.warn({ code: codeOf(error), session: plan.name }, 'a database session broke'))
    try {
      await client.connect()
      // A dead host must not keep its locks for hours: the server looks after ten silent seconds.
      await client.query('set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3')
      await takeRole(client, plan.role)
      client.once('end', lost)
      await onOpen?.(client)
      ready = client
      return client
    } catch (thrown) {
      client.removeListener('end', lost)
      opening = null
      await client.end().catch(() => {})
      throw databaseError(thrown)
    }
  }

  function lost(): void {
    opening = null
    ready = null
    if (!closed) onLost()
  }

  async function ask<Row extends pg.QueryResultRow>(question: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
    opening ??= open()
    const client = ready ?? (await opening)
    try {
      return await client.query<Row>(question)
    } catch (thrown) {
      throw databaseError(thrown)
    }
  }

  function inTurn<Row extends pg.QueryResultRow>(question: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
    const answer = underWay === 0 ? ask<Row>(question) : last.then(() => ask<Row>(question))
    underWay++
    last = answer.then(over, over)
    return answer
  }

  return {
    query: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = [], name?: string) =>
      (await inTurn<Row>({ text, values, ...(name ? { name } : {}) })).rows,
    change: async (text, values, name) => (await inTurn({ text, values, name })).rowCount ?? 0,
    close: async () => {
      closed = true
      await last
      const client = await opening?.catch(() => null)
      await client?.end().catch(() => {})
    },
  }
}
