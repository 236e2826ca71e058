import type { RoutineCall, RoutineDigest, RoutineTelling } from '../../releases/routines/ports.js'
import type { Database } from '../database.js'
import { type OccurrenceRow, occurrenceOf } from './routine-rows.js'

type DigestRow = Omit<RoutineDigest, 'occurrences' | 'earlier'> & {
  occurrences: OccurrenceRow[]
  earlier: OccurrenceRow[]
}
type CallRow = Omit<RoutineCall, 'occurrences'> & { occurrences: OccurrenceRow[] }

/** What is still to be told of routines, from rows. */
export const createRoutineTelling = (database: Database): RoutineTelling => ({
  stale: async (now, limit) =>
    (await database.query<DigestRow>(staleQuery, [now, limit])).map(({ occurrences, earlier, ...digest }) => ({
      ...digest,
      occurrences: occurrences.map(occurrenceOf),
      earlier: earlier.map(occurrenceOf),
    })),
  drawn: async (id, version, stands) => {
    await database.query(
      `update shipmate.routine_digests set channel = coalesce($3, channel), ts = coalesce($4, ts),
         shown = coalesce($5, shown), tries = 0, retry_at = null, error = null, stale = version <> $2 where id = $1`,
      [id, version, stands?.channel ?? null, stands?.ts ?? null, stands?.shown ?? null],
    )
  },
  gone: async (id) => {
    await database.query('update shipmate.routine_digests set ts = null, shown = null where id = $1', [id])
  },
  failed: async (id, error, retryAt) => {
    await database.query(
      `update shipmate.routine_digests set tries = tries + 1, error = $2, retry_at = $3,
         stale = $3::timestamptz is not null where id = $1`,
      [id, short(error), retryAt],
    )
  },
  calls: async (now, limit) =>
    (await database.query<CallRow>(callQuery, [now, limit])).map(({ occurrences, ...call }) => ({
      ...call,
      occurrences: occurrences.map(occurrenceOf),
    })),
  called: async (id, ts, now) => {
    await database.query(
      `update shipmate.routine_calls set tries = tries + 1, ts = $2, error = null,
         sent_at = case when $2::text is not null then $3::timestamptz end,
         given_up_at = case when $2::text is null then $3::timestamptz end where id = $1 and sent_at is null`,
      [id, ts, now],
    )
  },
  callFailed: async (id, error, retryAt, now) => {
    await database.query(
      `update shipmate.routine_calls set tries = tries + 1, error = $2, retry_at = $3,
         given_up_at = case when $3::timestamptz is null then $4::timestamptz end where id = $1 and sent_at is null`,
      [id, short(error), retryAt, now],
    )
  },
})

const short = (error: string): string => error.replaceAll('\0', '').slice(0, 500)

/** The newest message of a channel names what earlier ones still wait for. */
const staleQuery = `select d.id, d.place, d.at, d.version, d.channel, d.ts, d.shown, d.tries,
    (select coalesce(jsonb_agg(to_jsonb(o) order by o.id), '[]') from shipmate.routine_occurrences o
      where o.digest = d.id) as occurrences,
    (select coalesce(jsonb_agg(to_jsonb(o) order by o.id), '[]') from shipmate.routine_occurrences o
      join shipmate.routine_digests e on e.id = o.digest
      where e.place = d.place and e.id < d.id and o.ended is null and o.closed_at is null
        and not exists (select from shipmate.routine_digests n where n.place = d.place and n.id > d.id)) as earlier
  from shipmate.routine_digests d where d.stale and (d.retry_at is null or d.retry_at <= $1) order by d.id limit $2`

const callQuery = `select c.id, c.kind, c.people, c.groups, d.channel, d.ts, c.tries,
    (select coalesce(jsonb_agg(to_jsonb(o) order by o.id), '[]') from shipmate.routine_occurrences o
      where o.id = any (c.occurrences)) as occurrences
  from shipmate.routine_calls c join shipmate.routine_digests d on d.id = c.digest
  where c.sent_at is null and c.given_up_at is null and d.ts is not null
    and (c.retry_at is null or c.retry_at <= $1) order by c.id limit $2`
