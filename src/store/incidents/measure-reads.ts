import type { MeasuredDeploy, MeasuredIncident, MeasureReads } from '../../incidents/measures/measures.js'
import { verdictPrefix } from '../../incidents/review/suspects.js'
import type { Database } from '../database.js'

/** Deploys and incidents with what links them, for the measures. */
export function createMeasureReads(database: Database): MeasureReads {
  return {
    deploys: (environment, from, to) =>
      database.query<Omit<MeasuredDeploy, 'builtAt'>>(deploysQuery, [environment, from, to, verdictPrefix]),
    incidents: (environment, from, to) =>
      database.query<MeasuredIncident>(
        `select id, service, severity, declared_at as "declaredAt", acknowledged_at as "acknowledgedAt",
           resolved_at as "resolvedAt"
         from shipmate.incidents where declared_at >= $2 and declared_at <= $3 and state <> 'duplicate'
           and source ->> 'kind' <> 'drill' and (environment is null or environment = $1) order by id`,
        [environment, from, to],
      ),
  }
}

/**
 * A deploy counts once it changed something, unless a drill began it. It caused an incident when it is a suspect there and a person said so last,
 * or nobody said otherwise and a rollback of that incident, done, put away the version it brought.
 */
const deploysQuery = `select r.id as run, r.service, r.environment, r.plan -> 'pinned' ->> 'version' as version,
    r.ended_at as "endedAt", r.state = 'done' as "wentLive", cause.incident as caused
  from shipmate.runs r left join lateral (
    select s.incident from shipmate.incident_runs s
      left join lateral (select t.data ->> 'verdict' as verdict from shipmate.incident_timeline t
        where t.incident = s.incident and starts_with(t.key, $4) and t.data ->> 'suspect' = 'run:' || r.id
        order by t.position desc limit 1) said on true
      join shipmate.incidents i on i.id = s.incident and i.source ->> 'kind' <> 'drill'
    where s.run = r.id and s.part = 'suspect' and (said.verdict = 'confirmed' or said.verdict is null and exists (
      select from shipmate.incident_runs b join shipmate.runs back on back.id = b.run
      where b.incident = s.incident and b.part = 'recovery' and back.state = 'done' and back.intent ->> 'job' = 'rollback'
        and back.service = r.service and back.environment = r.environment
        and (back.parent = r.id or back.plan -> 'pinned' ->> 'replaces' = r.plan -> 'pinned' ->> 'version')))
    order by s.incident limit 1) cause on true
  where r.intent ->> 'job' = 'deploy' and r.intent -> 'recovery' -> 'drill' is null and r.environment = $1 and r.started_at is not null
    and r.ended_at >= $2 and r.ended_at <= $3
    and r.state in ('done', 'undone', 'failed', 'faulted', 'timed out', 'lost')
  order by r.ended_at, r.id`
