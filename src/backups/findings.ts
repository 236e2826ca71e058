import type { BackupPolicy } from '../releases/backups/backup-policy.js'
import { shownDuration } from '../releases/durations.js'
import type { ScratchFindings } from './engine.js'
import { filesJudges, filesWords } from './files.js'
import type { Drill } from './known.js'
import { breaks, holds, type Judgement, notAsked, numbered } from './proof.js'
import { counted, shownBytes } from './sizes.js'

/** What a drill brought back, with the times that it took. */
export type Found = ScratchFindings & {
  label: string
  /** When the restore was asked for. */
  at: Date
  lossMs: number
  restoreMs: number
  recoveryMs: number
  checkMs: number
  bytes: number
  /** What came back: a database, or files that were compared with what was stored. */
  of?: 'database' | 'files'
}

export const questions = ['structure', 'rows', 'orphans', 'newest', 'invariants'] as const
export type Question = (typeof questions)[number]

type Judge = (found: Found, policy: BackupPolicy['drill']) => Judgement

/** One question about what came back. Nothing looked at is nothing proven. */
export const judged = (question: Question, found: Found, policy: BackupPolicy['drill']): Judgement =>
  (found.of === 'files' ? filesJudges : judges)[question](found, policy)

const judges: { [question in Question]: Judge } = {
  structure: ({ structure: { checked, problems } }) => {
    if (problems.length > 0) return breaks(`${counted(problems.length, 'problem')}: ${problems[0]}`, numbered(problems))
    return checked > 0
      ? holds(`${counted(checked, 'table')} and their indexes are whole`)
      : breaks('nothing was looked at')
  },
  rows: ({ rows }, { tables }) => {
    const absent = tables.filter((table) => !rows.some((one) => named(one.table, table)))
    if (absent.length > 0) return breaks(`${absent.join(', ')} did not come back`)
    const empty = rows.filter((one) => one.rows === 0 && tables.some((table) => named(one.table, table)))
    if (empty.length > 0) return breaks(`${empty.map(({ table }) => table).join(', ')} came back empty`)
    const total = rows.reduce((sum, one) => sum + one.rows, 0)
    if (total === 0) return breaks(rows.length === 0 ? 'no table came back' : 'every table came back empty')
    return holds(`${counted(total, 'row')} in ${counted(rows.length, 'table')}`)
  },
  orphans: ({ orphans }) => {
    const bad = orphans.filter(({ rows }) => rows > 0)
    if (bad.length === 0) return holds('no row refers to one that is not there')
    const words = bad.map(({ constraint, rows }) => `${counted(rows, 'orphan')} in ${constraint}`)
    return breaks(words.slice(0, 3).join(', '), numbered(words))
  },
  newest: ({ newestAt, at }, { newest }) => {
    if (!newest) return notAsked('the operator’s file names no column that tells')
    if (!newestAt) return breaks(`${newest.table} has no row whose ${newest.column} tells`)
    const age = Math.max(0, at.getTime() - newestAt.getTime())
    const words = `the newest row of ${newest.table} was ${shownDuration(age)} old`
    if (newest.within === null) return holds(words)
    const limited = `${words}, limit ${shownDuration(newest.within)}`
    return age <= newest.within ? holds(limited) : breaks(limited)
  },
  invariants: ({ invariants }, policy) => {
    if (policy.invariants.length === 0) return notAsked('the operator’s file names none')
    const unasked = policy.invariants.filter(({ name }) => !invariants.some((one) => one.name === name))
    const words = [
      ...invariants.filter((one) => !one.holds).map(({ name, came }) => `"${name}" does not hold: ${came}`),
      ...unasked.map(({ name }) => `"${name}" was not asked`),
    ]
    if (words.length > 0) return breaks(words.slice(0, 3).join(', '), numbered(words))
    return holds(`${invariants.length === 1 ? 'the one' : `all ${invariants.length}`} of the operator’s file`)
  },
}

/** A table may come back with its schema before it. */
const named = (table: string, wanted: string) => table === wanted || table.endsWith(`.${wanted}`)

/** The drill as it is remembered: passed when nothing that was asked broke. */
export function drillFrom(run: number, policy: Pick<BackupPolicy, 'database' | 'drill'>, found: Found): Drill {
  const broken = questions.map((one) => judged(one, found, policy.drill)).filter(({ outcome }) => outcome === 'fail')
  const { label, at, lossMs, restoreMs, recoveryMs, checkMs, bytes, newestAt } = found
  return {
    ...{ run, database: policy.database, label, at, lossMs, restoreMs, recoveryMs, checkMs, bytes, newestAt },
    passed: broken.length === 0,
    verdict: broken.map(({ summary }) => summary).join('; ') || 'all held',
    tables: found.rows.length,
    rows: found.rows.reduce((sum, { rows }) => sum + rows, 0),
  }
}

/** One whose restore itself did not work. */
export const drillBroken = (run: number, database: string, label: string, at: Date, verdict: string): Drill => {
  const none = { lossMs: 0, restoreMs: 0, recoveryMs: 0, checkMs: 0, bytes: 0, tables: 0, rows: 0, newestAt: null }
  return { run, database, label, at, passed: false, verdict, ...none }
}

/** "RPO 12 s, RTO 3 min 24 s: 1.2 GB, 12 tables, 200,000 rows, looked at in 40 s". */
export function figuresOf(found: Found): string {
  const rows = found.rows.reduce((sum, one) => sum + one.rows, 0)
  const rto = shownDuration(found.restoreMs + found.recoveryMs)
  const size =
    found.of === 'files' ? filesWords(found) : `${counted(found.rows.length, 'table')}, ${counted(rows, 'row')}`
  const what = `${shownBytes(found.bytes)}, ${size}`
  return `RPO ${shownDuration(found.lossMs)}, RTO ${rto}: ${what}, looked at in ${shownDuration(found.checkMs)}`
}
