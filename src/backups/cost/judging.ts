import { shownDuration } from '../../releases/durations.js'
import { isThere, type KnownBackup } from '../known.js'
import { median } from '../proof.js'
import { shownBytes } from '../sizes.js'
import type { BackupCost, Change, DatabaseCost } from './cost.js'

/** A backup with how long it took, and how long those of its kind took before. Milliseconds. */
export type Took = { took: number; usual: number | null }

/** So many before it tell what is usual; fewer than three tell nothing. */
const looked = 10
const leastBefore = 3

export function tookOf(one: KnownBackup, all: KnownBackup[]): Took {
  const before = all
    .filter(({ kind, endedAt, label }) => kind === one.kind && endedAt < one.endedAt && label !== one.label)
    .sort((a, b) => b.endedAt.getTime() - a.endedAt.getTime())
    .slice(0, looked)
    .map(lasted)
  return { took: lasted(one), usual: before.length < leastBefore ? null : median(before) }
}

const lasted = ({ startedAt, endedAt }: Pick<KnownBackup, 'startedAt' | 'endedAt'>) =>
  Math.max(0, endedAt.getTime() - startedAt.getTime())

/** The newest one that is there, with its cost: what /backup status tells. */
export function newestCost(
  backups: KnownBackup[],
): { backup: KnownBackup; cost: BackupCost | null; took: Took } | null {
  const [newest] = backups.filter(isThere).sort((a, b) => b.endedAt.getTime() - a.endedAt.getTime())
  return newest ? { backup: newest, cost: newest.cost, took: tookOf(newest, backups) } : null
}

const minute = 60_000
const gigabyte = 1_000_000_000

/** From where on a cost is clearly high. Each has two sides, so that noise on small figures is none. */
export const costLimits = {
  p95: { times: 1.5, atLeast: 50, words: 'half as much again, and 50 ms' },
  errors: { more: 0.01, words: 'one request more of a hundred' },
  lag: { more: 30_000, words: '30 s more than before' },
  kept: { more: gigabyte, words: '1 GB more than before' },
  took: { times: 2, atLeast: minute, words: 'twice the usual, and a minute' },
}

/** What is clearly high, each with the limit it is held against; empty is well, as far as it was seen. */
export function highIn(cost: BackupCost | null, took: Took): string[] {
  const application = cost?.application && 'seen' in cost.application ? cost.application.seen : null
  const database = seenDatabase(cost)
  const { p95, errors, lag, kept } = costLimits
  return [
    ...over(
      application?.p95,
      ({ before, during }) => during >= before * p95.times && during - before >= p95.atLeast,
    )((one) => `p95 rose from ${ms(one.before)} to ${ms(one.during)} (limit: ${p95.words})`),
    ...over(
      application?.errors,
      ({ before, during }) => during - before >= errors.more,
    )((one) => `failed requests rose from ${share(one.before)} to ${share(one.during)} (limit: ${errors.words})`),
    ...over(
      database?.lag,
      ({ before, during }) => during - before >= lag.more,
    )((one) => `replicas were up to ${shownDuration(one.during)} behind (limit: ${lag.words})`),
    ...over(
      database?.slot?.kept,
      ({ before, during }) => during - before >= kept.more,
    )((one) => `the slot ${database?.slot?.name} kept up to ${shownBytes(one.during)} of WAL (limit: ${kept.words})`),
    ...(isLong(took)
      ? [
          `it took ${shownDuration(took.took)}, usually ${shownDuration(took.usual ?? 0)} (limit: ${costLimits.took.words})`,
        ]
      : []),
  ]
}

const isLong = ({ took, usual }: Took): boolean =>
  usual !== null && took >= usual * costLimits.took.times && took - usual >= costLimits.took.atLeast

const over =
  (change: Change | null | undefined, isHigh: (change: Change) => boolean) => (words: (change: Change) => string) =>
    change && isHigh(change) ? [words(change)] : []

/** One sentence; null where nothing is clearly high. */
export function adviceFor(cost: BackupCost | null, took: Took, engine: string): string | null {
  const high = highIn(cost, took)
  if (high.length === 0) return null
  if (high.length === 1 && isLong(took))
    return 'Look what has grown, and whether something else uses the storage at that hour.'
  const replica = /pgbackrest/i.test(engine)
    ? ', or let pgBackRest read from a replica (backup-standby in its file)'
    : ''
  return `Move it to a quieter hour (schedule in the operator’s file)${replica}.`
}

/** "p95 212 → 230 ms while it ran; took 3 min, usually 2 min 50 s". */
export function costWords(cost: BackupCost | null, took: Took): string {
  const usual = took.usual === null ? '' : `, usually ${shownDuration(took.usual)}`
  const during = duringWords(cost)
  return [
    ...(during.length > 0 ? [`${during.join(', ')} while it ran`] : []),
    `took ${shownDuration(took.took)}${usual}`,
  ].join('; ')
}

/** What nobody looked at, and why; empty where all was seen. */
export function unseenWords(cost: BackupCost | null): string[] {
  const why = (part: BackupCost['application'] | BackupCost['database']) => (part && 'why' in part ? [part.why] : [])
  return cost === null ? [] : [...why(cost.application), ...why(cost.database)]
}

function duringWords(cost: BackupCost | null): string[] {
  const application = cost?.application && 'seen' in cost.application ? cost.application.seen : null
  const { p95 = null, errors = null } = application ?? {}
  return [
    ...(p95 ? [`p95 ${Math.round(p95.before)} → ${ms(p95.during)}`] : []),
    // No failed request at all is what people expect; it needs no words beside p95.
    ...(errors && (p95 === null || Math.max(errors.before, errors.during) >= 0.0005)
      ? [`errors ${share(errors.before)} → ${share(errors.during)}`]
      : []),
    ...databaseWords(seenDatabase(cost)),
  ]
}

const leastLag = 1_000
const leastKept = 64_000_000

function databaseWords(database: DatabaseCost | null): string[] {
  const { lag = null, slot = null } = database ?? {}
  return [
    ...(lag && lag.during >= leastLag ? [`replicas up to ${shownDuration(lag.during)} behind`] : []),
    ...(slot && slot.kept.during >= leastKept
      ? [`up to ${shownBytes(slot.kept.during)} of WAL kept by ${slot.name}`]
      : []),
  ]
}

const seenDatabase = (cost: BackupCost | null): DatabaseCost | null =>
  cost?.database && 'seen' in cost.database ? cost.database.seen : null

const ms = (value: number) => `${Math.round(value)} ms`
const share = (value: number) => `${Number((value * 100).toFixed(value < 0.01 ? 2 : 1))} %`
