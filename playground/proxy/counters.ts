/** Upper ends in milliseconds; the last bucket has none. */
export const latencyBounds = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000]

/** `failed` counts answers of 500 and above and tries that got no answer. */
export type Counters = { requests: number; failed: number; latency: number[] }

export const noCounts = (): Counters => ({ requests: 0, failed: 0, latency: latencyBounds.map(() => 0).concat(0) })

export function count(counters: Counters, failed: boolean, ms: number): void {
  counters.requests += 1
  if (failed) counters.failed += 1
  const found = latencyBounds.findIndex((bound) => ms <= bound)
  const bucket = found === -1 ? latencyBounds.length : found
  counters.latency[bucket] = (counters.latency[bucket] ?? 0) + 1
}

export type CountsByVersion = { [version: string]: Counters }

export function countsSince(now: CountsByVersion, before: CountsByVersion): CountsByVersion {
  return Object.fromEntries(
    Object.entries(now).map(([version, counters]) => [version, minus(counters, before[version] ?? noCounts())]),
  )
}

export function copyCounts(counts: CountsByVersion): CountsByVersion {
  return countsSince(counts, {})
}

function minus(now: Counters, before: Counters): Counters {
  return {
    requests: now.requests - before.requests,
    failed: now.failed - before.failed,
    latency: now.latency.map((value, index) => value - (before.latency[index] ?? 0)),
  }
}
