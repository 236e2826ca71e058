import type { Actor } from '../../runs/run.js'
import type { Clockwork } from './calendar.js'
import type { Asked, Called, Occurrence, TickedAs } from './routine.js'

/** One that is to be asked for: `place` is its channel, `day` the calendar's day whose message it stands on. */
export type Opening = {
  routine: string
  dueAt: Date
  until: Date
  asked: Asked
  place: string
  day: string
  /** Moments before it that nobody was asked for: on record as missed. */
  passed: Date[]
}

/** What the clock of routines reads and writes. */
export type RoutineBook = {
  /** Those that the operator's file has now, by name; what it has no more is asked for no longer. A new schedule counts from now. */
  keep(routines: { name: string; timetable: string }[], now: Date): Promise<{ [name: string]: Clockwork }>
  /** Each moment of a routine is opened once, whoever comes first; the one before it is closed. */
  open(openings: Opening[], now: Date): Promise<void>
  /** Open ones whose time is over and that nobody has found missed yet. */
  late(now: Date): Promise<Occurrence[]>
  missed(ones: { id: number; called: Called }[], now: Date): Promise<void>
}

/** How a routine stands. `missed` counts those since the moment that was asked about. */
export type RoutineStanding = {
  routine: string
  newest: Occurrence | null
  lastDone: Occurrence | null
  missed: number
}

/** What the desk reads and writes. */
export type RoutineDesk = {
  standings(names: string[], since: Date, now: Date): Promise<RoutineStanding[]>
  openNow(): Promise<Occurrence[]>
  occurrence(id: number): Promise<Occurrence | null>
  /** False when it was not open any more: somebody was faster, or a newer one is due. */
  end(
    one: Pick<Occurrence, 'id' | 'routine' | 'dueAt'>,
    tick: { as: TickedAs; by: Actor; note: string; late: boolean },
    now: Date,
  ): Promise<boolean>
}

/** The one message of a channel and a day, edited in place, with what stands on it and what earlier ones still wait for. */
export type RoutineDigest = {
  id: number
  place: string
  /** When it was opened. */
  at: Date
  /** Counts changes of what it shows; hand it back when drawn. */
  version: number
  channel: string | null
  ts: string | null
  /** The digest of what it says. */
  shown: string | null
  tries: number
  occurrences: Occurrence[]
  earlier: Occurrence[]
}

/** A mention in the thread of a digest, once. */
export type RoutineCall = {
  id: number
  kind: 'due' | 'missed'
  people: string[]
  groups: string[]
  channel: string
  ts: string
  tries: number
  occurrences: Occurrence[]
}

/** What is still to be told of routines. */
export type RoutineTelling = {
  stale(now: Date, limit: number): Promise<RoutineDigest[]>
  /** `stands` null: the message is as it is to be. */
  drawn(id: number, version: number, stands: { channel: string; ts: string; shown: string } | null): Promise<void>
  /** The message is gone: the next one is a new one. */
  gone(id: number): Promise<void>
  /** `retryAt` null: not before something changes again. */
  failed(id: number, error: string, retryAt: Date | null): Promise<void>
  /** Of digests that stand. */
  calls(now: Date, limit: number): Promise<RoutineCall[]>
  /** `ts` null: nobody has to be called any more. */
  called(id: number, ts: string | null, now: Date): Promise<void>
  callFailed(id: number, error: string, retryAt: Date | null, now: Date): Promise<void>
}
