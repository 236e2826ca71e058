import type { Denial } from '../releases/denial.js'
import type { Actor } from '../runs/run.js'
import type { IncidentView } from './incident.js'
import type { IncidentChange } from './ports.js'

/** What somebody's act makes of an incident, or why it makes nothing; pure, on the view it was decided on. */
export type Decision =
  /** `text` answers the person who acted. */
  | { kind: 'change'; change: IncidentChange; text: string }
  | { kind: 'denied'; denial: Denial }
  /** It is so already: nothing is written. */
  | { kind: 'so already'; text: string }

export type Deciding = { view: IncidentView; by: Actor; now: Date }

export const denied = (code: string, what: string, why: string, next: string): Decision => ({
  kind: 'denied',
  denial: { code, what, why, next },
})

export const changed = (text: string, change: IncidentChange): Decision => ({ kind: 'change', change, text })

/** The key of a timeline entry or message that may come again: unique for each act on this version. */
export const keyed = (name: string, { view }: Deciding): string => `${name}:${view.incident.version}`
