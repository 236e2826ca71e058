import type { JsonObject } from '../json.js'
import type { Actor } from '../runs/run.js'
import type { IncidentId } from './incident.js'

/** What a timeline tells: by itself (states, runs, alerts, roles, updates) or by people (a note, a pinned message). */
export const timelineKinds = [
  'declared',
  'state',
  'severity',
  'role',
  'impact',
  'suspect',
  'run',
  'guide',
  'alert',
  'update',
  'task',
  'page',
  'note',
  'pinned',
  'decision',
] as const
export type TimelineKind = (typeof timelineKinds)[number]

export type NewEntry = {
  /** Unique in its incident: the same thing twice is one entry. */
  key: string
  kind: TimelineKind
  /** When it happened, which may be before it was written down. */
  at: Date
  by: Actor | null
  /** One or two sentences, text from outside included; escaped where it is drawn. */
  text: string
  /** Links, pictures, figures. */
  data?: JsonObject
}

export type TimelineEntry = NewEntry & { incident: IncidentId; position: number; data: JsonObject }

/** The order in which it is read: when it happened, then when it was written down. */
export const inOrder = (entries: readonly TimelineEntry[]): TimelineEntry[] =>
  [...entries].sort((a, b) => a.at.getTime() - b.at.getTime() || a.position - b.position)
