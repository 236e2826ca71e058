import type { Visit, VisitResult } from './visit.js'

export type VisitorCounts = {
  rate: number
  requests: number
  /** Not 2xx or 3xx, timed out, or an error on a fresh connection. */
  failed: number
  /** Idle connections that the other side closed under us. */
  resets: number
  byStatus: { [status: string]: number }
  byVersion: { [version: string]: number }
  /** Milliseconds, over the last thousand answers. */
  p50: number
  p95: number
  p99: number
  /** The newest twenty. */
  failures: { at: string; visit: string; why: string }[]
}

export function createTally() {
  let [requests, failed, resets, closed] = [0, 0, 0, false]
  const byStatus: { [status: string]: number } = {}
  const byVersion: { [version: string]: number } = {}
  const times: number[] = []
  const failures: VisitorCounts['failures'] = []

  function fail({ method, path }: Visit, why: string): void {
    failed += 1
    failures.push({ at: new Date().toISOString(), visit: `${method} ${path}`, why })
    if (failures.length > 20) failures.shift()
  }

  return {
    count(visit: Visit, result: VisitResult): void {
      requests += 1
      if (!result.ok) {
        fail(visit, result.why)
        return
      }
      const { status, version, ms } = result.answer
      byStatus[status] = (byStatus[status] ?? 0) + 1
      if (version !== null) byVersion[version] = (byVersion[version] ?? 0) + 1
      times.push(ms)
      if (times.length > 1000) times.shift()
      if (status < 200 || status >= 400) fail(visit, `answered ${status}`)
    },
    reset(): void {
      if (!closed) resets += 1
    },
    close(): void {
      closed = true
    },
    counts(rate: number): VisitorCounts {
      const sorted = [...times].sort((a, b) => a - b)
      const at = (share: number) => Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 10) / 10
      return {
        rate,
        requests,
        failed,
        resets,
        byStatus: { ...byStatus },
        byVersion: { ...byVersion },
        p50: at(0.5),
        p95: at(0.95),
        p99: at(0.99),
        failures: [...failures],
      }
    },
  }
}
