import { type BackupPolicy, isSet } from '../releases/backups/backup-policy.js'
import { lastMoment } from '../releases/backups/cron.js'
import { shownDuration } from '../releases/durations.js'
import type { BackupKind } from './backup.js'
import { daysUntilFull, type Sample } from './growth.js'
import { type Drill, isThere, type KnownBackup, type LastLook } from './known.js'
import { median, proofOf } from './proof.js'
import { type Clockwork, standsFor } from './schedule.js'
import { shownBytes } from './sizes.js'
import { latestMoment } from './window.js'

/** What is wrong with the backups of a database, one by one; each raises an alert of its own and ends it when well again. */
export const troubleKinds = [
  'missed',
  'late',
  'stuck',
  'shrunken',
  'failing',
  'holes',
  'behind',
  'full',
  'damaged',
  'unproven',
  'drill failed',
  'unreadable',
] as const
export type TroubleKind = (typeof troubleKinds)[number]

export type Trouble = {
  kind: TroubleKind
  severity: 'SEV2' | 'SEV3'
  /** One line, and what to do about it. */
  title: string
  next: string
}

/** A run of Shipmate's that backs this database up, or stands in line to. */
export type LiveBackup = { run: number; kind: BackupKind; askedAt: Date; startedAt: Date | null }

/** All that is looked at. */
export type Sight = {
  policy: BackupPolicy
  clockwork: Clockwork
  backups: KnownBackup[]
  drills: Drill[]
  samples: Sample[]
  look: LastLook | null
  live: LiveBackup[]
}

type Judge = (sight: Sight, now: Date) => Trouble[]

/** Every judgement, the worst first. Pure: the same rows and moment give the same words. */
export function troublesOf(sight: Sight, now: Date): Trouble[] {
  const judges: Judge[] = [punctual, stuck, shrunken, damaged, archive, behind, room, proven, drilled, unreadable]
  const found = judges.flatMap((judge) => judge(sight, now))
  return found.sort((a, b) => a.severity.localeCompare(b.severity))
}

const trouble = (kind: TroubleKind, severity: Trouble['severity'], title: string, next: string): Trouble => {
  return { kind, severity, title, next }
}

/** A scheduled moment that is over, and for which nothing sound was stored: the dead-man's switch. */
function punctual({ policy, clockwork, backups, live }: Sight, now: Date): Trouble[] {
  const { database, grace } = policy
  const seen = (['full', 'differential', 'incremental'] as const).flatMap((kind) => {
    const at = lastOwed(clockwork, kind, new Date(now.getTime() - grace))
    if (at === null || backups.some((one) => counts(one, kind) && one.endedAt >= at)) return []
    const atWork = live.find((one) => standsFor(one.kind, kind))
    // One that takes its usual time is not late.
    const usual = atWork ? 2 * median(tookOf(backups, atWork.kind)) : 0
    return now.getTime() - at.getTime() < grace + usual ? [] : [{ kind, at, live: atWork }]
  })
  // The strongest comes first: it is what is to be taken.
  const [first] = seen
  if (!first) return []
  const since = shownDuration(now.getTime() - first.at.getTime())
  const what = seen.map(({ kind }) => kind).join(' and ')
  const last = newest(backups.filter((one) => counts(one, 'incremental')))
  const age = last
    ? `the last sound one is ${shownDuration(now.getTime() - last.endedAt.getTime())} old`
    : 'there is none at all'
  if (first.live)
    return [
      trouble(
        'late',
        'SEV3',
        `The ${what} backup of ${database} is late: due ${since} ago, #${first.live.run} is at it, and ${age}.`,
        `Look at its card: /ops runs ${first.live.run}`,
      ),
    ]
  const next = `Take one now: /backup ${database} ${first.kind === 'full' ? 'full' : 'incremental'}`
  // One hour without is bad; a night without is how everything is lost.
  const severity = seen.some(({ kind }) => kind === 'full') ? 'SEV2' : 'SEV3'
  return [trouble('missed', severity, `The ${what} backup of ${database} was missed: due ${since} ago, ${age}.`, next)]
}

