import type { AlertRecord } from '../../incidents/alert.js'

type Moment = Date | string

/** An alert's columns as they are read, straight from a query or out of JSON. */
export type AlertRow = Omit<
  AlertRecord,
  'group' | 'startedAt' | 'lastAt' | 'endedAt' | 'acknowledgedBy' | 'acknowledgedAt' | 'silencedUntil'
> & {
  alert_group: string | null
  started_at: Moment
  last_at: Moment
  ended_at: Moment | null
  acknowledged_by: string | null
  acknowledged_at: Moment | null
  silenced_until: Moment | null
}

export function alertRecord(row: AlertRow): AlertRecord {
  const { id, source, fingerprint, state, title, text, severity, service, environment, labels, link, data } = row
  return {
    ...{ id, source, fingerprint, state, title, text, severity, service, environment, labels, link, data },
    notices: row.notices,
    incident: row.incident,
    group: row.alert_group,
    startedAt: new Date(row.started_at),
    lastAt: new Date(row.last_at),
    endedAt: moment(row.ended_at),
    acknowledgedBy: row.acknowledged_by,
    acknowledgedAt: moment(row.acknowledged_at),
    silencedUntil: moment(row.silenced_until),
  }
}

const moment = (value: Moment | null): Date | null => (value === null ? null : new Date(value))
