import { isFollower } from '../../backups/engine.js'
import type { AppParts, Closing, Ground } from '../parts.js'

/** After an archive that broke off, or a server that was away. */
const pauseMs = 5_000

/** Engines that fetch the WAL themselves do so all the time, each in one process of all. */
export function startFollowing({ catalogue, clock, log }: AppParts, ground: Ground, opened: Closing[]): void {
  const { store, world } = ground
  const stopping = new AbortController()
  const followOne = async (database: string): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const engine = await world.backups.engines(database)
        if (!isFollower(engine)) return
        const lease = await store.leadership.lead(`archive of ${database}`, stopping.signal)
        if (!lease) return
        const signal = AbortSignal.any([stopping.signal, lease.lost])
        await engine.follow({ signal, clock, log, progress: () => {} }).finally(() => lease.release())
      } catch (thrown) {
        if (!stopping.signal.aborted)
          log.warn({ database, err: thrown }, 'fetching the WAL broke off; it is tried again')
      }
      await clock.sleep(pauseMs, stopping.signal)
    }
  }
  const following = Object.keys(catalogue.backups).map(followOne)
  opened.push(async () => {
    stopping.abort()
    await Promise.all(following)
  })
}
