/** How much was stored at a moment, and what was free. */
export type Sample = { at: Date; storedBytes: number; freeBytes: number | null; databaseBytes: number | null }

const dayMs = 86_400_000
/** Shorter spans tell the noise of one backup, not growth. */
const shortest = dayMs / 2

/** Bytes a day, from a straight line through the samples; null where they say too little. */
export function growthOf(samples: Pick<Sample, 'at' | 'storedBytes'>[]): number | null {
  const times = samples.map(({ at }) => at.getTime())
  if (samples.length < 3 || Math.max(...times) - Math.min(...times) < shortest) return null
  const [meanTime, meanBytes] = [mean(times), mean(samples.map(({ storedBytes }) => storedBytes))]
  const spread = times.reduce((sum, at) => sum + (at - meanTime) ** 2, 0)
  const together = samples.reduce((sum, { at, storedBytes }) => {
    return sum + (at.getTime() - meanTime) * (storedBytes - meanBytes)
  }, 0)
  return (together / spread) * dayMs
}

/** Days until nothing is free any more; null when nothing grows, or when it cannot be told. */
export function daysUntilFull(samples: Sample[]): number | null {
  const newest = samples.reduce<Sample | null>((last, one) => (last && last.at >= one.at ? last : one), null)
  const growth = growthOf(samples)
  if (newest === null || newest.freeBytes === null) return null
  if (newest.freeBytes <= 0) return 0
  return growth === null || growth <= 0 ? null : newest.freeBytes / growth
}

const mean = (values: number[]) => values.reduce((sum, one) => sum + one, 0) / values.length
