import { z } from 'zod'
import type { JsonObject } from '../../json.js'
import { cut, secondsShown } from '../watched/words.js'
import type { Sql } from './connection.js'

const seconds = z.coerce.number().nullable()

const sessionRow = z.object({
  pid: z.number(),
  /** To the microsecond, as the server writes it: tells this session from a later one with the same number. */
  started: z.string(),
  state: z.string().nullable(),
  role: z.string().nullable(),
  application: z.string().nullable(),
  client: z.string().nullable(),
  transaction: seconds,
  query: seconds,
  unchanged: seconds,
  waiting: seconds,
  blockers: z.array(z.number()),
  text: z.string().nullable(),
})
/** One session of the server; ages in seconds. */
export type Session = z.infer<typeof sessionRow>

const sessionsText = `
  select a.pid, a.backend_start::text as started, a.state, a.usename as role, a.application_name as application,
    host(a.client_addr) as client,
    extract(epoch from clock_timestamp() - a.xact_start) as transaction,
    case when a.state = 'active' then extract(epoch from clock_timestamp() - a.query_start) end as query,
    extract(epoch from clock_timestamp() - a.state_change) as unchanged,
    extract(epoch from clock_timestamp() - coalesce(
      (select min(l.waitstart) from pg_locks l where l.pid = a.pid and not l.granted),
      case when a.wait_event_type = 'Lock' then a.query_start end)) as waiting,
    case when a.wait_event_type = 'Lock' then pg_blocking_pids(a.pid) else '{}' end as blockers,
    left(a.query, 1000) as text
  from pg_stat_activity a
  where a.pid <> pg_backend_pid() and a.backend_type in ('client backend', 'autovacuum worker')`

/** Every session of the server: a lock on a shared object may be held from another database. */
export const allSessions = (sql: Sql): Promise<Session[]> => sql(sessionsText, sessionRow)

/** Sessions of clients in the database itself. */
export const ownSessions = (sql: Sql): Promise<Session[]> =>
  sql(`${sessionsText} and a.backend_type = 'client backend' and a.datname = current_database()`, sessionRow)

/** A statement without the values in it, which may be somebody's. */
export function withoutValues(statement: string): string {
  const bare = statement
    .replace(/\$([A-Za-z_]*)\$[\s\S]*?\$\1\$/g, '?')
    .replace(/'(?:[^']|'')*(?:'|$)/g, '?')
    .replace(/\b\d+(\.\d+)?\b/g, '?')
  return cut(bare, 160)
}

/** "pid 4711 (storefront v1.8.0, idle in transaction)" */
export const named = ({ pid, application, role, state }: Session): string =>
  `pid ${pid} (${[application || role, state].filter(Boolean).join(', ')})`

/** What of a session is shown in a thread. */
export const shown = (session: Session): JsonObject => ({
  pid: session.pid,
  who: [session.application, session.role, session.client].filter(Boolean).join(', '),
  state: session.state,
  ...(session.transaction !== null && { transaction: secondsShown(session.transaction) }),
  ...(session.waiting !== null && session.blockers.length > 0 && { waiting: secondsShown(session.waiting) }),
  statement: withoutValues(session.text ?? ''),
})
