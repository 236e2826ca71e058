import type { Clock } from '../../clock.js'
import { asShipmateError } from '../../errors.js'
import type { Clue } from '../../incidents/clues.js'
import type { IncidentId, IncidentView } from '../../incidents/incident.js'
import { isNothing, joinedChanges, whatIsNew } from '../../incidents/joined-changes.js'
import type { IncidentChange, IncidentReads, IncidentSignals, IncidentStore } from '../../incidents/ports.js'
import type { Log } from '../../log.js'
import type { Catalogue } from '../../releases/catalogue.js'
import type { Abilities } from '../../runs/abilities.js'
import type { RunDesk, Signals } from '../../runs/ports.js'
import type { RunId } from '../../runs/run.js'
import type { Leadership } from '../../runs/telling.js'
import { firstLook } from './first-look.js'
import { type GateCheck, gateLooked } from './gate-look.js'
import { dueAt, remindOf, tries } from './reminding.js'
import { runsFollowed } from './run-news.js'

export type KeeperParts = {
  catalogue: Catalogue
  store: IncidentStore
  reads: IncidentReads
  runs: RunDesk
  signals: Signals & IncidentSignals
  leadership: Leadership
  abilities: Abilities
  /** Those of our own rows, told at once, and those that ask the outside. */
  clues: { own: Clue[]; outside: Clue[] }
  gateChecks(catalogue: Catalogue, service: string, environment: string): GateCheck[]
  /** What else an incident's clock does: pages, what was published, mirrors; each on its own, and harmless when done again. */
  chores: Chore[]
  /** What is due by itself beside single incidents, every `roundEvery` milliseconds; harmless when done again. */
  rounds: (() => Promise<unknown>)[]
  roundEvery: number
  clock: Clock
  log: Log
}

/** Answers what is to be written of the incident, if anything, and when it wants to look again. */
export type Chore = {
  name: string
  tend(view: IncidentView, now: Date): Promise<{ change?: IncidentChange; again?: Date | null }>
}

/** Rows that change together are looked at together. */
const breath = 100
/** Of more runs that change at once the next look tells. */
const mostHeard = 200
/** A lost signal costs at most this long. */
const idle = 1_000

/**
 * The clock of incidents: what is due is looked at, remembered and said. One process keeps it at a time. All of it is in
 * rows, so that whoever keeps it next goes on where the one before stopped.
 */
export async function keepIncidents(parts: KeeperParts, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    try {
      const lease = await parts.leadership.lead('incidents', stop)
      if (lease) await keepAll(parts, AbortSignal.any([stop, lease.lost])).finally(() => lease.release())
      else await parts.clock.sleep(500, stop)
    } catch (thrown) {
      parts.log.warn({ err: thrown }, 'the clock of incidents lost its footing and starts again')
      await parts.clock.sleep(1_000, stop)
    }
  }
}

async function keepAll(parts: KeeperParts, stop: AbortSignal): Promise<void> {
  await Promise.all([keepWhile(parts, stop), ...parts.rounds.map((round) => goRound(parts, round, stop))])
}

async function goRound({ clock, log, roundEvery }: KeeperParts, round: () => Promise<unknown>, stop: AbortSignal) {
  while (!stop.aborted) {
    const work = round().catch((thrown) =>
      log.warn({ err: thrown }, 'something that is due by itself was not done; it is tried again'),
    )
    await untilStopped(clock, work, stop)
    await clock.sleep(roundEvery, stop)
  }
}

/** What is under way at a stop is harmless when done again, so nobody waits for it longer; milliseconds. */
const endsWithin = 2_000
/** The longest that a timer takes. */
const always = 2 ** 31 - 1

/** Waits for the work, and no longer than a moment once it is to stop: a worker that drains has steps to land. */
async function untilStopped(clock: Clock, work: Promise<unknown>, stop: AbortSignal): Promise<void> {
  const over = new AbortController()
  const stopped = clock
    .sleep(always, AbortSignal.any([stop, over.signal]))
    .then(() => (over.signal.aborted ? undefined : clock.sleep(endsWithin, over.signal)))
  await Promise.race([work, stopped]).finally(() => over.abort())
}

async function keepWhile(parts: KeeperParts, stop: AbortSignal): Promise<void> {
  let bell = new AbortController()
  const ring = () => bell.abort()
  const changed = new Set<RunId>()
  const heard = ({ run }: { run: RunId }) => {
    if (changed.size < mostHeard) changed.add(run)
    ring()
  }
  const quiet = [parts.signals.onIncident(ring), parts.signals.onRun(heard)]
  const looking = createLine(ring)
  const reminding = createLine()
  // Whoever keeps the clock next glances once more, which harms nothing.
  const glanced = new Set<IncidentId>()
  try {
    while (!stop.aborted) {
      bell = new AbortController()
      await parts.clock.sleep(breath, stop)
      for (const id of await wanted(parts, changed)) {
        reminding.begin(id, () => careful(parts, id, stop, () => remindOf(parts, id, stop)))
        looking.begin(id, () => {
          const glance = !glanced.has(id)
          glanced.add(id)
          return careful(parts, id, stop, () => kept(parts, id, stop, glance))
        })
      }
      await parts.clock.sleep(idle, AbortSignal.any([stop, bell.signal]))
    }
  } finally {
    for (const end of quiet) end()
    await untilStopped(parts.clock, Promise.all([looking.over(), reminding.over()]), stop)
  }
}

