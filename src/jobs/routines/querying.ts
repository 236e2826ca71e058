import type { Reply, RoutineLine } from '../../commands/reply.js'
import { nextMoment } from '../../releases/backups/cron.js'
import type { Standing } from '../../releases/people.js'
import { isOpen, stateOf } from '../../releases/routines/calendar.js'
import { isMine, shownOwner } from '../../releases/routines/owners.js'
import type { RoutineStanding } from '../../releases/routines/ports.js'
import type { Occurrence, Routine } from '../../releases/routines/routine.js'
import type { DeskParts } from '../desk/parts.js'
import { calledFor } from './parts.js'

/** Misses are counted over so many days. */
export const missedDays = 90

/** The calendar: what is due first, then what comes next. */
export async function routines(parts: DeskParts, standing: Standing): Promise<Reply> {
  const { catalogue, clock } = parts
  const all = Object.values(catalogue.routines)
  if (all.length === 0) return { kind: 'said', text: none }
  const now = clock.now()
  const since = new Date(now.getTime() - missedDays * 86_400_000)
  const standings = await parts.routines.rows.standings(
    all.map(({ name }) => name),
    since,
    now,
  )
  const lines = await Promise.all(
    standings.flatMap((one) => {
      const routine = catalogue.routines[one.routine]
      return routine ? [lineOf(parts, routine, one, standing, now)] : []
    }),
  )
  return { kind: 'routines', zone: catalogue.zone, days: missedDays, lines: lines.sort(inOrder(now)) }
}

const none =
  'No recurring work is set up, so nothing is asked for.\nThe operator’s file gets it under routines: what, how often, whose it is. docs/operations/routines.md says how.'

async function lineOf(
  parts: DeskParts,
  routine: Routine,
  { newest, lastDone, missed }: RoutineStanding,
  standing: Standing,
  now: Date,
): Promise<RoutineLine> {
  const open = newest && isOpen(newest) ? newest : null
  return {
    ...{ routine: routine.name, says: routine.says, guide: routine.guide, open, lastDone, missed },
    whose: shownOwner(routine.owner),
    mine: await mine(parts, routine, standing, now),
    next: nextMoment(routine.every, parts.catalogue.zone, now),
  }
}

const mine = async ({ routines }: DeskParts, routine: Routine, standing: Standing, now: Date): Promise<boolean> =>
  isMine(routine, (await calledFor([routine.owner], routines.onCall, now)).people, standing)

function inOrder(now: Date): (a: RoutineLine, b: RoutineLine) => number {
  const rank = ({ open }: RoutineLine) => (open === null ? 2 : stateOf(open, now) === 'missed' ? 0 : 1)
  const at = ({ open, next }: RoutineLine) => (open?.until ?? next)?.getTime() ?? Number.MAX_SAFE_INTEGER
  return (a, b) => rank(a) - rank(b) || at(a) - at(b) || (a.routine < b.routine ? -1 : 1)
}

/** What is asked for now and is this person's to do. */
export async function waitingRoutines(parts: DeskParts, standing: Standing | null): Promise<Occurrence[]> {
  const { catalogue, clock } = parts
  if (standing === null || standing.barred !== null || Object.keys(catalogue.routines).length === 0) return []
  const now = clock.now()
  const open = await parts.routines.rows.openNow()
  const known = await Promise.all(
    open.map(async (one) => {
      const routine = Object.hasOwn(catalogue.routines, one.routine) ? catalogue.routines[one.routine] : undefined
      return routine && (await mine(parts, routine, standing, now)) ? [one] : []
    }),
  )
  return known.flat()
}
