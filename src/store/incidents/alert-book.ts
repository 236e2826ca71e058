import type { AlertRecord } from '../../incidents/alert.js'
import type { AlertBook, AlertIntake, AlertTurns, Told } from '../../incidents/alerts/ports.js'
import type { IncidentId } from '../../incidents/incident.js'
import { type ConnectionPlan, type Database, databaseError, openClient, takeRole } from '../database.js'
import { auditText, toJson } from '../rows.js'
import { type AlertRow, alertRecord } from './alert-rows.js'

type StandingRow = AlertRow & { told: Told | null; duplicate_of: number | null }

export const createAlertIntake = (database: Database): AlertIntake => ({
  take: async ({ source, key, notices, changes }, at) => {
    const query = 'select * from shipmate.take_delivery($1, $2, $3, $4, $5)'
    const values = [source, key, toJson(notices), toJson(changes), at]
    const [row] = await database.query<{ taken: boolean; turned: number }>(query, values)
    return row ?? { taken: false, turned: 0 }
  },
})

/** What becomes of alerts, in rows. */
export function createAlertBook(database: Database): AlertBook {
  return {
    unjudged: async (now, limit) => {
      const rows = await database.query<StandingRow>(
        `select * from shipmate.alerts where judged_at is null
           or (told = 'silence' and ended_at is null and silenced_until <= $1) order by started_at, id limit $2`,
        [now, limit],
      )
      return rows.map((row) => ({ alert: alertRecord(row), told: row.told, duplicateOf: row.duplicate_of }))
    },
    around: (alert, since) => around(database, alert, since),
    judged: async (alert, { told, incident, severity, silencedUntil, duplicateOf }, at) => {
      await database.query(
        `update shipmate.alerts set told = $2, judged_at = $3, incident = coalesce($4, incident),
           severity = coalesce($5, severity), silenced_until = case when $6 then $7 else silenced_until end,
           duplicate_of = coalesce($8, duplicate_of) where id = $1`,
        [
          ...[alert, told, at, incident ?? null, severity ?? null, silencedUntil !== undefined],
          ...[silencedUntil ?? null, duplicateOf ?? null],
        ],
      )
      await database.query('select shipmate.touch_alert_message($1, $2)', [alert, at])
    },
    tell: async (alert, channel, reply, since, at) => {
      const values = [alert, channel, reply && toJson(reply), since, at]
      await database.query('select shipmate.tell_alert($1, $2, $3, $4, $5)', values)
    },
    acted: async (alert, by, act, at) => {
      await database.query('select shipmate.append_outside($1)', [
        auditText({ actor: by, act, subject: { alert } }, at),
      ])
      await database.query('select shipmate.touch_alert_message($1, $2)', [alert, at])
    },
    forget: async (deliveries, silent, at) => {
      await database.query('delete from shipmate.webhook_deliveries where at < $1', [deliveries])
      await database.query(
        `update shipmate.alerts set state = 'resolved', ended_at = $2, judged_at = null, data = data || '{"unheard": true}'
         where ended_at is null and last_at < $1`,
        [silent, at],
      )
    },
  }
}

async function around(database: Database, alert: AlertRecord, since: Date) {
  const { source, fingerprint, group, id } = alert
  const [before, ofGroup, lately, latest] = await Promise.all([
    database.query<AlertRow>(
      'select * from shipmate.alerts where source = $1 and fingerprint = $2 and id < $3 order by id desc limit 1',
      [source, fingerprint, id],
    ),
    database.query<{ id: IncidentId }>(
      `select i.id from shipmate.alerts a join shipmate.incidents i on i.id = a.incident
       where a.source = $1 and a.alert_group = $2 and i.state = 'open' order by i.id limit 1`,
      [source, group],
    ),
    database.query<AlertRow>(
      `select * from shipmate.alerts where started_at >= $1 and (told is null or told in ('incident', 'message'))
       order by started_at, id limit 2000`,
      [since],
    ),
    database.query<{ incident: IncidentId; at: Date }>(
      `select a.incident, max(a.started_at) as at from shipmate.alerts a
       join shipmate.incidents i on i.id = a.incident and i.state = 'open' group by a.incident`,
    ),
  ])
  return {
    before: before[0] ? alertRecord(before[0]) : null,
    ofGroup: ofGroup[0]?.id ?? null,
    lately: lately.map(alertRecord),
    latest,
  }
}

const turnOfAlerts = 1936222592

/**
 * A lock that is held for one transaction on a connection of its own, opened for it. The server ends a transaction that
 * stands idle for too long, so a process that hangs keeps nobody waiting.
 */
export function createAlertTurns(plan: ConnectionPlan): AlertTurns {
  let last: Promise<unknown> = Promise.resolve()

  async function turn<T>(work: () => Promise<T>): Promise<T> {
    const client = openClient(plan)
    client.on('error', () => {})
    try {
      await client.connect()
      await takeRole(client, plan.role)
      await client.query('begin')
      await client.query('select pg_advisory_xact_lock($1, 0)', [turnOfAlerts])
    } catch (thrown) {
      await client.end().catch(() => {})
      throw databaseError(thrown)
    }
    try {
      return await work()
    } finally {
      await client.end().catch(() => {})
    }
  }

  return {
    inTurn: (work) => {
      const mine = last.then(() => turn(work))
      last = mine.catch(() => {})
      return mine
    },
  }
}
