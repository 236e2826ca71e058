import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** One change of one row; `row` is null when it went away. */
export type Entry = { table: string; id: string; row: unknown }

export type Journal = {
  /** Every row that is alive, in the order it was first written. */
  rows: Entry[]
  append(entry: Entry): void
  close(): void
}

/**
 * Keeps rows in `<dir>/journal.ndjson`, one JSON line a change, handed to the operating system before `append` returns,
 * so that killing the process loses nothing. Without a directory nothing is kept.
 */
export function openJournal(dir: string | undefined): Journal {
  if (!dir) return { rows: [], append: () => {}, close: () => {} }
  mkdirSync(dir, { recursive: true })
  const path = join(dir, 'journal.ndjson')
  const rows = aliveRows(readLines(path))
  rewrite(path, rows)
  const file = openSync(path, 'a')
  return {
    rows,
    append: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
    close: () => closeSync(file),
  }
}

function readLines(path: string): Entry[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return text.split('\n').flatMap(parseLine)
}

// The last line may be cut when the machine stopped in the middle of a write.
function parseLine(line: string): Entry[] {
  if (!line) return []
  try {
    return [JSON.parse(line) as Entry]
  } catch {
    return []
  }
}

function aliveRows(entries: Entry[]): Entry[] {
  const alive = new Map<string, Entry>()
  for (const entry of entries) {
    const key = `${entry.table}\n${entry.id}`
    if (entry.row === null) alive.delete(key)
    else alive.set(key, entry)
  }
  return [...alive.values()]
}

function rewrite(path: string, rows: Entry[]): void {
  const fresh = `${path}.fresh`
  writeFileSync(fresh, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  renameSync(fresh, path)
}
