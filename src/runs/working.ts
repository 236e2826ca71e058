import type { Clock } from '../clock.js'
import type { Engine } from './engine.js'
import type { Signals } from './ports.js'
import type { RunId } from './run.js'
import { type Turns, takeTurns } from './turns.js'

/** What a worker is told to carry, and by whom. */
export type Calls = {
  /** Wakes that are due, so many at a time, until the queue is closed. */
  queue: { work(worker: { carry(run: RunId): Promise<void>; concurrency: number }): void }
  /** Runs whose turn has come, the moment that the one before them let go. */
  signals: Turns & Signals
  /** Ends locks held by hand at their moment, until `stop`. */
  keepLocks(stop: AbortSignal): Promise<void>
  concurrency: number
  clock: Clock
}

/**
 * Carries what it is told to until stopped. A turn goes straight from the database to the workers, so neither the queue
 * nor the sweep stands between two runs of a line.
 */
export function startWorking(engine: Engine, calls: Calls): () => Promise<void> {
  const { queue, signals, keepLocks, concurrency, clock } = calls
  const stopping = new AbortController()
  const { leftToOthers } = takeTurns(engine, signals, clock, stopping.signal)
  queue.work({ carry: engine.carry, concurrency })
  engine.sweep(leftToOthers)
  const keeping = keepLocks(stopping.signal)
  return async () => {
    stopping.abort()
    await Promise.all([engine.stop(), keeping])
  }
}
