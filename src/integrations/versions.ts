/**
 * Orders version names newest first: by semantic version (v1.10.0 before v1.9.2, v1.9.0 before v1.9.0-rc.1), and names
 * that are none after all that are, by text.
 */
export function newestFirst(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)]
  if (left === null || right === null) return Number(left === null) - Number(right === null) || (a < b ? 1 : -1)
  return compareNumbers(right.numbers, left.numbers) || comparePre(right.pre, left.pre)
}

type Parts = { numbers: number[]; pre: string[] }

function partsOf(version: string): Parts | null {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/.exec(version)
  if (match === null) return null
  return { numbers: match.slice(1, 4).map(Number), pre: match[4]?.split('.') ?? [] }
}

function compareNumbers(a: number[], b: number[]): number {
  const at = a.findIndex((value, index) => value !== b[index])
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

/** A release is newer than its own candidates; numbers are compared as numbers and come before words. */
function comparePre(a: string[], b: string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [left, right] = [a[index], b[index]]
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1
    const order = compareIdentifiers(left, right)
    if (order !== 0) return order
  }
  return 0
}

function compareIdentifiers(a: string, b: string): number {
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (left && right) return Number(a) - Number(b)
  if (left !== right) return left ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}
