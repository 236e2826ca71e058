import type { Backup, Span } from '../../../backups/backup.js'
import {
  type History,
  isSegment,
  parseLsn,
  parseSegment,
  type Segment,
  segmentAt,
  segmentBefore,
  segmentName,
  usualSegmentBytes,
} from './segments.js'

/** A segment as the storage lists it. */
export type Archived = { name: string; at: Date; bytes: number }

/** What the storage lists of the WAL. */
export type Listing = {
  segments: Archived[]
  /** By timeline; the first one has none. */
  histories: Map<number, History>
  segmentBytes?: number
}

/** How far recovery gets from one backup, and on which timeline: the segments in order, up to the first that is missing. */
export type Reach = { backup: Backup; timeline: number; segments: string[]; missing: string[] }

/**
 * Follows the WAL from each backup's beginning, over changes of the timeline as recovery follows them. Nobody else looks
 * whether a segment in the middle is missing.
 */
export function reachesOf(backups: Backup[], listing: Listing): Reach[] {
  const names = new Set(listing.segments.map(({ name }) => name).filter(isSegment))
  return backups.map((backup) => reachOf(backup, names, listing))
}

/** Segments missing after any of the backups, in order. */
export const missingIn = (reaches: Reach[]): string[] => [...new Set(reaches.flatMap(({ missing }) => missing))].sort()

/** The segments that a backup cannot be made consistent without, of which some are missing. */
export function missingFor({ backup, missing }: Reach, bytes = usualSegmentBytes): string[] {
  const last = segmentBefore(parseLsn(backup.stopLsn), bytes)
  return missing.filter((name) => parseSegment(name, bytes).number <= last)
}

function reachOf(backup: Backup, names: Set<string>, listing: Listing): Reach {
  const bytes = listing.segmentBytes ?? usualSegmentBytes
  const newest = newestTimeline(backup, names, listing)
  const nameOf = (number: number) =>
    segmentName({ timeline: timelineAt(number, newest, listing, bytes), number }, bytes)
  const first = segmentAt(parseLsn(backup.startLsn), bytes)
  const needed = segmentBefore(parseLsn(backup.stopLsn), bytes)
  const last = Math.max(needed, lastNumber(names, newest, listing, bytes))
  const [segments, missing]: [string[], string[]] = [[], []]
  for (let number = first; number <= last; number++) {
    const name = nameOf(number)
    if (!names.has(name)) missing.push(name)
    else if (missing.length === 0) segments.push(name)
  }
  return { backup, timeline: newest, segments, missing }
}

/** Recovery follows the newest timeline that comes from the backup's own after the backup was consistent. */
function newestTimeline({ timeline, stopLsn }: Backup, names: Set<string>, { histories }: Listing): number {
  const stop = parseLsn(stopLsn)
  const descendants = [...histories].filter(([, history]) =>
    history.some((entry) => entry.timeline === timeline && entry.until >= stop),
  )
  const written = new Set([...names].map((name) => Number.parseInt(name.slice(0, 8), 16)))
  return Math.max(timeline, ...descendants.map(([newer]) => newer).filter((newer) => written.has(newer)))
}

/** The segment in which a timeline was left belongs to the one that goes on. */
function timelineAt(number: number, newest: number, { histories }: Listing, bytes: number): number {
  const left = histories.get(newest)?.find(({ until }) => segmentAt(until, bytes) > number)
  return left?.timeline ?? newest
}

function lastNumber(names: Set<string>, newest: number, listing: Listing, bytes: number): number {
  let last = -1
  for (const name of names) {
    const segment: Segment = parseSegment(name, bytes)
    if (segment.number <= last) continue
    if (segment.timeline === timelineAt(segment.number, newest, listing, bytes)) last = segment.number
  }
  return last
}

/** Looks for the last moment in these segments, the newest first; null where nothing was committed. */
export type LastMoment = (newestFirst: string[]) => Promise<Date | null>

/** Spans that begin at backups and end where the archive does, or where a segment is missing; those that meet are one. */
export async function spansOf(reaches: Reach[], lastMoment: LastMoment, bytes = usualSegmentBytes): Promise<Span[]> {
  const spans: (Span & { end: string })[] = []
  for (const reach of reaches) {
    const end = reach.segments.at(-1)
    if (end === undefined || missingFor(reach, bytes).length > 0) continue
    // Whoever reaches the same segment is in the span that the earlier backup began.
    if (spans.some((span) => span.end === end)) continue
    const to = await lastMoment(reach.segments.toReversed())
    const from = reach.backup.endedAt
    spans.push({ from, to: to && to > from ? to : from, end })
  }
  return spans.map(({ from, to }) => ({ from, to }))
}
