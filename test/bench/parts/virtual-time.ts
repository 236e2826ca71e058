import type { Clock } from '../../../src/clock.js'

/** Time that passes only when everybody waits: hours take as long as the work in them. */
export type VirtualTime = Clock & {
  at(): number
  /** Runs `act` at that moment. */
  plan(at: number, act: () => void): void
  /** Lets time pass until `until`. */
  pass(until: number): Promise<void>
}

export function virtualTime(): VirtualTime {
  let now = 0
  const queue: { at: number; act: () => void }[] = []
  const start = Date.UTC(2026, 10, 23, 14)

  function plan(at: number, act: () => void): void {
    let [low, high] = [0, queue.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((queue[middle]?.at ?? 0) <= at) low = middle + 1
      else high = middle
    }
    queue.splice(low, 0, { at, act })
  }

  return {
    at: () => now,
    now: () => new Date(start + now),
    plan,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const done = () => {
          signal?.removeEventListener('abort', done)
          resolve()
        }
        plan(now + Math.max(1, ms), done)
        signal?.addEventListener('abort', done)
      }),
    async pass(until) {
      for (;;) {
        // All promises that can go on do so before the next turn of the event loop.
        await new Promise(setImmediate)
        const next = queue[0]
        if (!next || next.at > until) break
        queue.shift()
        now = Math.max(now, next.at)
        next.act()
      }
      now = until
    },
  }
}