/** The last moment of that kind until then, if it was not before anybody looked. */
function lastOwed({ timetable, zone, since }: Clockwork, kind: BackupKind, by: Date): Date | null {
  const text = timetable[kind]
  const at = text === null ? null : lastMoment(text, zone, by)
  return at && at > since ? at : null
}

const counts = (one: KnownBackup, wanted: BackupKind): boolean =>
  isThere(one) && one.faults.length === 0 && one.defects.length === 0 && standsFor(one.kind, wanted)

const newest = (backups: KnownBackup[]): KnownBackup | null =>
  backups.reduce<KnownBackup | null>((last, one) => (last && last.endedAt >= one.endedAt ? last : one), null)

/** How long backups of a kind took, in milliseconds. */
const tookOf = (backups: KnownBackup[], kind: BackupKind): number[] =>
  backups.filter((one) => one.kind === kind).map((one) => one.endedAt.getTime() - one.startedAt.getTime())

const shortestStuck = 15 * 60_000
const withoutHistory = 6 * 3_600_000

/** Three times as long as usual is no backup that is still getting anywhere. */
function stuck({ policy, backups, live }: Sight, now: Date): Trouble[] {
  return live.flatMap(({ run, kind, startedAt }) => {
    if (startedAt === null) return []
    const took = tookOf(backups, kind)
    const limit = took.length < 2 ? withoutHistory : Math.max(shortestStuck, 3 * median(took))
    const runs = now.getTime() - startedAt.getTime()
    if (runs <= limit) return []
    const usual = took.length < 2 ? '' : `, ${shownDuration(Math.max(1_000, median(took)))} is usual`
    const title = `The ${kind} backup of ${policy.database} seems stuck: #${run} has run for ${shownDuration(runs)}${usual}.`
    return [trouble('stuck', 'SEV3', title, `Look at its card, then stop it: /ops cancel ${run} it is stuck`)]
  })
}

/** The newest of a kind holds far less than those before it: what was forgotten, or never read, looks like that. */
function shrunken({ policy, backups }: Sight): Trouble[] {
  return (['full', 'differential', 'incremental'] as const).flatMap((kind) => {
    const ofKind = backups.filter((one) => one.kind === kind).sort((a, b) => b.endedAt.getTime() - a.endedAt.getTime())
    const [last, ...before] = ofKind
    if (!last || !isThere(last)) return []
    const shrink = shrinkOf(last, before.slice(0, 10), policy.engine.driver === 'restic' ? null : kind)
    if (!shrink) return []
    const title = `The last ${kind} backup of ${policy.database} has shrunk: ${shrink}.`
    return [
      trouble(
        'shrunken',
        'SEV2',
        title,
        `Look whether data is gone; restore it to be sure: /restore drill ${policy.database}`,
      ),
    ]
  })
}

/**
 * Less than half of what is usual. An increment may be small, the database that it is of may not. `kind` is null where each
 * backup stores only what is new, so that its own size tells nothing.
 */
function shrinkOf(last: KnownBackup, before: KnownBackup[], kind: BackupKind | null): string | null {
  if (last.databaseBytes <= 0 || last.storedBytes <= 0) return `${last.label} is empty`
  if (before.length < 3) return null
  const usual = median(before.map(({ databaseBytes }) => databaseBytes))
  if (last.databaseBytes < usual / 2) return `${shownBytes(last.databaseBytes)} of data, ${shownBytes(usual)} is usual`
  const stored = median(before.map(({ storedBytes }) => storedBytes))
  return kind === 'full' && last.storedBytes < stored / 2
    ? `${shownBytes(last.storedBytes)} stored, ${shownBytes(stored)} is usual`
    : null
}

