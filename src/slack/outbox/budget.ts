import type { LearntLimit } from '../../runs/boards.js'
import { type Limit, lowered, raised, startingLimit } from './limit.js'

/**
 * Slack's limits as the one process that speaks keeps them, so that it is hardly ever told to wait. Times in epoch
 * milliseconds. What listeners call for people is not asked for here: it goes at once, in methods of its own.
 */
export type Budget = {
  /** The moment from which this call may be made: now or later. `matters` may use what is kept back from progress. */
  freeAt(method: string, channel: string, matters: boolean, now: number): number
  /** A call was answered, or may have been made. */
  spent(method: string, channel: string, matters: boolean, at: { sent: number; answered: number }): void
  /** Slack said: not before then. Holds for this method alone. */
  limited(method: string, channel: string, until: number, now: number): void
  /** Calls a minute that progress may have. */
  share(method: string, channel: string): number
  /** Limits that changed since this was last asked, to be kept. */
  learnt(): LearntLimit[]
  /** What another process learnt before. */
  believe(limits: LearntLimit[], now: number): void
}

type Rule = {
  /** Posting is counted in each channel, everything else in the workspace. */
  perChannel: boolean
  /** What Slack promises at least, and where we start. */
  promised: number
  start: number
  most: number
  fewest: number
  /** Kept back from progress. */
  kept: number
  /** How many may go at once, of what matters and of progress. */
  burst: { matters: number; progress: number }
}

const updates: Rule = {
  perChannel: false,
  promised: 50,
  start: 48,
  most: 200,
  fewest: 10,
  kept: 2,
  burst: { matters: 8, progress: 1 },
}
const posts: Rule = {
  perChannel: true,
  promised: 60,
  start: 58,
  most: 59,
  fewest: 20,
  kept: 0,
  burst: { matters: 1, progress: 1 },
}
/** What an incident's channel is made with: tier 2, and all of it is for people. */
const rooms: Rule = {
  perChannel: false,
  promised: 20,
  start: 19,
  most: 60,
  fewest: 4,
  kept: 0,
  burst: { matters: 8, progress: 8 },
}
const tier2 = new Set([
  'conversations.create',
  'conversations.setTopic',
  'conversations.canvases.create',
  'conversations.archive',
  'conversations.unarchive',
  'pins.add',
  'bookmarks.add',
])
const ruleOf = (method: string): Rule => (method === 'chat.postMessage' ? posts : tier2.has(method) ? rooms : updates)

const minute = 60_000
const longestBurst = 8
/** What was recorded so far ahead of now was recorded before the machine's clock was set back. */
const clockWasSetBack = 5_000

type Line = { method: string; channel: string; limit: Limit; calls: number[]; pressing: number[]; progress: number[] }

export function createBudget(): Budget {
  const lines = new Map<string, Line>()
  const blocked = new Map<string, { until: number; since: number }>()
  const changed = new Set<Line>()

  function lineOf(method: string, channel: string, now: number): Line {
    const rule = ruleOf(method)
    const key = keyOf(method, channel)
    const where = { method, channel: rule.perChannel ? channel : '' }
    const known = lines.get(key) ?? {
      ...where,
      limit: startingLimit(rule.start, null, now),
      calls: [],
      pressing: [],
      progress: [],
    }
    lines.set(key, known)
    followClock(known, now)
    return known
  }

  function blockedUntil(method: string, now: number): number {
    const block = blocked.get(method)
    if (!block) return 0
    if (block.since > now + clockWasSetBack) blocked.set(method, { until: now + block.until - block.since, since: now })
    return blocked.get(method)?.until ?? 0
  }

  function change(line: Line, limit: Limit): void {
    if (limit.perMinute !== line.limit.perMinute) changed.add(line)
    line.limit = limit
  }

  return {
    freeAt(method, channel, matters, now) {
      const [line, rule] = [lineOf(method, channel, now), ruleOf(method)]
      if (line.limit.perMinute < rule.most) change(line, raised(line.limit, rule.promised, now))
      const most = Math.max(1, line.limit.perMinute - (matters ? 0 : rule.kept))
      const window = (line.calls.at(-most) ?? Number.NEGATIVE_INFINITY) + minute
      // Progress is spread over the minute, so that none of it waits for a window to empty.
      const [own, burst] = matters ? [line.pressing, rule.burst.matters] : [line.progress, rule.burst.progress]
      const spread = (own.at(-burst) ?? Number.NEGATIVE_INFINITY) + (burst * minute) / most
      const free = Math.max(now, window, spread)
      if (free > now) line.limit.wanted = true
      return Math.max(free, blockedUntil(method, now))
    },
    spent(method, channel, matters, { sent, answered }) {
      const line = lineOf(method, channel, answered)
      // Slack counted it somewhere between: its minute is over only a minute after the answer.
      line.calls = [...line.calls.filter((at) => at > answered - minute), answered]
      // A gap between posts is measured there too, so it counts from the answer, and is kept by all of them.
      const { perChannel } = ruleOf(method)
      const from = perChannel ? answered : sent
      if (matters || perChannel) line.pressing.push(from)
      if (!matters || perChannel) line.progress.push(from)
      for (const times of [line.pressing, line.progress]) times.splice(0, times.length - longestBurst)
    },
    limited(method, channel, until, now) {
      blocked.set(method, { until: Math.max(until, blockedUntil(method, now)), since: now })
      const line = lineOf(method, channel, now)
      const inWindow = line.calls.filter((at) => at > now - minute)
      const full = (inWindow[0] ?? now) < now - 0.8 * minute
      change(line, lowered(line.limit, full ? inWindow.length : null, ruleOf(method).fewest, now))
    },
    share: (method, channel) =>
      (lines.get(keyOf(method, channel))?.limit.perMinute ?? ruleOf(method).start) - ruleOf(method).kept,
    learnt() {
      const limits = [...changed].map(({ method, channel, limit: { perMinute, wall } }) => {
        return { method, channel, perMinute, wall }
      })
      changed.clear()
      return limits
    },
    believe(limits, now) {
      for (const { method, channel, perMinute, wall } of limits)
        lineOf(method, channel, now).limit = startingLimit(perMinute, wall, now)
    },
  }
}

/** Else nothing would be said until the clock is where it was. */
function followClock(line: Line, now: number): void {
  const ahead = Math.max(0, ...line.calls.slice(-1), ...line.pressing.slice(-1), ...line.progress.slice(-1)) - now
  if (ahead <= clockWasSetBack) return
  const moved = (times: number[]) => times.map((at) => at - ahead)
  line.calls = moved(line.calls)
  line.pressing = moved(line.pressing)
  line.progress = moved(line.progress)
  line.limit = { ...line.limit, changedAt: Math.min(line.limit.changedAt, now) }
}

const keyOf = (method: string, channel: string): string => (ruleOf(method).perChannel ? `${method} ${channel}` : method)
