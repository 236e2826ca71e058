import type { IncidentRecord } from '../../incidents/incident.js'
import type { Declaration, IncidentStore } from '../../incidents/ports.js'
import type { NewEntry } from '../../incidents/timeline.js'
import { digestOf } from '../../json.js'
import type { Database } from '../database.js'
import { auditText, toJson, wordsHash } from '../rows.js'
import {
  type IncidentRow,
  type IncidentViewRow,
  incidentRecord,
  incidentView,
  viewOfIncident,
} from './incident-rows.js'

/** Incidents in rows: each change is one transaction with its timeline, its messages and its audit rows. */
export function createIncidentStore(database: Database): IncidentStore {
  return {
    declare: (order) => declare(database, order),
    view: async (id) => {
      const [row] = await database.query<IncidentViewRow>(`${viewOfIncident} where i.id = $1`, [id])
      return row ? incidentView(row) : null
    },
    list: async ({ state, limit }) => {
      const query = `select * from shipmate.incidents where $1::text is null or state = $1 order by id desc limit $2`
      return (await database.query<IncidentRow>(query, [state ?? null, limit])).map(incidentRecord)
    },
    inChannel: async (channel) => {
      const query = `select id from shipmate.incidents where room ->> 'channel' = $1`
      const [row] = await database.query<{ id: number }>(query, [channel])
      return row?.id ?? null
    },
    rest: async (id, version, wakeAt) => {
      const rows = await database.query(
        'update shipmate.incidents set wake_at = $3 where id = $1 and version = $2 returning id',
        [id, version, wakeAt],
      )
      return rows.length > 0
    },
    write: async (id, version, change, at) => {
      const entries = (change.audit ?? []).map((entry) => auditText(entry, at))
      const [row] = await database.query<{ written: boolean }>(
        'select shipmate.write_incident($1, $2, $3, $4, $5) as written',
        [id, version, toJson({ ...change, audit: undefined }), entries, at],
      )
      return row?.written ?? false
    },
  }
}

async function declare(database: Database, order: Declaration): Promise<{ incident: IncidentRecord; fresh: boolean }> {
  const { severity, source, via, service, environment } = order
  const subject = { severity, source: digestOf(source), via, service, environment, ...wordsHash(order.title) }
  const entry = auditText({ actor: order.declaredBy, act: 'declared an incident', subject }, order.at)
  const first: NewEntry = { key: 'declared', kind: 'declared', at: order.at, by: order.declaredBy, text: order.title }
  const roles = order.roles.map((role) => ({ role, person: null, since: null }))
  const [made] = await database.query<{ incident: number; fresh: boolean }>(
    'select * from shipmate.declare_incident($1, $2, $3)',
    [toJson({ ...order, roles }), toJson(first), entry],
  )
  const [row] = await database.query<IncidentRow>('select * from shipmate.incidents where id = $1', [made?.incident])
  if (!made || !row) throw new Error('the incident that was just written cannot be read')
  return { incident: incidentRecord(row), fresh: made.fresh }
}
