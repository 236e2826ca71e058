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
 * Follows the WAL from each backup's beginning, over changes of the timeline as recovery follows them: along the one that is
 * named where the backup leads to it, else along what was written last of those that come from its own. Nobody else looks
 * whether a segment in the middle is missing.
 */
export function reachesOf(backups: Backup[], listing: Listing, along = livingAt(listing.segments)): Reach[] {
  const names = new Set(listing.segments.map(({ name }) => name).filter(isSegment))
  return backups.map((backup) => reachOf(backup, names, listing, along))
}

/**
 * The timeline that lived at a moment, by the segment that was archived next; without a moment, the one that was written
 * last. It need not be the newest: a way back leaves that one behind and goes on with the one before.
 */
export function livingAt(segments: Archived[], at: Date | null = null): number | null {
  const inOrder = inTheOrderArchived(segments)
  const found = (at && inOrder.find((one) => one.at >= at)) ?? inOrder.at(-1)
  return found ? timelineOf(found.name) : null
}

export const inTheOrderArchived = (segments: Archived[]): Archived[] =>
  segments.filter(({ name }) => isSegment(name)).sort((one, other) => (comesBefore(one, other) ? -1 : 1))

const comesBefore = (one: Archived, other: Archived): boolean =>
  one.at.getTime() === other.at.getTime() ? one.name < other.name : one.at < other.at

export const timelineOf = (name: string): number => Number.parseInt(name.slice(0, 8), 16)

/** Segments missing after any of the backups, in order. */
export const missingIn = (reaches: Reach[]): string[] => [...new Set(reaches.flatMap(({ missing }) => missing))].sort()

/** The segments that a backup cannot be made consistent without, of which some are missing. */
export function missingFor({ backup, missing }: Reach, bytes = usualSegmentBytes): string[] {
  const last = segmentBefore(parseLsn(backup.stopLsn), bytes)
  return missing.filter((name) => parseSegment(name, bytes).number <= last)
}

function reachOf(backup: Backup, names: Set<string>, listing: Listing, along: number | null): Reach {
  const bytes = listing.segmentBytes ?? usualSegmentBytes
  const newest = followed(backup, listing, along)
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

/** Of the backup's own timeline and those that left it after the backup was consistent. */
function followed({ timeline, stopLsn }: Backup, { segments, histories }: Listing, along: number | null): number {
  const stop = parseLsn(stopLsn)
  const leadsTo = (other: number) =>
    other === timeline ||
    histories.get(other)?.some((entry) => entry.timeline === timeline && entry.until >= stop) === true
  if (along !== null && leadsTo(along)) return along
  return livingAt(segments.filter(({ name }) => leadsTo(timelineOf(name)))) ?? timeline
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
  // What a way back has left lies within what goes on.
  const within = (one: Span, other: Span) =>
    other.from <= one.from && other.to >= one.to && (other.from < one.from || other.to > one.to)
  return spans.filter((one) => !spans.some((other) => within(one, other))).map(({ from, to }) => ({ from, to }))
}
