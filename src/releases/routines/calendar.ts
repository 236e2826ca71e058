import { momentsBetween, nextMoment } from '../backups/cron.js'
import type { Occurrence, Routine } from './routine.js'

/** When nothing was asked for yet, only what comes after `since` counts; `last`: the newest moment that was asked for. */
export type Clockwork = { since: Date; last: Date | null }

/** `passed`: moments before it that nobody was asked for, oldest first. */
export type DueOccurrence = { dueAt: Date; until: Date; passed: Date[] }

/** So many that passed stay on record, the newest. */
const mostPassed = 500
/** Asked for so soon after its moment it was asked for in time. */
const promptly = 60_000

/** What is to be asked for now: of many moments that passed only the newest. Null while nothing is due. */
export function dueNow(
  routine: Pick<Routine, 'every' | 'within'>,
  { since, last }: Clockwork,
  zone: string,
  now: Date,
): DueOccurrence | null {
  const from = last !== null && last > since ? last : since
  const passed = momentsBetween(routine.every, zone, from, now, mostPassed + 1)
  const dueAt = passed.pop()
  return dueAt ? { dueAt, until: untilOf(routine, dueAt, zone, now), passed } : null
}

/** Nobody can do in time what nobody asked for: after a downtime the time counts from the asking. */
function untilOf({ every, within }: Pick<Routine, 'every' | 'within'>, dueAt: Date, zone: string, askedAt: Date): Date {
  const from = askedAt.getTime() - dueAt.getTime() < promptly ? dueAt : askedAt
  const until = new Date(from.getTime() + within)
  const next = nextMoment(every, zone, askedAt)
  return next && next < until ? next : until
}

/** `withdrawn`: the operator's file had it no more before anything was said of it. */
export type OccurrenceState = 'due' | 'done' | 'skipped' | 'missed' | 'withdrawn'

/** What is so now, whether or not the clock has come by. What was missed and done later is told with `wasMissed`. */
export function stateOf({ ended, missedAt, closedAt, until }: Occurrence, now: Date): OccurrenceState {
  if (ended) return ended.as
  if (missedAt) return 'missed'
  if (closedAt) return 'withdrawn'
  return now >= until ? 'missed' : 'due'
}

/** Whether its time was over before anything was said of it. */
export function wasMissed(occurrence: Occurrence, now: Date): boolean {
  const { ended, missedAt, until } = occurrence
  if (missedAt !== null) return true
  return ended ? ended.at >= until : stateOf(occurrence, now) === 'missed'
}

/** Whether somebody may still say what became of it. */
export const isOpen = ({ ended, closedAt, asked }: Occurrence): boolean =>
  ended === null && closedAt === null && asked !== null

/** What needs people first: missed, then due, by the end of their time. */
export function byUrgency(now: Date): (a: Occurrence, b: Occurrence) => number {
  const rank = (one: Occurrence) => (isOpen(one) ? (stateOf(one, now) === 'missed' ? 0 : 1) : 2)
  return (a, b) => rank(a) - rank(b) || a.until.getTime() - b.until.getTime() || a.id - b.id
}
