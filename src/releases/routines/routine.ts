import type { Actor } from '../../runs/run.js'

/**
 * Recurring work that people do. It stands here beside the operator's file and the people it names: it is no incident and
 * no run, and both the clock that asks for it and the faces that show it reach down to here.
 */
export type Routine = {
  name: string
  /** What is to be done, in a sentence or two. */
  says: string
  /** A cron text, read in the zone of the operator's file. */
  every: string
  owner: Owner
  /** Slack channel id. */
  channel: string
  /** Milliseconds from when it was asked for; then it counts as missed, or when it comes again if that is sooner. */
  within: number
  /** The guide that says how. */
  guide: string | null
  /** `required`: nobody says that it is done without a note or a link. */
  evidence: 'optional' | 'required'
  /** Who is called beside the owner when it is missed. */
  escalate: Owner | null
}

/** `onCall`: whoever is on call for that service, at the moment that it is asked for. */
export type Owner = { people: string[]; groups: string[]; onCall: string | null }

/** Whom a call names: people by id, groups by handle. */
export type Called = { people: string[]; groups: string[] }

/** What was asked for, as the operator's file said it then. `unasked`: so many before it passed while nobody asked. */
export type Asked = {
  says: string
  guide: string | null
  evidence: Routine['evidence']
  /** Whose it is, in words. */
  whose: string
  called: Called
  unasked: number
}

/** One moment at which a routine was due. */
export type Occurrence = {
  id: number
  routine: string
  dueAt: Date
  openedAt: Date
  /** From then on it counts as missed. */
  until: Date
  /** Null: it passed while nobody kept the clock, so nobody was asked and nothing can be said of it. */
  asked: Asked | null
  /** When the clock found it missed. That stays, whatever is done later. */
  missedAt: Date | null
  /** A newer one is due, or the operator's file has it no more: nothing is asked any longer. */
  closedAt: Date | null
  /** What somebody said of it; the note is the evidence, or why it was skipped. */
  ended: { as: TickedAs; by: Actor; at: Date; note: string } | null
}

export type TickedAs = 'done' | 'skipped'
