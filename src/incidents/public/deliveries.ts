import type { JsonObject } from '../../json.js'
import type { IncidentId, IncidentRecord, Update } from '../incident.js'

/** Audiences outside the workspace that are told by somebody else's system. */
export type OutsideAudience = 'status page' | 'customers'

/** One published update for one audience. */
export type Delivery = {
  id: number
  incident: Pick<IncidentRecord, 'id' | 'team' | 'service' | 'environment' | 'severity' | 'declaredAt'>
  update: Pick<Update, 'id' | 'text' | 'phase'> & { publishedAt: Date }
  audience: OutsideAudience
  /** The same for the same update and audience, always. */
  key: string
  /** Tries before this one. */
  tries: number
  /** An earlier try was begun and its end is unknown: it may have arrived. */
  interrupted: boolean
  /** What the last update of this incident to this audience left, such as the other side's id. */
  before: JsonObject | null
}

/** How a delivery ended: told, or not set up. `said` is told in the incident's thread. */
export type DeliveryEnd = { outcome: JsonObject } | { error: string; retryAt: Date | null; said?: string }

export type Deliveries = {
  /** What is due; of one incident and audience the oldest alone. */
  due(now: Date, limit: number): Promise<Delivery[]>
  /** Before anything leaves: a try that was begun may have arrived. */
  begin(id: number, at: Date): Promise<void>
  end(id: number, end: DeliveryEnd, at: Date): Promise<void>
  of(incident: IncidentId): Promise<DeliveryRecord[]>
}

export type DeliveryRecord = {
  update: number
  audience: OutsideAudience
  sentAt: Date | null
  givenUpAt: Date | null
  tries: number
  error: string | null
}

/** A way to one audience. Throws ShipmateError; what it answers is kept for the next update of the incident. */
export type Channel = {
  /** What people call it: "the status page at statuspage.io". */
  name: string
  /** Sent once more with its key has the effect of once; otherwise people decide about what may have arrived. */
  repeatable: boolean
  send(delivery: Delivery): Promise<JsonObject>
}

/** Milliseconds until the next try; null when it is given up, after about an hour. */
export function pauseAfter(tries: number): number | null {
  return pauses[tries - 1] ?? null
}

const pauses = [5, 15, 30, 60, 120, 300, 600, 900, 1800].map((seconds) => seconds * 1000)
