import type { OutsideChange } from '../../incidents/alert.js'
import type { IncidentId, RunPart } from '../../incidents/incident.js'
import type { IncidentReads } from '../../incidents/ports.js'
import type { Database } from '../database.js'
import { type IncidentRow, incidentRecord, type TimelineRow, timelineEntry } from './incident-rows.js'

export function createIncidentReads(database: Database): IncidentReads {
  return {
    timeline: async (id) => {
      const query = `select incident, position, key, kind, at, by, text, data from shipmate.incident_timeline
        where incident = $1 order by position`
      return (await database.query<TimelineRow>(query, [id])).map(timelineEntry)
    },
    posted: async (id) => {
      const query = 'select key from shipmate.incident_posts where incident = $1'
      return (await database.query<{ key: string }>(query, [id])).map(({ key }) => key)
    },
    due: async (now) => {
      const query = 'select id from shipmate.incidents where wake_at <= $1 order by wake_at'
      return (await database.query<{ id: IncidentId }>(query, [now])).map(({ id }) => id)
    },
    openAt: async (service, environment) => {
      const query = `select * from shipmate.incidents where state = 'open' and source ->> 'kind' <> 'drill'
        and (service is null or $1::text is null or service = $1)
        and (environment is null or $2::text is null or environment = $2) order by id desc`
      return (await database.query<IncidentRow>(query, [service, environment])).map(incidentRecord)
    },
    ofRun: (run) =>
      database.query<{ incident: IncidentId; part: RunPart }>(
        'select incident, part from shipmate.incident_runs where run = $1 order by incident',
        [run],
      ),
    ofRuns: async (runs) => {
      const query = `select distinct r.incident as id from shipmate.incident_runs r
        join shipmate.incidents i on i.id = r.incident where r.run = any ($1) and i.state in ('open', 'resolved')`
      return (await database.query<{ id: IncidentId }>(query, [runs])).map(({ id }) => id)
    },
    changes: (from, to) =>
      database.query<OutsideChange>(
        `select key, source, what, service, environment, by, at, link from shipmate.outside_changes
         where at between $1 and $2 order by at desc`,
        [from, to],
      ),
  }
}
