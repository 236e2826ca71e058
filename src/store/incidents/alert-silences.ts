import type { Silence, SilenceRows } from '../../incidents/alerts/ports.js'
import type { Database } from '../database.js'
import { toJson } from '../rows.js'

type SilenceRow = Omit<Silence, 'startsAt' | 'endsAt' | 'endedAt' | 'outsideId'> & {
  starts_at: Date
  ends_at: Date
  ended_at: Date | null
  outside_id: string | null
}

/** Silences in rows. One that a run made ends with it, whatever became of the run or of the worker that carried it. */
export function createSilenceRows(database: Database): SilenceRows {
  const many = async (query: string, values: unknown[]) =>
    (await database.query<SilenceRow>(query, values)).map(silence)
  return {
    make: async ({ key, covers, by, reason, run, startsAt, endsAt, outside }) => {
      const [made] = await many(
        `insert into shipmate.alert_silences (key, covers, by, reason, run, starts_at, ends_at, outside)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (key) do update set key = excluded.key returning *`,
        [key, toJson(covers), toJson(by), reason, run, startsAt, endsAt, outside],
      )
      if (!made) throw new Error('the silence that was just written cannot be read')
      return made
    },
    inForce: (now) =>
      many(
        `select s.* from shipmate.alert_silences s left join shipmate.runs r on r.id = s.run
         where s.ended_at is null and s.starts_at <= $1 and s.ends_at > $1 and r.ended_at is null order by s.id`,
        [now],
      ),
    end: async (which, at) => {
      const [column, value] = 'run' in which ? ['run', which.run] : ['key', which.key]
      const query = `update shipmate.alert_silences set ended_at = $2, retry_at = null
        where ${column} = $1 and ended_at is null returning id`
      const ended = await database.query<{ id: number }>(query, [value, at])
      for (const { id } of ended) await database.query(heardAgain, [id, at])
    },
    silencesToEnd: (now) =>
      many(
        `select s.* from shipmate.alert_silences s left join shipmate.runs r on r.id = s.run
         where (s.ended_at is null or s.outside in ('wanted', 'made'))
           and (s.ended_at is not null or s.ends_at <= $1 or r.ended_at is not null)
           and (s.retry_at is null or s.retry_at <= $1) order by s.id limit 100`,
        [now],
      ),
    silencesToMake: (now) =>
      many(
        `select s.* from shipmate.alert_silences s left join shipmate.runs r on r.id = s.run
         where s.outside = 'wanted' and s.ended_at is null and s.ends_at > $1 and r.ended_at is null
           and (s.retry_at is null or s.retry_at <= $1) order by s.id limit 100`,
        [now],
      ),
    change: async (id, { outside, outsideId, endedAt, retryAt, error }) => {
      await database.query(
        `update shipmate.alert_silences set outside = coalesce($2, outside), outside_id = coalesce($3, outside_id),
           ended_at = coalesce(ended_at, $4), retry_at = $5, error = $6,
           tries = case when $6::text is null then 0 else tries + 1 end where id = $1`,
        [id, outside ?? null, outsideId ?? null, endedAt ?? null, retryAt ?? null, error ?? null],
      )
      if (endedAt) await database.query(heardAgain, [id, endedAt])
    },
  }
}

/** What a silence kept quiet and still fires is looked at again. */
const heardAgain = `update shipmate.alerts a set silenced_until = $2 from shipmate.alert_silences s
  where s.id = $1 and a.told = 'silence' and a.ended_at is null and a.silenced_until > $2
    and case when s.covers ->> 'kind' = 'alert'
      then a.source = s.covers ->> 'source' and a.fingerprint = s.covers ->> 'fingerprint'
      else a.service = s.covers ->> 'service' and a.environment = s.covers ->> 'environment' end`

function silence({ starts_at, ends_at, ended_at, outside_id, ...row }: SilenceRow): Silence {
  const { id, key, covers, by, reason, run, outside, tries } = row
  return {
    ...{ id, key, covers, by, reason, run, outside, tries },
    startsAt: starts_at,
    endsAt: ends_at,
    endedAt: ended_at,
    outsideId: outside_id,
  }
}
