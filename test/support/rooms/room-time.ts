import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../../../src/clock.js'

/**
 * Time that passes only while nobody works: what is awaited of a database or of the local workspace costs none of it,
 * however busy the machine is, and a wait of a minute is over at once. What is left is what was decided: which calls
 * follow one another, and how long somebody chose to wait.
 */
export type RoomTime = Clock & {
  /** Milliseconds since it began. */
  at(): number
  /** The same part, for whose answers time waits. */
  counted<Part extends object>(part: Part): Part
  /** Holds time until what it answers is called. */
  hold(): () => void
  stop(): void
}

type Sleeper = { until: number; wake(): void }

/** So often in a row, some milliseconds apart, nobody is at work: what PostgreSQL has to tell has arrived by then. */
const calm = { looks: 3, apart: 4 }

export function createRoomTime(): RoomTime {
  const began = Date.now()
  const sleepers = new Set<Sleeper>()
  const stopping = new AbortController()
  let now = 0
  let working = 0

  async function passes(): Promise<void> {
    for (let looks = 0; !stopping.signal.aborted; looks++) {
      await pause(calm.apart)
      if (working > 0 || sleepers.size === 0) looks = -1
      if (looks + 1 < calm.looks) continue
      now = Math.max(now, Math.min(...[...sleepers].map(({ until }) => until)))
      for (const sleeper of [...sleepers]) if (sleeper.until <= now) sleeper.wake()
      looks = -1
    }
  }

  function hold(): () => void {
    let held = true
    working += 1
    return () => {
      if (held) working -= 1
      held = false
    }
  }

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const sleeper = { until: now + Math.max(1, ms), wake }
      function wake() {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', wake)
    })
  }

  void passes()
  return {
    at: () => now,
    now: () => new Date(began + now),
    sleep,
    hold,
    counted: (part) => counted(part, hold),
    stop: () => stopping.abort(),
  }
}

function counted<Part extends object>(part: Part, hold: () => () => void): Part {
  return new Proxy(part, {
    get(whole, name) {
      const value = Reflect.get(whole, name)
      if (typeof value === 'function') return (...words: unknown[]) => awaited(value.apply(whole, words), hold)
      return value !== null && typeof value === 'object' ? counted(value, hold) : value
    },
  })
}

function awaited(answer: unknown, hold: () => () => void): unknown {
  return answer instanceof Promise ? answer.finally(hold()) : answer
}
