import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '../../../src/store/database.js'
import type { Truth } from './incident-truth.js'

/** News were promised for that moment, and the clock, having been looked at, rings next at this one; milliseconds. */
export type Rung = { incident: number; promise: number; rings: number }

/**
 * Looks again and again when the clocks of open incidents ring next, until it is stopped. People wake a clock at once;
 * only the keeper sets it to a moment that is still to come, together with the reminder that was due when it did.
 */
export function watchClocks(database: Pick<Database, 'query'>): { stop(): Promise<Rung[]> } {
  const seen = new Map<string, Rung>()
  let watching = true
  async function watch(): Promise<void> {
    while (watching) {
      for (const rung of await database.query<Rung>(ahead)) seen.set(JSON.stringify(rung), rung)
      await pause(50)
    }
  }
  const watched = watch()
  watched.catch(() => {})
  return {
    stop: async () => {
      watching = false
      await watched
      return [...seen.values()]
    },
  }
}

const ahead = `select id::int as incident, (extract(epoch from next_update) * 1000)::float8 as promise,
    (extract(epoch from wake_at) * 1000)::float8 as rings
  from shipmate.incidents where state = 'open' and next_update is not null and wake_at > clock_timestamp()`

/** Reminders that were due when a clock was looked at, each once. */
export function dueReminders(rung: readonly Rung[], every: number): { incident: number; key: string }[] {
  const due = new Map<string, { incident: number; key: string }>()
  for (const { incident, promise, rings } of rung) {
    if (rings <= promise - every / 4) continue
    const turn = rings <= promise ? 'soon' : Math.ceil((rings - promise) / every) - 1
    const key = `remind:${promise}:${turn}`
    due.set(`${incident} ${key}`, { incident, key })
  }
  return [...due.values()]
}

/** Every reminder that was due is there. */
export const missingReminders = (due: { incident: number; key: string }[], { posts }: Truth): string[] =>
  due
    .filter(({ incident, key }) => !posts.some((post) => post.incident === incident && post.key === key))
    .map(({ incident, key }) => `${key} of INC-${incident} was due and never written`)
