import type { EngineContext } from './engine.js'

/** How one table was then, against how it is now. */
export type TableReview = {
  /** As people call it: without its schema where that is `public`. */
  table: string
  /** Rows then and now; null: the table is not there now. */
  was: number
  now: number | null
  /** Rows that were there then and are not now; that differ; that are new since, which nothing touches. */
  gone: number
  changed: number
  fresh: number
  /** Columns that are not on both sides alike: nothing is compared or brought back in them. */
  leftOut: string[]
  /** Why its rows can only be looked at; null: they can be brought back. */
  onlyToSee: string | null
}

/** What a merge did to one table. */
export type TableMerge = { table: string; added: number; setBack: number }

/** What is brought back: rows that are gone, or these and how changed ones were. */
export type MergeKind = 'gone' | 'all'

/**
 * Rows of single tables, from a restored server into a schema of the live database for people to look at, and from there
 * into their tables. Each method looks what is so first: done twice it is done once.
 */
export type TableRecovery = {
  schemaOf(run: number): string
  /** Throws with what is missing. */
  ready(context: EngineContext): Promise<{ summary: string }>
  /** In one transaction: the schema is there whole, or not at all. `from`: the restored server, as a superuser. */
  review(order: { run: number; tables: string[]; from: string }, context: EngineContext): Promise<TableReview[]>
  /** In one transaction; what it overwrites is kept in the schema. */
  merge(order: { run: number; kind: MergeKind }, context: EngineContext): Promise<TableMerge[]>
  /** How many rows of the review are not in their tables as they were; 0 right after a merge. */
  missing(order: { run: number; kind: MergeKind }, context: EngineContext): Promise<number>
  /** Whether the merge of that run can be taken back: it was done, and its schema is there. */
  merged(run: number, context: EngineContext): Promise<boolean>
  /** What the merge did goes again, where nobody has changed it since. */
  unmerge(run: number, context: EngineContext): Promise<{ summary: string }>
  drop(run: number, context: EngineContext): Promise<{ summary: string }>
}

const count = (rows: number, what: string) => `${rows.toLocaleString('en')} ${what}`

/** "orders: 345 gone, 2 changed, 12 new since", or what stands in the way. */
export function reviewWords({ table, was, now, gone, changed, fresh, onlyToSee }: TableReview): string {
  if (now === null) return `${table}: not there now, ${count(was, 'rows')} then; only to look at`
  if (onlyToSee) return `${table}: ${count(was, 'rows')} then, ${count(now, 'now')}; only to look at: ${onlyToSee}`
  if (gone === 0 && changed === 0) return `${table}: as it was${fresh > 0 ? `, and ${count(fresh, 'new since')}` : ''}`
  return `${table}: ${count(gone, 'gone')}, ${count(changed, 'changed')}, ${count(fresh, 'new since')}`
}

/** What the merge will do, for those who decide. */
export function mergeWords(reviews: TableReview[], kind: MergeKind): string {
  const able = reviews.filter((one) => canMerge(one))
  const gone = able.reduce((sum, one) => sum + one.gone, 0)
  const changed = able.reduce((sum, one) => sum + one.changed, 0)
  const back = `${count(gone, gone === 1 ? 'row comes' : 'rows come')} back`
  if (kind === 'all') return `${back}, ${count(changed, changed === 1 ? 'is' : 'are')} set back; what is new stays`
  return changed === 0
    ? `${back}; what is new stays`
    : `${back}; ${count(changed, 'that changed stay as they are now')}`
}

export const mergedWords = (merged: TableMerge[]): string =>
  merged.map(({ table, added, setBack }) => `${table}: ${added} added, ${setBack} set back`).join('; ') ||
  'nothing to do'

/** What taking a merge back did: rows that people changed since are theirs, and stay. */
export function takenBackWords(rows: number, merged: TableMerge[]): string {
  const left = merged.reduce((sum, { added, setBack }) => sum + added + setBack, 0) - rows
  const stay =
    left > 0 ? `; ${count(left, left === 1 ? 'was changed since and stays' : 'were changed since and stay')}` : ''
  return `${count(rows, rows === 1 ? 'row is' : 'rows are')} as before the merge (${mergedWords(merged)})${stay}`
}

export const canMerge = ({ now, onlyToSee }: Pick<TableReview, 'now' | 'onlyToSee'>): boolean =>
  now !== null && onlyToSee === null

/** Why a merge of that kind would change nothing, and what to do instead; null when it would bring rows back. */
export function notWorthIt(reviews: TableReview[], kind: MergeKind): { why: string; next: string } | null {
  const able = reviews.filter(canMerge)
  if (able.some(({ gone, changed }) => gone + (kind === 'all' ? changed : 0) > 0)) return null
  const why = `nothing can be brought back: ${reviews.map(reviewWords).join('; ')}`
  if (able.some(({ changed }) => changed > 0))
    return { why, next: 'Ask with the words "and changes" to set changed rows back.' }
  if (able.length < reviews.length)
    return { why, next: 'A table that is gone comes back with the whole database: /restore with the same moment.' }
  return { why, next: 'Choose an earlier moment.' }
}
