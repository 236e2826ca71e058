import type { AlertRecord } from '../../incidents/alert.js'
import type { AlertDesk } from '../../incidents/ports.js'
import type { Database } from '../database.js'
import { toJson } from '../rows.js'
import { type AlertRow, alertRecord } from './alert-rows.js'

/** Alerts and changes from outside, each once. */
export function createAlertDesk(database: Database): AlertDesk {
  const one = async (id: number): Promise<AlertRecord | null> => {
    const [row] = await database.query<AlertRow>('select * from shipmate.alerts where id = $1', [id])
    return row ? alertRecord(row) : null
  }
  return {
    receive: async (notice, at) => {
      const query = 'select * from shipmate.receive_alert($1, $2)'
      type Received = { alert: number; fresh: boolean; turned: boolean }
      const [row] = await database.query<Received>(query, [toJson(notice), at])
      const alert = row && (await one(row.alert))
      if (!row || !alert) throw new Error('the alert that was just written cannot be read')
      return { alert, fresh: row.fresh, turned: row.turned }
    },
    alert: one,
    list: async ({ firing, incident, since, marks, limit }) => {
      const query = `select * from shipmate.alerts where ($1::boolean is null or (ended_at is null) = $1)
        and ($2::bigint is null or incident = $2) and ($3::timestamptz is null or last_at >= $3)
        and ($5::text[] is null or source || '/' || fingerprint = any ($5))
        order by started_at desc, id desc limit $4`
      const values = [firing ?? null, incident ?? null, since ?? null, limit, marks ?? null]
      return (await database.query<AlertRow>(query, values)).map(alertRecord)
    },
    change: async (id, change) => {
      const given = Object.entries(columns).filter(([name]) => name in change)
      if (given.length === 0) return
      const sets = given.map(([, column], index) => `${column} = $${index + 2}`).join(', ')
      const values = given.map(([name]) => change[name as keyof typeof columns] ?? null)
      await database.query(`update shipmate.alerts set ${sets} where id = $1`, [id, ...values])
    },
    changed: async ({ key, source, what, service, environment, by, at, link }) => {
      const rows = await database.query(
        `insert into shipmate.outside_changes (key, source, what, service, environment, by, at, link)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning key`,
        [key, source, what, service, environment, by, at, link],
      )
      return { fresh: rows.length > 0 }
    },
  }
}

const columns = {
  incident: 'incident',
  acknowledgedBy: 'acknowledged_by',
  acknowledgedAt: 'acknowledged_at',
  silencedUntil: 'silenced_until',
}
