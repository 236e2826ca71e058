/** What titles and answers are called by: small letters, digits and dashes. */
export const keyPattern = /^[a-z0-9][a-z0-9-]{0,59}$/

/** `p95 is back under 300 ms` → `p95-is-back-under-300-ms`; empty when there is nothing to name it by. */
export function keyOf(title: string): string {
  const ascii = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const dashed = ascii.replace(/['’]/g, '').replace(/[^a-z0-9]+/g, '-')
  return dashed.replace(/^-+/, '').slice(0, 50).replace(/-+$/, '')
}

/** The key, or the next one that nobody has: `restart-it`, `restart-it-2`. */
export function freeKey(wanted: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const key = count === 1 ? wanted : `${wanted}-${count}`
    if (!taken.has(key)) return key
  }
}
