import { type GuideHistory, type Rehearsals, type Rehearsed, scorePrefix } from '../../incidents/drills/rehearsals.js'
import type { StepEnd } from '../../incidents/drills/score.js'
import type { Database } from '../database.js'

/** When guides were gone through, and how. */
export const createRehearsals = (database: Database): Rehearsals => ({
  of: async (guide): Promise<GuideHistory> => {
    const [drills, followed] = await Promise.all([
      database.query<Rehearsed>(lastDrill, [scorePrefix, guide]),
      database.query<{ at: Date | null }>(
        `select max(r.ended_at) as at from shipmate.runs r where r.intent ->> 'job' = 'guide' and r.state = 'done'
           and r.intent -> 'recovery' -> 'drill' is null and r.intent -> 'input' ->> 'guide' = $1`,
        [guide],
      ),
    ])
    return { drill: drills[0] ?? null, followed: followed[0]?.at ?? null }
  },
  ends: async (run) => {
    const rows = await database.query<Omit<StepEnd, 'at'> & { at: string }>(
      `select e ->> 'at' as at, e -> 'subject' ->> 'step' as step, e -> 'subject' ->> 'state' as state
       from (select position, entry::jsonb as e from shipmate.audit where run = $1) a
       where e ->> 'act' = 'step ended' order by position`,
      [run],
    )
    return rows.map(({ at, ...end }) => ({ ...end, at: new Date(at) }))
  },
})

const lastDrill = `select t.at, t.incident, (t.data ->> 'points')::int as points, (t.data ->> 'of')::int as of
  from shipmate.incidents i join shipmate.incident_timeline t on t.incident = i.id and starts_with(t.key, $1)
  where i.source ->> 'kind' = 'drill' and t.data ->> 'guide' = $2 order by t.at desc limit 1`
