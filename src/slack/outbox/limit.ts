/**
 * How many calls a minute are made of one method, learnt from Slack's refusals: more one by one while they are wanted,
 * fewer by a share when Slack refuses. Slack promises 50 changes of messages a minute and does not say how it counts.
 * `wall`: calls a minute at which Slack last refused; it is neared carefully, until it proves to be gone.
 */
export type Limit = { perMinute: number; wall: number | null; changedAt: number; wanted: boolean }

const minute = 60_000
/** Beyond what is known to be allowed, one more is tried this rarely: so a refusal comes at most every ten minutes. */
const carefulEvery = 11 * minute

export const startingLimit = (perMinute: number, wall: number | null, now: number): Limit => ({
  perMinute,
  wall,
  changedAt: now,
  wanted: false,
})

/** After a refusal. `inWindow`: calls that Slack took within the last minute; null when that minute was not full. */
export function lowered(limit: Limit, inWindow: number | null, fewest: number, now: number): Limit {
  // With fewer taken than allowed, that many is what Slack takes; else it may have counted what is not ours to see.
  const seen = inWindow !== null && inWindow < limit.perMinute ? inWindow : limit.perMinute
  const perMinute = Math.max(fewest, Math.floor(Math.min(limit.perMinute * 0.7, seen * 0.9)))
  return { perMinute, wall: Math.max(fewest, seen), changedAt: now, wanted: false }
}

/** The limit as of now: one more when all were wanted for long enough. `promised`: what Slack gives at least. */
export function raised(limit: Limit, promised: number, now: number): Limit {
  const next = limit.perMinute + 1
  const known = limit.wall === null ? next < promised : next < limit.wall || next > limit.wall + 1
  const pause = known && next < promised ? minute : carefulEvery
  if (!limit.wanted || now - limit.changedAt < pause) return limit
  const gone = limit.wall !== null && next > limit.wall + 1
  return { perMinute: next, wall: gone ? null : limit.wall, changedAt: now, wanted: false }
}
