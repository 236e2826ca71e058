/** Slack's limits as this process keeps them, so that it is hardly ever told to wait. Times in epoch milliseconds. */
export type Budget = {
  /** The moment from which this call may be made: now or later. `matters` may use what is kept back from progress. */
  freeAt(method: string, channel: string, matters: boolean, now: number): number
  spent(method: string, channel: string, now: number): void
  /** Slack said: not before then. Holds for this method alone. */
  limited(method: string, until: number): void
}

const minute = 60_000
/** 0.85 of Slack's 50 a minute: timers are not exact, and the window is not documented. */
const updatesAMinute = 42
const keptForPeople = 10
const postGap = 1_000

export function createBudget(): Budget {
  const updates: number[] = []
  const lastPost = new Map<string, number>()
  const blocked = new Map<string, number>()
  return {
    freeAt(method, channel, matters, now) {
      const wait =
        method === 'chat.update'
          ? windowFree(updates, matters ? updatesAMinute : updatesAMinute - keptForPeople, now)
          : (lastPost.get(channel) ?? 0) + postGap
      return Math.max(now, wait, blocked.get(method) ?? 0)
    },
    spent(method, channel, now) {
      if (method === 'chat.update') updates.push(now)
      else lastPost.set(channel, now)
      while (updates.length > 0 && (updates[0] ?? 0) <= now - minute) updates.shift()
    },
    limited(method, until) {
      blocked.set(method, Math.max(until, blocked.get(method) ?? 0))
    },
  }
}

/** When the sliding minute has room for one more. */
function windowFree(calls: number[], most: number, now: number): number {
  const inWindow = calls.filter((at) => at > now - minute)
  const oldest = inWindow[inWindow.length - most]
  return oldest === undefined ? now : oldest + minute
}
