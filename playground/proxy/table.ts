import { Pool } from 'undici'
import { choose } from './choose.js'
import { type Counters, type CountsByVersion, copyCounts, count, countsSince, noCounts } from './counters.js'
import type { Upstream } from './state.js'

/** An upstream with its connections and what is under way on it. */
export type LiveUpstream = Upstream & { current: number; inFlight: number; counters: Counters; pool: Pool }

export type Table = ReturnType<typeof createTable>

/** The upstreams of one service: who is chosen, who drains, and what was answered by whom. */
export function createTable() {
  let live: LiveUpstream[] = []
  let draining: LiveUpstream[] = []
  const byVersion: CountsByVersion = {}
  const marks = new Map<string, { at: number; counts: CountsByVersion }>()

  function replace(upstreams: Upstream[]): void {
    const known = [...live, ...draining]
    const next = upstreams.map((upstream) => {
      const old = known.find(({ id, url }) => id === upstream.id && url === upstream.url)
      return old ? Object.assign(old, upstream) : open(upstream)
    })
    draining = known.filter((upstream) => !next.includes(upstream))
    live = next
    // Starting level: leftovers of the old weights would send a burst to one of them.
    for (const upstream of live) upstream.current = 0
    for (const upstream of draining) closeIfIdle(upstream)
  }

  function closeIfIdle(upstream: LiveUpstream): void {
    if (upstream.inFlight > 0 || !draining.includes(upstream)) return
    draining = draining.filter((other) => other !== upstream)
    void upstream.pool.close()
  }

  return {
    replace,
    isEmpty: () => live.every(({ weight }) => weight <= 0),
    /** The next one to ask, leaving out those that were tried; it counts as in flight until `settle`. */
    take(tried: Set<LiveUpstream>): LiveUpstream | null {
      const chosen = choose(live.filter((upstream) => !tried.has(upstream)))
      if (chosen !== null) chosen.inFlight += 1
      return chosen
    },
    settle(upstream: LiveUpstream, failed: boolean, ms: number): void {
      upstream.inFlight -= 1
      byVersion[upstream.version] ??= noCounts()
      count(byVersion[upstream.version] ?? noCounts(), failed, ms)
      count(upstream.counters, failed, ms)
      closeIfIdle(upstream)
    },
    /** The first call with a key remembers now; every call says what was counted since then. */
    mark(key: string, now: number) {
      if (!marks.has(key)) {
        marks.set(key, { at: now, counts: copyCounts(byVersion) })
        for (const old of [...marks.keys()].slice(0, -500)) marks.delete(old)
      }
      const mark = marks.get(key) ?? { at: now, counts: {} }
      return { key, elapsedMs: now - mark.at, versions: countsSince(byVersion, mark.counts) }
    },
    shown: () => ({ upstreams: live.map(shown), draining: draining.map(shown), versions: byVersion }),
    async close(): Promise<void> {
      await Promise.all([...live, ...draining].map(({ pool }) => pool.destroy()))
    },
  }
}

function open(upstream: Upstream): LiveUpstream {
  const pool = new Pool(upstream.url, {
    connections: 64,
    connect: { timeout: 1000 },
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
    // Shorter than the instances' own: the side that closes first must not be the one that is being asked.
    keepAliveTimeout: 20_000,
    keepAliveMaxTimeout: 20_000,
  })
  return { ...upstream, current: 0, inFlight: 0, counters: noCounts(), pool }
}

function shown({ id, url, weight, version, inFlight, counters }: LiveUpstream) {
  return { id, url, weight, version, inFlight, ...counters }
}
