import type { Engine } from './engine.js'
import type { RunId } from './run.js'

/** What a worker is told to carry, and by whom. */
export type Calls = {
  /** Wakes that are due, so many at a time, until the queue is closed. */
  queue: { work(worker: { carry(run: RunId): Promise<void>; concurrency: number }): void }
  /** Runs whose turn has come, the moment that the one before them let go. */
  onTurn(listener: (run: RunId) => void): () => void
  /** Ends locks held by hand at their moment, until `stop`. */
  keepLocks(stop: AbortSignal): Promise<void>
  concurrency: number
}

/**
 * Carries what it is told to until stopped. A turn goes straight from the database to the workers: the first to claim the
 * run has it, and neither the queue nor the sweep stands between two runs of a line.
 */
export function startWorking(engine: Engine, { queue, onTurn, keepLocks, concurrency }: Calls): () => Promise<void> {
  const stopping = new AbortController()
  const quiet = onTurn((run) => void engine.carry(run))
  queue.work({ carry: engine.carry, concurrency })
  engine.sweep()
  const keeping = keepLocks(stopping.signal)
  return async () => {
    stopping.abort()
    quiet()
    await Promise.all([engine.stop(), keeping])
  }
}
