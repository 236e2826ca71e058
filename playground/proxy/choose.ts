export type Weighted = { weight: number; current: number }

/**
 * Smooth weighted choice: over any stretch each gets its share, and a heavy one's turns are spread out instead of in a
 * row. Changes `current` of all; null when nobody has weight.
 */
export function choose<T extends Weighted>(candidates: T[]): T | null {
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0)
  if (total <= 0) return null
  let best: T | null = null
  for (const candidate of candidates) {
    candidate.current += candidate.weight
    if (candidate.weight > 0 && (best === null || candidate.current > best.current)) best = candidate
  }
  if (best !== null) best.current -= total
  return best
}
