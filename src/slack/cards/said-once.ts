/** What evidence says beyond the step's own title: clauses that only repeat it are left out. Possibly nothing. */
export function beyondTitle(title: string, evidence: string): string {
  const known = wordsOf(title)
  return evidence
    .split(/(?<=[,;:]) /)
    .filter((clause) => wordsOf(clause).some((word) => !known.some((told) => sameWord(told, word))))
    .join(' ')
    .replace(/[,;:]$/, '')
}

const small = new Set(['a', 'an', 'the', 'of', 'on', 'in', 'at', 'to', 'is', 'are', 'and'])

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/\s+/)
    .map((word) => word.replace(/[.,;:!]+$/, ''))
    .filter((word) => word !== '' && !small.has(word))

/** "Start" and "started" say the same; numbers and versions only when they are equal. */
function sameWord(a: string, b: string): boolean {
  if (a === b) return true
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  return short.length >= 4 && /^\p{L}+$/u.test(long) && long.startsWith(short)
}
