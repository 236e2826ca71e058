/** The workspace's own time: real time plus what tests added. Timers set on it fire when either reaches them. */
export type Clock = {
  /** Milliseconds since 1970 as the workspace sees them. */
  now(): number
  /** Runs `act` once, `ms` from now; the answer cancels it. Never keeps the process alive. */
  after(ms: number, act: () => void): () => void
  /** Moves time forward and runs what fell due, earliest first. */
  advance(ms: number): void
  /** Forgets every timer. */
  stop(): void
}

type Timer = { due: number; act: () => void; handle: NodeJS.Timeout | undefined }

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

export function createClock(realNow: () => number = Date.now): Clock {
  const timers = new Set<Timer>()
  let offset = 0
  const now = () => realNow() + offset

  const fire = (timer: Timer) => {
    if (!timers.delete(timer)) return
    clearTimeout(timer.handle)
    timer.act()
  }
  const arm = (timer: Timer) => {
    clearTimeout(timer.handle)
    const wait = Math.max(0, timer.due - now())
    timer.handle = setTimeout(() => (timer.due > now() ? arm(timer) : fire(timer)), Math.min(wait, LONGEST_TIMEOUT_MS))
    timer.handle.unref()
  }
  const earliestDue = () => [...timers].filter((timer) => timer.due <= now()).sort((a, b) => a.due - b.due)[0]

  return {
    now,
    after(ms, act) {
      const timer: Timer = { due: now() + ms, act, handle: undefined }
      timers.add(timer)
      arm(timer)
      return () => {
        timers.delete(timer)
        clearTimeout(timer.handle)
      }
    },
    advance(ms) {
      offset += ms
      for (let timer = earliestDue(); timer; timer = earliestDue()) fire(timer)
      for (const timer of timers) arm(timer)
    },
    stop() {
      for (const timer of timers) clearTimeout(timer.handle)
      timers.clear()
    },
  }
}
