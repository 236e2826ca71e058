import type { Clock } from '../../clock.js'
import type { AlertMessage, AlertReply, AlertTelling, Told } from '../../incidents/alerts/ports.js'
import type { Database } from '../database.js'
import { type AlertRow, alertRecord } from './alert-rows.js'

type MessageRow = Omit<AlertMessage, 'alert'> & { alert_row: AlertRow; told: Told | null }

/** What is to be told of alerts that open no incident, from rows. */
export function createAlertTelling(database: Database, clock: Clock): AlertTelling {
  return {
    stale: async (now, limit) => {
      const query = `select m.id, m.channel, m.ts, m.version, m.tries, a.told, to_jsonb(a) as alert_row
        from shipmate.alert_messages m join shipmate.alerts a on a.id = m.alert
        where m.stale_since is not null and (m.retry_at is null or m.retry_at <= $1) order by m.stale_since, m.id limit $2`
      const rows = await database.query<MessageRow>(query, [now, limit])
      return rows.map(({ alert_row, ...message }) => ({ ...message, alert: alertRecord(alert_row) }))
    },
    drawn: async (message, version, ts) => {
      await database.query(
        `update shipmate.alert_messages set ts = coalesce(ts, $3), drawn_version = $2, tries = 0, retry_at = null,
           error = null, stale_since = case when version > $2 then changed_at end where id = $1 and drawn_version <= $2`,
        [message, version, ts],
      )
    },
    failed: async (what, error, retryAt) => {
      const [table, id] =
        'message' in what ? (['alert_messages', what.message] as const) : (['alert_replies', what.reply] as const)
      const over = table === 'alert_messages' ? 'stale_since' : 'given_up_at'
      const given =
        table === 'alert_messages'
          ? 'case when $3::timestamptz is null then null else stale_since end'
          : 'case when $3::timestamptz is null then $4::timestamptz end'
      await database.query(
        `update shipmate.${table} set tries = tries + 1, error = $2, retry_at = $3, ${over} = ${given}
         where id = $1 and $4::timestamptz is not null`,
        [id, error.replaceAll('\0', ''), retryAt, clock.now()],
      )
    },
    pending: async (now, limit) => {
      const query = `select r.id, m.channel, m.ts, r.text, r.tries
        from shipmate.alert_replies r join shipmate.alert_messages m on m.id = r.message
        where r.sent_at is null and r.given_up_at is null and m.ts is not null and (r.retry_at is null or r.retry_at <= $1)
        order by r.id limit $2`
      return database.query<AlertReply>(query, [now, limit])
    },
    sent: async (reply) => {
      await database.query(
        'update shipmate.alert_replies set sent_at = $2, tries = tries + 1, error = null where id = $1',
        [reply, clock.now()],
      )
    },
    alertAt: async (channel, ts) => {
      const query = 'select alert from shipmate.alert_messages where channel = $1 and ts = $2'
      const [row] = await database.query<{ alert: number }>(query, [channel, ts])
      return row?.alert ?? null
    },
  }
}
