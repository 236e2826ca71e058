import type { Clock } from '../../clock.js'
import type { Log } from '../../log.js'
import type { LockDesk } from '../../runs/ports.js'

type LockKeeperParts = {
  locks: Pick<LockDesk, 'tend'>
  /** Calls when somebody changed when a lock ends. */
  onLocks(listener: () => void): () => void
  clock: Clock
  log: Log
}

/** A lost signal, or a clock that was set, costs at most this long. */
const longest = 30_000

/** Ends locks held by hand at their moment, for as long as it runs. Any number of processes may do so. Never rejects. */
export async function keepLocks({ locks, onLocks, clock, log }: LockKeeperParts, stop: AbortSignal): Promise<void> {
  let bell = new AbortController()
  const quiet = onLocks(() => bell.abort())
  while (!stop.aborted) {
    bell = new AbortController()
    const wait = await untilNext().catch((thrown) => {
      log.warn({ err: thrown }, 'locks that run out could not be looked after; trying again')
      return 1_000
    })
    await clock.sleep(Math.min(longest, wait), AbortSignal.any([stop, bell.signal]))
  }
  quiet()

  async function untilNext(): Promise<number> {
    const next = await locks.tend(clock.now())
    return next === null ? longest : Math.max(1, next.getTime() - clock.now().getTime())
  }
}
