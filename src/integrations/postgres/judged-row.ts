/** What the operator says must hold: true, or a number within its limits. */
export type Limits = { min?: number | undefined; max?: number | undefined }

/** Exactly one row, whose first column is true, or a number within its limits. */
export function judgedRow(
  rows: { [column: string]: unknown }[],
  { min, max }: Limits,
): { holds: boolean; came: string } {
  const [first, ...more] = Array.isArray(rows) ? rows : []
  if (first === undefined) return { holds: false, came: 'no row' }
  if (more.length > 0) return { holds: false, came: `${more.length + 1} rows, where one was wanted` }
  const value = Object.values(first)[0]
  if (typeof value === 'boolean') return { holds: value, came: String(value) }
  const number = asNumber(value)
  if (number === null) return { holds: false, came: `${shown(value)}, which is neither true nor a number` }
  if (min === undefined && max === undefined) return { holds: false, came: `${number}, and no limits are given` }
  const low = min !== undefined && number < min
  const high = max !== undefined && number > max
  const limit = low ? `, less than ${min}` : high ? `, more than ${max}` : ''
  return { holds: !low && !high, came: `${number}${limit}` }
}

/** Large counts and sums come as text, so that none of their digits is lost. */
function asNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  return null
}

const shown = (value: unknown) => (value === null || value === undefined ? 'nothing' : String(value).slice(0, 100))
