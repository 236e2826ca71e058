import type { Backup, RestorePoint, Span } from '../../../backups/backup.js'
import type { EngineContext } from '../../../backups/engine.js'
import { labelUnknown, pointUnknown } from '../problems.js'
import {
  inTheOrderArchived,
  type Listing,
  livingAt,
  missingFor,
  type Reach,
  reachesOf,
  timelineOf,
} from './continuity.js'
import { lastMomentOf } from './last-moment.js'
import type { SegmentMoments } from './records.js'
import { parseLsn, parseSegment, segmentAt, shownLsn, usualSegmentBytes } from './segments.js'

/**
 * Which backup to begin with, and what to tell recovery. The timeline is named: "latest" is the newest in the archive, also
 * one that a way back has left and that this backup does not lead to, and recovery refuses it.
 */
export type Way = { backup: Backup; to: RestorePoint; timeline: number }

/** A moment as recovery reads it, whatever zone the machine is in; it knows no name of a zone, "Z" neither. */
export const shownTime = (at: Date): string => `${at.toISOString().replace('T', ' ').replace('Z', '')}+00`

export type Asking = {
  spans(): Promise<Span[]>
  moments(name: string): Promise<SegmentMoments>
  progress: EngineContext['progress']
  /** Backups that carry the WAL they need themselves can be brought back without the archive. */
  selfContained?: boolean
}

/** What there is to choose from. */
type Held = { backups: Backup[]; listing: Listing }

/**
 * The newest backup from which the point can be reached over an archive without a hole, along the timeline that lived then:
 * what a restore has left behind can be brought back too. Throws where none can.
 */
export async function chosen(point: RestorePoint, held: Held, asking: Asking): Promise<Way> {
  const { listing, backups } = held
  if (point.kind === 'backup') return ofBackup(point.label, reachesOf(backups, listing), listing, asking)
  const named = point.kind === 'name' ? await pointNamed(point.name, listing, asking) : null
  const along =
    named?.timeline ?? (point.kind === 'time' ? await livedThen(point.at, listing, asking) : livingAt(listing.segments))
  const whole = reachesOf(backups, listing, along).filter(
    (reach) => missingFor(reach, listing.segmentBytes).length === 0 && (along === null || reach.timeline === along),
  )
  const newest = whole.at(-1)
  if (point.kind === 'time') return ofTime(point.at, whole, asking)
  if (!newest) throw pointUnknown('anything', 'there is no backup whose WAL is whole')
  if (point.kind === 'latest') return { backup: newest.backup, to: point, timeline: newest.timeline }
  return ofLsn(point.kind === 'lsn' ? parseLsn(point.lsn) : (named?.lsn ?? 0n), point, whole, listing)
}

/** Repositories tell whole seconds: of what was archived within this one, the segment itself tells. */
async function livedThen(at: Date, { segments }: Listing, { moments }: Asking): Promise<number | null> {
  for (const one of inTheOrderArchived(segments)) {
    if (one.at.getTime() + 1_000 <= at.getTime()) continue
    const last = one.at >= at ? at : (await moments(one.name)).last
    if (last !== null && last >= at) return timelineOf(one.name)
  }
  return livingAt(segments)
}

function ofBackup(label: string, reaches: Reach[], { segmentBytes }: Listing, { selfContained }: Asking): Way {
  const reach = reaches.find(({ backup }) => backup.label === label)
  if (!reach)
    throw labelUnknown(
      label,
      reaches.map(({ backup }) => backup.label),
    )
  const [missing] = selfContained ? [] : missingFor(reach, segmentBytes)
  if (missing)
    throw pointUnknown(`the backup ${label}`, `segment ${missing}, which it needs, is missing in the archive`)
  return { backup: reach.backup, to: { kind: 'backup', label }, timeline: reach.backup.timeline }
}

async function ofTime(at: Date, whole: Reach[], { spans, moments }: Asking): Promise<Way> {
  const found = await spans()
  const span = found.find(({ from, to }) => at >= from && at <= to)
  const began = span && whole.findLast(({ backup }) => backup.endedAt <= at && backup.endedAt >= span.from)
  if (!began) throw pointUnknown(`the state of ${at.toISOString()}`, reachable(found))
  const last = await lastMomentOf(began.segments.toReversed(), moments)
  // Nothing was committed since: recovery would wait for a commit that never came.
  const nothingAfter = span.from.getTime() === span.to.getTime() || (last !== null && at > last)
  const [missing] = began.missing
  if (nothingAfter && missing)
    throw pointUnknown(`the state of ${at.toISOString()}`, `segment ${missing} is missing in the archive`)
  const to: RestorePoint = nothingAfter ? { kind: 'latest' } : { kind: 'time', at }
  return { backup: began.backup, to, timeline: began.timeline }
}

const reachable = (spans: Span[]) =>
  spans.length === 0
    ? 'nothing is recoverable'
    : `recoverable is ${spans.map(({ from, to }) => `${from.toISOString()} to ${to.toISOString()}`).join(', ')}`

function ofLsn(at: bigint, to: RestorePoint, whole: Reach[], { segmentBytes = usualSegmentBytes }: Listing): Way {
  const shown = to.kind === 'name' ? `the point ${to.name}` : `the position ${shownLsn(at)}`
  const reach = whole.findLast(({ backup }) => parseLsn(backup.stopLsn) <= at)
  if (!reach) throw pointUnknown(shown, 'it is before the end of the oldest backup')
  const last = reach.segments.at(-1)
  if (last === undefined || parseSegment(last, segmentBytes).number < segmentAt(at, segmentBytes))
    throw pointUnknown(shown, `the archive after ${reach.backup.label} ends, or has a hole, before it`)
  return { backup: reach.backup, to, timeline: reach.timeline }
}

/** Back from the newest segment: a name that was given twice means its last one. */
async function pointNamed(name: string, { segments }: Listing, { moments, progress }: Asking) {
  const newestFirst = inTheOrderArchived(segments).reverse()
  for (const [done, segment] of newestFirst.entries()) {
    progress({ done, total: newestFirst.length, text: `looking for ${name} in segment ${segment.name}` })
    const found = (await moments(segment.name)).points.findLast((point) => point.name === name)
    if (found) return { lsn: found.lsn, timeline: timelineOf(segment.name) }
  }
  throw pointUnknown(`the point ${name}`, 'no point of that name is in the archive')
}
