import { watchedFor } from '../../incidents/fixes.js'
import type { SolvedIncident, SolvedRows } from '../../incidents/review/known-errors.js'
import type { Database } from '../database.js'

/** Incidents that are over, with what was wrong and what helped; nothing of a private one. */
export const createSolvedRows = (database: Database): SolvedRows => ({
  solved: (service, since, limit) =>
    database.query<SolvedIncident>(solvedQuery, [service, since, limit, watchedFor / 1_000]),
})

const solvedQuery = `select i.id as incident, i.title, i.service, i.environment, i.resolved_at as "resolvedAt",
    coalesce((select jsonb_agg(distinct a.source || '/' || a.fingerprint) from shipmate.alerts a where a.incident = i.id),
      '[]') as fingerprints,
    coalesce((select jsonb_agg(distinct a.title) from shipmate.alerts a where a.incident = i.id), '[]') as alerts,
    (select coalesce(jsonb_agg(jsonb_build_object('kind', s -> 'kind', 'key', s -> 'key')), '[]')
      from jsonb_array_elements(i.suspects) s) as suspects,
    (select g.intent -> 'input' ->> 'guide' from shipmate.runs g where g.id = i.guide and g.state = 'done') as guide,
    (select (r.intent ->> 'job') || ' of ' || r.service from shipmate.incident_runs p join shipmate.runs r on r.id = p.run
      where p.incident = i.id and p.part = 'recovery' and r.state = 'done' order by r.ended_at desc limit 1) as recovery,
    (select coalesce(k.fix ->> 'version', k.text) from shipmate.incident_tasks k
      where k.incident = i.id and k.kind = 'fix' and k.fix -> 'back' = 'null'
        and k.done_at >= (k.fix ->> 'liveAt')::timestamptz + make_interval(secs => $4) order by k.id desc limit 1) as fix,
    (select case t.kind when 'decision' then t.text else t.data ->> 'reason' end
      from shipmate.incident_timeline t
      where t.incident = i.id and (t.kind = 'decision' or (t.kind = 'state' and t.data ? 'reason'))
      order by t.kind = 'decision' desc, t.position desc limit 1) as decision
  from shipmate.incidents i
  where i.state in ('resolved', 'archived') and not i.private and i.resolved_at >= $2 and i.source ->> 'kind' <> 'drill'
    and ($1::text is null or i.service is null or i.service = $1)
  order by i.resolved_at desc limit $3`
