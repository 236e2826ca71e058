import { z } from 'zod'
import { asShipmateError } from '../../errors.js'
import { type Check, type CheckResult, defineCheck } from '../../runs/abilities.js'
import { at, share } from '../watched/inputs.js'
import { notSetUp, type WatchedParts } from '../watched/parts.js'
import { percent } from '../watched/words.js'
import { looking } from './connection.js'
import { databaseAt } from './database-check.js'

const input = z.object({ ...at, maxShare: share.default(0.9) })

const row = z.object({
  used: z.coerce.number(),
  idle: z.coerce.number(),
  most: z.coerce.number(),
  users: z.array(z.object({ who: z.string(), sessions: z.number() })),
})
export type Use = z.infer<typeof row>

// Whichever is reached first stops everybody: the server's limit without its reserve, or the database's own.
const useText = `
  with own as (select * from pg_stat_activity where datname = current_database() and backend_type = 'client backend'),
    server as (select count(*) as used from pg_stat_activity where backend_type = 'client backend'),
    slots as (
      select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0) as most),
    limited as (select datconnlimit as most from pg_database where datname = current_database())
  select
    case when limited.most > 0 and limited.most < slots.most then (select count(*) from own) else server.used end as used,
    (select count(*) from own where state = 'idle') as idle,
    case when limited.most > 0 and limited.most < slots.most then limited.most else slots.most end as most,
    (select coalesce(json_agg(u), '[]'::json) from (
      select coalesce(nullif(application_name, ''), usename, 'unknown') as who, count(*)::int as sessions
      from own group by 1 order by 2 desc limit 5) u) as users
  from server, slots, limited`

/** How much of the room for connections is taken, and by whom. */
export const connectionsCheck = (parts: WatchedParts): Check =>
  defineCheck<z.infer<typeof input>>({
    name: 'postgres.connections',
    input,
    async run(given, { signal }) {
      const database = databaseAt(parts, given)
      if (database === null) return notSetUp(given, 'database')
      try {
        const [use] = await looking(parts, database, signal, (sql) => sql(useText, row))
        return use ? useVerdict(use, given.maxShare) : { outcome: 'error', summary: 'the server told nothing' }
      } catch (thrown) {
        const error = asShipmateError(thrown)
        if (error.code !== 'database-full') throw error
        const full = { value: '100 %', limit: percent(given.maxShare) }
        return {
          outcome: 'fail',
          summary: `every connection is taken (limit ${full.limit}); not even Shipmate gets one`,
          ...full,
          details: { came: error.came ?? '' },
          next: next([]),
        }
      }
    },
  })

export function useVerdict({ used, idle, most, users }: Use, limit: number): CheckResult {
  const taken = most === 0 ? 1 : used / most
  const outcome = taken > limit ? 'fail' : taken > limit * 0.85 ? 'warn' : 'pass'
  const figures = { value: percent(taken), limit: percent(limit) }
  return {
    outcome,
    summary: `${used} of ${most} connections are taken (${figures.value}, limit ${figures.limit}), ${idle} of them idle`,
    ...figures,
    details: { used, idle, most, users },
    ...(outcome !== 'pass' && { next: next(users) }),
    output: { used, idle, most },
  }
}

const next = ([most]: Use['users']) =>
  `End idle sessions${most ? `; ${most.who} has the most (${most.sessions})` : ''}. Then look for a leak before raising the limit.`
