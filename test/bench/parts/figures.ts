/** The middle value. */
export function median(values: number[]): number {
  return percentile(values, 0.5)
}

/** The smallest value that `share` of all do not exceed. */
export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? Number.NaN
}

/** Three significant digits are as much as such a machine can tell. */
export const rounded = (value: number): number => Number(value.toPrecision(3))

/** The last line of a benchmark. */
export function printFigures(bench: string, figures: { [key: string]: number }): void {
  const entries = Object.entries(figures).map(([key, value]) => [key, rounded(value)])
  console.log(JSON.stringify({ bench, figures: Object.fromEntries(entries) }))
}

/** Each time another one first, so that warmth and noise favour nobody. */
export function rotated<T>(items: T[], by: number): T[] {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
