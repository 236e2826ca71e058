/** The known name that was probably meant, or null when none is near enough to suggest; `production` means `prod`. */
export function nearest(word: string, known: readonly string[]): string | null {
  const wanted = word.toLowerCase().slice(0, 60)
  return slipOf(wanted, known) ?? shorthandOf(wanted, known)
}

const shortest = 3

function shorthandOf(wanted: string, known: readonly string[]): string | null {
  const alike = known.filter((name) => {
    const [short, long] = [wanted, name.toLowerCase()].sort((a, b) => a.length - b.length)
    return short !== undefined && short.length >= shortest && long?.startsWith(short)
  })
  return alike.length === 1 ? (alike[0] ?? null) : null
}

function slipOf(wanted: string, known: readonly string[]): string | null {
  const [best] = known
    .map((name) => ({ name, far: distance(wanted, name.toLowerCase()) }))
    .filter(({ name, far }) => far <= Math.max(1, Math.floor(Math.max(name.length, wanted.length) / 3)))
    .sort((a, b) => a.far - b.far)
  return best?.name ?? null
}

/** Letters to insert, remove, replace or swap with their neighbour. */
export function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) row.push(cell(rows, row, a, b, i, j))
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? 0
}

function cell(rows: number[][], row: number[], a: string, b: string, i: number, j: number): number {
  const at = (line: number[] | undefined, column: number) => line?.[column] ?? Number.POSITIVE_INFINITY
  const replaced = at(rows[i - 1], j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
  const swapped =
    i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(rows[i - 2], j - 2) + 1 : replaced
  return Math.min(at(rows[i - 1], j) + 1, at(row, j - 1) + 1, replaced, swapped)
}