/** What is due, and what runs that changed belong to. */
async function wanted({ reads, clock, log }: KeeperParts, changed: Set<RunId>): Promise<Set<IncidentId>> {
  const runs = [...changed]
  changed.clear()
  try {
    const told = runs.length > 0 ? await reads.ofRuns(runs) : []
    return new Set([...(await reads.due(clock.now())), ...told])
  } catch (thrown) {
    // To begin anew would wait for every look that is under way.
    log.warn({ err: thrown }, 'which incidents are due could not be read; it is tried again')
    for (const run of runs) changed.add(run)
    return new Set()
  }
}

/** Each incident by itself: one whose work takes long keeps no other waiting, and is at it once at a time. */
function createLine(ended: () => void = () => {}) {
  const busy = new Map<IncidentId, Promise<void>>()
  return {
    begin: (id: IncidentId, work: () => Promise<void>) => {
      if (busy.has(id)) return
      const done = () => {
        busy.delete(id)
        ended()
      }
      busy.set(id, work().finally(done))
    },
    over: () => Promise.all(busy.values()),
  }
}

async function kept(parts: KeeperParts, id: IncidentId, stop: AbortSignal, glance: boolean): Promise<void> {
  // What is known at once is told at once: first who may have caused it, then which guide fits.
  if (glance) await keepOne(parts, id, stop, 'own clues')
  if (glance) await keepOne(parts, id, stop, 'chores')
  await keepOne(parts, id, stop)
}

async function careful({ clock, log }: KeeperParts, id: IncidentId, stop: AbortSignal, work: () => Promise<void>) {
  try {
    await work()
  } catch (thrown) {
    log.warn(
      { incident: id, code: asShipmateError(thrown).code, err: thrown },
      'an incident was not looked at; it is tried again',
    )
    await clock.sleep(1_000, stop)
  }
}

/** One look at an incident: what was found is written on whatever version it is at by then. */
export async function keepOne(
  parts: KeeperParts,
  id: IncidentId,
  stop: AbortSignal,
  part: 'own clues' | 'chores' | 'all' = 'all',
): Promise<void> {
  const seen = await parts.store.view(id)
  if (!seen) return
  const began = parts.clock.now()
  const looked = await looks(parts, seen, part, stop)
  const entries = new Set((await parts.reads.timeline(id)).map(({ key }) => key))
  for (let again = 0; again < tries && !stop.aborted; again++) {
    const view = await parts.store.view(id)
    if (!view) return
    const now = parts.clock.now()
    // Somebody who acted while it was looked wants the clock to ring again at once.
    const acted = view.incident.wakeAt !== null && view.incident.wakeAt > began
    const told = [...looked.map((look) => look({ view, now })), dueAt(parts, view, now)]
    const posts = new Set(await parts.reads.posted(id))
    const change = whatIsNew(joinedChanges(told), view, { entries, posts })
    const wakeAt = acted || part !== 'all' ? now : (change.set?.wakeAt ?? null)
    if (await written(parts, view, { ...change, set: { ...change.set, wakeAt } }, now)) return
  }
}

/** A look that found nothing new moves no card: it only says when the clock rings next. */
async function written({ store }: KeeperParts, { incident }: IncidentView, change: IncidentChange, now: Date) {
  const { id, version } = incident
  return isNothing(change) ? store.rest(id, version, change.set?.wakeAt ?? null) : store.write(id, version, change, now)
}

/** What was found, as what it changes of the incident as it is when it is written. */
export type Look = (at: { view: IncidentView; now: Date }) => IncidentChange | null

async function looks(
  parts: KeeperParts,
  view: IncidentView,
  part: 'own clues' | 'chores' | 'all',
  stop: AbortSignal,
): Promise<Look[]> {
  if (part === 'own clues') return gathered(parts, view, [firstLook(parts, view, parts.clues.own, stop)])
  if (part === 'chores') return gathered(parts, view, chores(parts, view))
  const all = [...parts.clues.own, ...parts.clues.outside]
  const open = view.incident.state === 'open'
  return gathered(parts, view, [
    runsFollowed(parts, view),
    ...(open ? [firstLook(parts, view, all, stop), gateLooked(parts, view, stop)] : []),
    ...chores(parts, view),
  ])
}

const chores = (parts: KeeperParts, view: IncidentView): Promise<Look>[] =>
  parts.chores.map((chore) => tended(parts, chore, view))

async function gathered(parts: KeeperParts, view: IncidentView, told: Promise<Look>[]): Promise<Look[]> {
  const ended = await Promise.allSettled(told)
  return ended.flatMap((one) => {
    if (one.status === 'fulfilled') return [one.value]
    parts.log.warn({ incident: view.incident.id, err: one.reason }, 'one look at an incident broke; the others count')
    return []
  })
}

/** What broke is done again, of an incident that is over too: nothing else would ring its clock. */
const brokenAgainMs = 60_000

async function tended({ clock, log }: KeeperParts, chore: Chore, view: IncidentView): Promise<Look> {
  const { change, again } = await chore.tend(view, clock.now()).catch((thrown) => {
    log.warn({ incident: view.incident.id, chore: chore.name, err: thrown }, 'a chore of an incident broke')
    return { change: undefined, again: new Date(clock.now().getTime() + brokenAgainMs) }
  })
  return () => (again ? { ...change, set: { ...change?.set, wakeAt: again } } : (change ?? null))
}
