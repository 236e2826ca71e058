import { shownDuration } from '../releases/durations.js'
import { type Drill, isThere, type KnownBackup, recoveryTime } from './known.js'

/** The newest backup that a drill has restored and that nothing was found wrong with since; only such a one counts. */
export function newestProven(backups: KnownBackup[]): KnownBackup | null {
  return backups
    .filter((one) => isThere(one) && one.provenAt !== null && one.defects.length === 0)
    .reduce<KnownBackup | null>((newest, one) => (newest && newest.endedAt >= one.endedAt ? newest : one), null)
}

export type Proof = { holds: boolean; words: string; next: string }

/** Whether a proven backup is no older than the policy wants, with what to type where it is not. */
export function proofOf(database: string, backups: KnownBackup[], limit: number, now: Date): Proof {
  const next = `Prove one: /restore drill ${database}`
  const proven = newestProven(backups)
  if (!proven)
    return {
      holds: false,
      words: backups.some(isThere)
        ? `no backup of ${database} was ever restored in a drill`
        : `${database} has no backup`,
      next: backups.some(isThere)
        ? next
        : `Take one, then prove it: /backup ${database} full, /restore drill ${database}`,
    }
  const age = now.getTime() - proven.endedAt.getTime()
  const words = `the last proven backup of ${database} is ${shownDuration(age)} old, limit ${shownDuration(limit)}`
  return { holds: age <= limit, words, next }
}

export type Expected = { lossMs: number; recoveryMs: number; from: number }

/** So many drills before tell what to expect. */
const looked = 10

/**
 * What a restore would cost now, from drills that passed: the loss is the worst one seen, the time grows with the bytes
 * as it did before. Null before the first drill.
 */
export function expectedOf(drills: Drill[], bytes: number): Expected | null {
  const passed = drills
    .filter((one) => one.passed)
    .sort((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, looked)
  if (passed.length === 0) return null
  const slowest = passed.map(
    (one) => (one.bytes > 0 ? one.restoreMs * (bytes / one.bytes) : one.restoreMs) + one.recoveryMs,
  )
  return {
    lossMs: Math.max(...passed.map(({ lossMs }) => lossMs)),
    recoveryMs: Math.round(median(slowest)),
    from: passed.length,
  }
}

export function expectedWords(expected: Expected | null): string {
  if (!expected) return 'what a restore costs is not known: no drill has passed yet'
  const drills = expected.from === 1 ? 'the last drill' : `the last ${expected.from} drills`
  return `a restore takes about ${shownDuration(expected.recoveryMs)} and loses at most ${shownDuration(expected.lossMs)}, by ${drills}`
}

/** "RPO 12 s · RTO 3 min 24 s · 1.2 GB …" is for cards; this is the whole in one sentence. */
export const drillWords = (drill: Drill): string =>
  drill.passed
    ? `RPO ${shownDuration(drill.lossMs)}, RTO ${shownDuration(recoveryTime(drill))}`
    : `failed: ${drill.verdict}`

/** 0 for none. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return (low + high) / 2
}

/** What a drill says to one of its questions. skip: the operator's file does not ask it. */
export type Judgement = { outcome: 'pass' | 'fail' | 'skip'; summary: string; details?: { [name: string]: string } }

export const holds = (summary: string): Judgement => ({ outcome: 'pass', summary })
export const breaks = (summary: string, details?: Judgement['details']): Judgement => ({
  outcome: 'fail',
  summary,
  ...(details && { details }),
})
export const notAsked = (summary: string): Judgement => ({ outcome: 'skip', summary })

export const numbered = (words: string[]) =>
  Object.fromEntries(words.slice(0, 10).map((word, at) => [String(at + 1), word]))
