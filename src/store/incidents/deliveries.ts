import type { IncidentRecord, Update } from '../../incidents/incident.js'
import type { Deliveries, Delivery, DeliveryRecord } from '../../incidents/public/deliveries.js'
import type { Database } from '../database.js'
import { toJson } from '../rows.js'

type DueRow = Pick<Delivery, 'id' | 'audience' | 'key' | 'tries' | 'interrupted' | 'before'> & {
  incident: number
  update: number
} & Pick<IncidentRecord, 'team' | 'service' | 'environment' | 'severity'> &
  Pick<Update, 'text' | 'phase'> & { declared_at: Date; published_at: Date }

/** What is still to be told outside, in rows. */
export function createDeliveries(database: Database): Deliveries {
  return {
    due: async (now, limit) => (await database.query<DueRow>(dueQuery, [now, limit])).map(delivery),
    begin: async (id, at) => {
      const query = 'update shipmate.incident_deliveries set begun_at = $2, tries = tries + 1 where id = $1'
      await database.query(query, [id, at])
    },
    end: async (id, end, at) => {
      await database.query('select shipmate.end_delivery($1, $2, $3)', [id, toJson(end), at])
    },
    of: (incident) =>
      database.query<DeliveryRecord>(
        `select update, audience, sent_at as "sentAt", given_up_at as "givenUpAt", tries, error
         from shipmate.incident_deliveries where incident = $1 order by id`,
        [incident],
      ),
  }
}

/** One that waits holds back those after it: nobody reads "resolved" before "identified". */
const dueQuery = `select d.id, d.audience, d.key, d.tries, d.begun_at is not null as interrupted, d.incident, d.update,
    i.team, i.service, i.environment, i.severity, i.declared_at, u.text, u.phase, u.published_at,
    (select e.outcome from shipmate.incident_deliveries e where e.incident = d.incident and e.audience = d.audience
      and e.sent_at is not null and e.id < d.id order by e.id desc limit 1) as before
  from shipmate.incident_deliveries d
    join shipmate.incidents i on i.id = d.incident join shipmate.incident_updates u on u.id = d.update
  where d.sent_at is null and d.given_up_at is null and (d.retry_at is null or d.retry_at <= $1)
    and not exists (select from shipmate.incident_deliveries e where e.incident = d.incident and e.audience = d.audience
      and e.id < d.id and e.sent_at is null and e.given_up_at is null)
  order by d.id limit $2`

function delivery(row: DueRow): Delivery {
  const { id, audience, key, tries, interrupted, before, team, service, environment, severity } = row
  return {
    ...{ id, audience, key, tries, interrupted, before },
    incident: { id: row.incident, team, service, environment, severity, declaredAt: row.declared_at },
    update: { id: row.update, text: row.text, phase: row.phase, publishedAt: row.published_at },
  }
}
