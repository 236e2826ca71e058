import { methods } from './methods.js'

export type Taken = { ok: true } | { ok: false; retryAfterS: number }
export type Limits = {
  /** Off, every call is allowed and none is counted. */
  enabled: boolean
  /**
   * Counts one call of a Web API method by the app in that team; `channel` matters to posting alone. A refused call is
   * not counted. `retryAfterS` is whole seconds, at least 1.
   */
  take(method: string, team: string, channel: string | undefined, nowMs: number): Taken
}

/** `calls` in any `windowMs`. */
type Window = { calls: number; windowMs: number }

const minute = 60_000
const perMinute = (calls: number): Window => ({ calls, windowMs: minute })

/** https://docs.slack.dev/apis/web-api/rate-limits, at the figures Slack promises at least. */
const teamWindows = { 1: perMinute(1), 2: perMinute(20), 3: perMinute(50), 4: perMinute(100) }
const severalHundred = perMinute(300)

/** About one message a second and channel; Slack lets a short burst through, here five in five seconds. */
const postWindow: Window = { calls: 5, windowMs: 5_000 }

/** Slack's rate limits in sliding windows, counted per method and team; posting also per channel. */
export function createLimits(): Limits {
  const calls = new Map<string, number[]>()
  const recent = (key: string, { windowMs }: Window, nowMs: number) => {
    const kept = (calls.get(key) ?? []).filter((at) => at > nowMs - windowMs)
    calls.set(key, kept)
    return kept
  }
  const limits: Limits = {
    enabled: true,
    take(method, team, channel, nowMs) {
      if (!limits.enabled) return { ok: true }
      const counted = windowsOf(method, team, channel).map(([key, window]) => ({
        window,
        at: recent(key, window, nowMs),
      }))
      const waits = counted.map(({ window, at }) => waitMs(window, at, nowMs))
      const longest = Math.max(0, ...waits)
      if (longest > 0) return { ok: false, retryAfterS: Math.max(1, Math.ceil(longest / 1000)) }
      for (const { at } of counted) at.push(nowMs)
      return { ok: true }
    },
  }
  return limits
}

function windowsOf(method: string, team: string, channel: string | undefined): [string, Window][] {
  const key = `${team} ${method}`
  const tier = methods[method]?.tier ?? 'special'
  if (tier === 'special') return [[key, severalHundred]]
  if (tier !== 'post') return [[key, teamWindows[tier]]]
  return [
    [key, severalHundred],
    [`${key} ${channel ?? ''}`, postWindow],
  ]
}

/** How long until the window has room for one more call. */
function waitMs({ calls, windowMs }: Window, at: number[], nowMs: number): number {
  const oldest = at[at.length - calls]
  return oldest === undefined ? 0 : oldest + windowMs - nowMs
}
