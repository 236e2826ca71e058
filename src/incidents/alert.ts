import type { JsonObject } from '../json.js'
import type { IncidentId, Severity } from './incident.js'

/** One alert in our words, whoever sent it. */
export type AlertNotice = {
  /** The sender: alertmanager, grafana, sentry, pagerduty, github, stripe, n8n, generic. */
  source: string
  /** The same for the same trouble, however often it is sent. */
  fingerprint: string
  /** What alerts that belong together share (Alertmanager's groupKey); null when the sender knows none. */
  group: string | null
  state: 'firing' | 'resolved'
  title: string
  text: string
  severity: Severity | null
  service: string | null
  environment: string | null
  labels: { [name: string]: string }
  /** A web address with more. */
  link: string | null
  startedAt: Date
  endedAt: Date | null
  /** What the sender's own answer needs: ids for silencing and acknowledging there. */
  data: JsonObject
}

/** An alert as it is kept: every further notice of it changes this row. */
export type AlertRecord = Omit<AlertNotice, 'startedAt' | 'endedAt'> & {
  id: number
  startedAt: Date
  lastAt: Date
  endedAt: Date | null
  /** Notices received, repeats included. */
  notices: number
  incident: IncidentId | null
  acknowledgedBy: string | null
  acknowledgedAt: Date | null
  silencedUntil: Date | null
}

/** Something that changed outside Shipmate: a deploy by hand, a flag, a configuration. It is a suspect too. */
export type OutsideChange = {
  /** Unique with its source. */
  key: string
  source: string
  what: string
  service: string | null
  environment: string | null
  by: string | null
  at: Date
  link: string | null
}
