import { Socket } from 'node:net'
import type pg from 'pg'
import type { Log } from '../log.js'
import {
  type ConnectionPlan,
  codeOf,
  databaseError,
  isUnanswered,
  openClient,
  takeRole,
  unansweredMs,
} from './database.js'

/** One connection kept for what a session holds: advisory locks, LISTEN. Opened again at the next query after a loss. */
export type Session = {
  /** A `name` keeps the statement prepared on the connection. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[], name?: string): Promise<Row[]>
  /** How many rows it added or changed. */
  change(text: string, values: unknown[], name: string): Promise<number>
  /** Drops the connection as it is: for one that does not answer any more, though nobody says that it is gone. */
  cut(): void
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

  let socket: Socket | null = null

  async function open(): Promise<pg.Client> {
    const wire = new Socket()
    socket = wire
    const client = openClient(plan, { stream: () => wire, query_timeout: unansweredMs })
    client.on('error', (error) => log.warn({ code: codeOf(error), session: plan.name }, 'a database session broke'))
    try {
      await client.connect()
      await client.query(noticingDeadHosts)
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
      if (isUnanswered(thrown)) cut()
      throw databaseError(thrown)
    }
  }

  function cut(): void {
    socket?.destroy()
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
    cut,
    close: async () => {
      closed = true
      await last
      const client = await opening?.catch(() => null)
      await client?.end().catch(() => {})
    },
  }
}

/**
 * A dead host must not keep its locks for hours: the server gives it up after 16 silent seconds. That is later than a
 * worker cut off from the server gives itself up, so that it has stopped its calls when others take over.
 */
const noticingDeadHosts = `set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 2;
  set tcp_keepalives_count = 3; set tcp_user_timeout = 16000`
