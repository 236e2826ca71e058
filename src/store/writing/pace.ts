import { setMaxListeners } from 'node:events'
import type { Clock } from '../../clock.js'
import type { RunId } from '../../runs/run.js'

/** Listeners draw no faster than this, and a notification inside a commit costs as much as a small write. */
const everyMs = 100

export type Pace = {
  /** Whether a change is to be told with its commit; else it is told a moment later, together with those after it. */
  tellsNow(run: RunId, epoch: number): boolean
  /** Tells what is still owed. */
  close(): Promise<void>
}

type Owing = { epoch: number | null }

/** The first change of a run is told at once, and those that follow within a moment together after it. */
export function createPace(clock: Clock, tell: (run: RunId, epoch: number) => Promise<void>): Pace {
  const recent = new Map<RunId, Owing>()
  const waits = new Set<Promise<void>>()
  const closing = new AbortController()
  // One listener for each run that moved just now.
  setMaxListeners(0, closing.signal)

  async function wait(run: RunId, owing: Owing): Promise<void> {
    await clock.sleep(everyMs, closing.signal)
    recent.delete(run)
    if (owing.epoch !== null) await tell(run, owing.epoch)
  }

  return {
    tellsNow: (run, epoch) => {
      const owing = recent.get(run)
      if (owing) {
        owing.epoch = epoch
        return false
      }
      const fresh: Owing = { epoch: null }
      recent.set(run, fresh)
      const waiting = wait(run, fresh).finally(() => waits.delete(waiting))
      waits.add(waiting)
      return true
    },
    close: async () => {
      closing.abort()
      await Promise.all(waits)
    },
  }
}
