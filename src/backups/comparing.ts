export type Counted = { table: string; rows: number }

/** One table whose rows differ between the live data and the restored one; null where it is not there. */
export type Difference = { table: string; live: number | null; restored: number | null }

/** What people decide by: tables that differ, those that come back or go first. */
export function differencesOf(live: Counted[], restored: Counted[]): Difference[] {
  const tables = [...new Set([...restored, ...live].map(({ table }) => table))]
  const rowsOf = (counted: Counted[], table: string) => counted.find((one) => one.table === table)?.rows ?? null
  return tables
    .map((table) => ({ table, live: rowsOf(live, table), restored: rowsOf(restored, table) }))
    .filter((one) => one.live !== one.restored)
    .sort((a, b) => weight(b) - weight(a) || a.table.localeCompare(b.table))
}

const weight = ({ live, restored }: Difference) =>
  live === null || restored === null ? Number.MAX_SAFE_INTEGER : Math.abs(restored - live)

const shownRows = (rows: number | null) => (rows === null ? 'not there' : rows.toLocaleString('en'))

/** "orders: not there → 1,204": as it is before a restore, and as it is after it. */
export const differenceWords = ({ table, live, restored }: Difference): string =>
  `${table}: ${shownRows(live)} → ${shownRows(restored)}`

const told = 3

/** "3 tables differ: …"; the table of evidence has them all. */
export function comparisonWords(differences: Difference[], tables: number): string {
  if (differences.length === 0)
    return tables === 1 ? 'the one table has as many rows in both' : `all ${tables} tables have as many rows in both`
  const more = differences.length > told ? ` and ${differences.length - told} more` : ''
  const count = differences.length === 1 ? '1 table differs' : `${differences.length} tables differ`
  return `${count}: ${differences.slice(0, told).map(differenceWords).join('; ')}${more}`
}
