import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ScratchFindings, ScratchQuestions, ScratchYard } from '../../../src/backups/engine.js'

type Row = { id: number; of?: number; at?: string }

/**
 * Scratch "servers" on the files of the plain engine: running is a file beside them, asking reads them. `of` refers to
 * an id of the table `customers`; an invariant's query is "count <table>". Waits while `slow` is among the moods.
 */
export function createPlainYard(yard: string, moods: string): ScratchYard {
  const dataOf = (folder: string) => join(folder, 'data')
  return {
    folder: async (key) => {
      const folder = join(yard, key.replace(/\W+/g, '-'))
      await rm(folder, { recursive: true, force: true })
      await mkdir(dataOf(folder), { recursive: true })
      await writeFile(join(folder, 'made-for'), key)
      return dataOf(folder)
    },
    start: async (data, { clock, signal }) => {
      await writeFile(join(data, '..', 'running'), '')
      while (existsSync(join(moods, 'slow-start')) && !signal.aborted) await clock.sleep(10, signal)
      signal.throwIfAborted()
      return {
        url: `file:${data}`,
        recoveredInMs: 7,
        ask: (questions) => asked(data, questions),
        stop: () => rm(join(data, '..', 'running'), { force: true }),
      }
    },
    remove: (data) => rm(join(data, '..'), { recursive: true, force: true }),
    left: async () => {
      const names = await readdir(yard).catch(() => [])
      return Promise.all(
        names.map(async (name) => ({
          key: await readFile(join(yard, name, 'made-for'), 'utf8').catch(() => name),
          folder: dataOf(join(yard, name)),
          running: existsSync(join(yard, name, 'running')),
        })),
      )
    },
  }
}

async function asked(data: string, { tables, newest, invariants }: ScratchQuestions): Promise<ScratchFindings> {
  const names = (await readdir(data))
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.replace('.jsonl', ''))
  const problems: string[] = []
  const read = await Promise.all(
    names.map(async (table) => {
      const rows = (await readFile(join(data, `${table}.jsonl`), 'utf8')).split('\n').filter((line) => line !== '')
      const parsed = rows.flatMap((line): Row[] => {
        try {
          return [JSON.parse(line)]
        } catch {
          problems.push(`${table}: a row cannot be read`)
          return []
        }
      })
      return [table, parsed] as const
    }),
  )
  const all = new Map(read)
  const rowsOf = (table: string) => all.get(table) ?? []
  const ids = new Set(rowsOf('customers').map(({ id }) => id))
  const wanted = tables.length === 0 ? names : tables.filter((table) => names.includes(table))
  const orphansOf = (table: string) => rowsOf(table).filter(({ of }) => of !== undefined && !ids.has(of)).length
  const moments = newest ? rowsOf(newest.table).flatMap(({ at }) => (at ? [Date.parse(at)] : [])) : []
  return {
    structure: { checked: names.length, problems },
    rows: wanted.map((table) => ({ table, rows: rowsOf(table).length })),
    orphans: names.map((table) => ({ constraint: `${table}_of_fkey`, rows: orphansOf(table) })),
    newestAt: moments.length === 0 ? null : new Date(Math.max(...moments)),
    invariants: invariants.map(({ name, sql, min = 1, max = Number.POSITIVE_INFINITY }) => {
      const came = rowsOf(sql.replace('count ', '')).length
      return { name, holds: came >= min && came <= max, came: String(came) }
    }),
  }
}
