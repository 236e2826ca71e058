import { duration } from '../text.js'

/**
 * What is left, going by how long runs of this kind took before: "about 3 min left". Null without earlier ones or when
 * it should be over any moment. `earlier` and `elapsed` in milliseconds.
 */
export function expectedLeft(earlier: number[], elapsed: number): string | null {
  const usual = median(earlier)
  if (usual === null) return null
  if (elapsed > usual * 1.5 && elapsed - usual > minute / 2) return `longer than the usual ${rounded(usual)}`
  const left = usual - elapsed
  return left < 5_000 ? null : `about ${rounded(left)} left`
}

const minute = 60_000

function median(values: number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}

/** An estimate to the second would lie: tens of seconds below two minutes, minutes above. */
function rounded(ms: number): string {
  const unit = ms < 20_000 ? 5_000 : ms < 2 * minute ? 10_000 : minute
  return duration(Math.max(unit, Math.round(ms / unit) * unit))
}
