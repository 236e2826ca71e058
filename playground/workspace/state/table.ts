import type { Journal } from './journal.js'

/** Rows by id. A row that was changed in place must be `put` again to be kept and told. */
export type Table<Row> = {
  get(id: string): Row | undefined
  put(row: Row): Row
  delete(id: string): boolean
  all(): Row[]
  clear(): void
}

/** A table whose changes go to the journal; `keyOf` names a row. */
export function createTable<Row>(name: string, keyOf: (row: Row) => string, journal: Journal): Table<Row> {
  const rows = new Map<string, Row>()
  for (const entry of journal.rows) if (entry.table === name) rows.set(entry.id, entry.row as Row)
  const drop = (id: string) => {
    if (!rows.delete(id)) return false
    journal.append({ table: name, id, row: null })
    return true
  }
  return {
    get: (id) => rows.get(id),
    put(row) {
      const id = keyOf(row)
      rows.set(id, row)
      journal.append({ table: name, id, row })
      return row
    },
    delete: drop,
    all: () => [...rows.values()],
    clear: () => [...rows.keys()].forEach(drop),
  }
}
