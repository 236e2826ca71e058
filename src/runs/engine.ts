import type { Clock } from '../clock.js'
import { asShipmateError } from '../errors.js'
import type { Log } from '../log.js'
import type { Abilities } from './abilities.js'
import { carry } from './carry.js'
import { ClaimLost } from './carrying.js'
import type { PlanDraft } from './plan.js'
import type { RunStore, Signals, Wakes } from './ports.js'
import type { RunId, RunRecord } from './run.js'

export type EngineParts = {
  store: { runs: RunStore; signals: Signals }
  abilities: Abilities
  /** Turns a run's intent and the facts about now into a plan; changes nothing. */
  plan(run: RunRecord): Promise<PlanDraft>
  wakes: Wakes
  clock: Clock
  log: Log
  /** Milliseconds between looks for runs that should be moving and are not. */
  sweepEvery: number
}

export type Engine = {
  /** Carries a run until it parks or ends. Returns at once when another worker has it. Never throws. */
  carry(run: RunId): Promise<void>
  /** Looks for runs left lying (a dead worker, a lost wake) until `stop`; not at those that are left to others for now. */
  sweep(leftToOthers?: (run: RunId) => boolean): void
  /** The runs in its hands now. */
  carrying(): RunId[]
  /** Whether it has that run in its hands, or had it a moment ago. */
  hasHad(run: RunId): boolean
  /** Takes no new runs; lets go of each when its steps in flight have landed. */
  stop(): Promise<void>
}

/** The one engine: it knows no job, no Slack and no vendor. */
export function createEngine(parts: EngineParts): Engine {
  const carried = new Map<RunId, Promise<void>>()
  const wokenMeanwhile = new Set<RunId>()
  const had = createMemory<RunId>(200)
  const stopping = new AbortController()

  async function carryOne(run: RunId): Promise<void> {
    const claim = await parts.store.runs.claim(run)
    if (!claim) return
    had.keep(run)
    try {
      const view = await parts.store.runs.load(run)
      if (view) await carry(parts, claim, view, stopping.signal)
    } finally {
      await parts.store.runs.release(claim)
    }
  }

  async function safely(run: RunId): Promise<void> {
    try {
      await carryOne(run)
    } catch (thrown) {
      const error = asShipmateError(thrown)
      if (thrown instanceof ClaimLost) return parts.log.warn({ run }, 'the run is carried elsewhere now')
      parts.log.error({ run, code: error.code, err: thrown }, 'carrying a run broke off; it is taken up again')
    }
  }

  function take(run: RunId): Promise<void> {
    const already = carried.get(run)
    if (already) {
      wokenMeanwhile.add(run)
      return already
    }
    if (stopping.signal.aborted) return Promise.resolve()
    const work = untilQuiet(run).finally(() => carried.delete(run))
    carried.set(run, work)
    return work
  }

  /** A wake that comes while the run is being let go would be lost: the run is looked at once more. */
  async function untilQuiet(run: RunId): Promise<void> {
    do {
      wokenMeanwhile.delete(run)
      await safely(run)
    } while (wokenMeanwhile.delete(run) && !stopping.signal.aborted)
  }

  async function sweepOnce(leftToOthers: (run: RunId) => boolean): Promise<void> {
    try {
      const due = await parts.store.runs.due(parts.clock.now())
      for (const run of due) if (!carried.has(run) && !leftToOthers(run)) void take(run)
    } catch (thrown) {
      parts.log.warn({ code: asShipmateError(thrown).code, err: thrown }, 'could not look for runs left lying')
    }
  }

  async function sweeping(leftToOthers: (run: RunId) => boolean): Promise<void> {
    while (!stopping.signal.aborted) {
      await sweepOnce(leftToOthers)
      await parts.clock.sleep(parts.sweepEvery, stopping.signal)
    }
  }

  return {
    carry: take,
    sweep: (leftToOthers = () => false) => void sweeping(leftToOthers),
    carrying: () => [...carried.keys()],
    hasHad: had.has,
    stop: async () => {
      stopping.abort()
      await Promise.all(carried.values())
    },
  }
}

/** The latest so many. */
function createMemory<Item>(most: number) {
  const items = new Set<Item>()
  return {
    has: (item: Item) => items.has(item),
    keep: (item: Item) => {
      items.delete(item)
      items.add(item)
      for (const oldest of items) {
        if (items.size <= most) return
        items.delete(oldest)
      }
    },
  }
}
