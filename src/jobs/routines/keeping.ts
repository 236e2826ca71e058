import { type Clock, wallClock } from '../../clock.js'
import type { Log } from '../../log.js'
import type { Catalogue } from '../../releases/catalogue.js'
import { type Clockwork, dueNow } from '../../releases/routines/calendar.js'
import { ownersOf, shownOwner } from '../../releases/routines/owners.js'
import type { Opening, RoutineBook } from '../../releases/routines/ports.js'
import type { Occurrence, Routine } from '../../releases/routines/routine.js'
import { calledFor, type OnCallNow } from './parts.js'

export type RoutineKeeperParts = {
  catalogue: Pick<Catalogue, 'routines' | 'zone'>
  rows: RoutineBook
  onCall: OnCallNow
  clock: Clock
  log: Log
}

/**
 * The clock of routines: finds what was missed, and asks for what is due. One process keeps it at a time; all it knows is in
 * rows, so whoever keeps it next goes on. Answers one round, harmless when done again.
 */
export function createRoutineClock(parts: RoutineKeeperParts): () => Promise<void> {
  const { catalogue, rows, clock } = parts
  const routines = Object.values(catalogue.routines)
  const { zone } = catalogue
  let idle = false
  return async () => {
    if (idle) return
    const kept = await rows.keep(
      // The same text in another zone is another timetable.
      routines.map(({ name, every }) => ({ name, timetable: `${every} ${zone}` })),
      clock.now(),
    )
    // First, so that what comes again in this very moment is told as missed before it is asked for anew.
    await findMissed(parts)
    await askForDue(parts, routines, kept)
    // What the file had before is closed by now, and it is read at start alone.
    idle = routines.length === 0
  }
}

async function findMissed({ catalogue, rows, onCall, clock, log }: RoutineKeeperParts): Promise<void> {
  const now = clock.now()
  const late = await rows.late(now)
  if (late.length === 0) return
  const whom = async (one: Occurrence) => {
    const routine = Object.hasOwn(catalogue.routines, one.routine) ? catalogue.routines[one.routine] : undefined
    const called = await calledFor(routine ? ownersOf(routine) : [], onCall, now)
    return { id: one.id, called }
  }
  await rows.missed(await Promise.all(late.map(whom)), now)
  log.info({ routines: late.map(({ routine }) => routine) }, 'nobody did what recurs in its time')
}

async function askForDue(
  { catalogue, rows, onCall, clock, log }: RoutineKeeperParts,
  routines: Routine[],
  kept: { [name: string]: Clockwork },
): Promise<void> {
  const now = clock.now()
  const openings = await Promise.all(
    routines.map(async (routine): Promise<Opening[]> => {
      const clockwork = kept[routine.name]
      const due = clockwork ? dueNow(routine, clockwork, catalogue.zone, now) : null
      if (!due) return []
      const { name, says, guide, evidence, owner, channel } = routine
      const called = await calledFor([owner], onCall, now)
      const asked = { says, guide, evidence, whose: shownOwner(owner), called, unasked: due.passed.length }
      return [{ routine: name, ...due, asked, place: channel, day: wallClock(now, catalogue.zone).slice(0, 10) }]
    }),
  )
  const all = openings.flat()
  if (all.length === 0) return
  await rows.open(all, now)
  log.info({ routines: all.map(({ routine, dueAt }) => ({ routine, dueAt })) }, 'what recurs is due')
}