function damaged({ policy, backups }: Sight): Trouble[] {
  const broken = backups.filter((one) => isThere(one) && (one.defects.length > 0 || one.faults.length > 0))
  const [first] = broken
  if (!first) return []
  const [what = 'something is wrong'] = [...first.defects, ...first.faults]
  const more = broken.length > 1 ? ` ${broken.length - 1} more ${broken.length === 2 ? 'is' : 'are'} damaged too.` : ''
  const title = `Backup ${first.label} of ${policy.database} is damaged: ${what}.${more}`
  return [trouble('damaged', 'SEV2', title, `Take a fresh one: /backup ${policy.database} full`)]
}

function archive({ policy, look }: Sight): Trouble[] {
  const found = look?.archive
  if (!found) return []
  const { database } = policy
  const next = 'Look at archive_command in the server’s log; until it works, nothing after it can be recovered.'
  const failing = found.failing
    ? [trouble('failing', 'SEV2', `Archiving the WAL of ${database} fails: ${found.failing}`, next)]
    : []
  if (found.missing.length === 0) return failing
  const [first] = found.missing
  const more = found.missing.length > 1 ? ` and ${found.missing.length - 1} more` : ''
  const title = `The archive of ${database} has a hole: ${first}${more} missing. Moments after it need a newer backup.`
  return [...failing, trouble('holes', 'SEV2', title, `Close it with a fresh one: /backup ${database} full`)]
}

/** The recoverable window ends too long ago. */
function behind({ policy, backups, look }: Sight, now: Date): Trouble[] {
  const latest = look && latestMoment({ spans: look.spans, backups: backups.filter(isThere) })
  if (policy.loss === null || !latest) return []
  const age = now.getTime() - latest.getTime()
  if (age <= policy.loss) return []
  const title = `${policy.database} could be recovered only to ${shownDuration(age)} ago, limit ${shownDuration(policy.loss)}.`
  return [
    trouble('behind', 'SEV2', title, 'Look whether the server hands over its WAL (archive_timeout, archive_command).'),
  ]
}

function room({ policy, samples }: Sight): Trouble[] {
  const days = daysUntilFull(samples)
  if (days === null || days >= policy.room) return []
  const left = days < 1 ? 'within a day' : `in about ${Math.floor(days)} ${Math.floor(days) === 1 ? 'day' : 'days'}`
  const title = `The storage for the backups of ${policy.database} is full ${left}, limit ${policy.room} days.`
  return [
    trouble(
      'full',
      days < 2 ? 'SEV2' : 'SEV3',
      title,
      'Make room there, or keep less: backups.keep in the operator’s file.',
    ),
  ]
}

function proven({ policy, clockwork, backups }: Sight, now: Date): Trouble[] {
  // A database that is looked after since yesterday cannot have been drilled last week.
  if (policy.proven === null || now.getTime() - clockwork.since.getTime() < policy.proven) return []
  const proof = proofOf(policy.database, backups, policy.proven, now)
  return proof.holds ? [] : [trouble('unproven', 'SEV3', unprovenTitle(policy, proof.words), proof.next)]
}

/** Deploys ask for a proven backup of their database; files are only told of. */
const unprovenTitle = (policy: BackupPolicy, words: string) =>
  isSet(policy) ? `Nothing proves the backups of ${policy.database}: ${words}.` : `Deploys are refused: ${words}.`

function drilled({ policy, drills }: Sight): Trouble[] {
  const last = drills.reduce<Drill | null>((found, one) => (found && found.at >= one.at ? found : one), null)
  if (!last || last.passed) return []
  const title = `The last restore drill of ${policy.database} failed: ${last.verdict}`
  return [
    trouble('drill failed', 'SEV2', title, `Read #${last.run}, then drill again: /restore drill ${policy.database}`),
  ]
}

/** A storage that does not answer once is no alarm. */
const patience = 10 * 60_000

function unreadable({ policy, look }: Sight, now: Date): Trouble[] {
  const problem = look?.problem
  if (!problem || now.getTime() - problem.since.getTime() < patience) return []
  const since = shownDuration(now.getTime() - problem.since.getTime())
  const title = `The backups of ${policy.database} cannot be looked at for ${since}: ${problem.text}`
  return [
    trouble('unreadable', 'SEV2', title, problem.next ?? 'Look whether the storage and the server are reachable.'),
  ]
}
