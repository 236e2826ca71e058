import type { Backup, RestorePoint, Span } from '../../../backups/backup.js'
import type { EngineContext } from '../../../backups/engine.js'
import { labelUnknown, pointUnknown } from '../problems.js'
import { missingFor, type Reach } from './continuity.js'
import type { SegmentMoments } from './records.js'
import { isSegment, parseLsn, parseSegment, segmentAt, shownLsn, usualSegmentBytes } from './segments.js'

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
  segmentBytes?: number
  /** Backups that carry the WAL they need themselves can be brought back without the archive. */
  selfContained?: boolean
}

/** The newest backup from which the point can be reached over an archive without a hole; throws where none can. */
export async function chosen(point: RestorePoint, reaches: Reach[], asking: Asking): Promise<Way> {
  if (point.kind === 'backup') return ofBackup(point.label, reaches, asking)
  const whole = reaches.filter((reach) => missingFor(reach, asking.segmentBytes).length === 0)
  const newest = whole.at(-1)
  if (!newest) throw pointUnknown('anything', 'there is no backup whose WAL is whole')
  if (point.kind === 'latest') return { backup: newest.backup, to: point, timeline: newest.timeline }
  if (point.kind === 'time') return ofTime(point.at, whole, await asking.spans())
  if (point.kind === 'lsn') return ofLsn(parseLsn(point.lsn), point, whole, asking)
  const at = await lsnOfName(point.name, whole, asking)
  if (at === null) throw pointUnknown(`the point ${point.name}`, 'no point of that name is in the archive')
  return ofLsn(at, point, whole, asking)
}

function ofBackup(label: string, reaches: Reach[], { segmentBytes, selfContained }: Asking): Way {
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

function ofTime(at: Date, whole: Reach[], spans: Span[]): Way {
  const span = spans.find(({ from, to }) => at >= from && at <= to)
  if (!span) throw pointUnknown(`the state of ${at.toISOString()}`, reachable(spans))
  const began = whole.findLast(({ backup }) => backup.endedAt <= at && backup.endedAt >= span.from)
  if (!began) throw pointUnknown(`the state of ${at.toISOString()}`, reachable(spans))
  // Nothing was committed since: recovery would wait for a commit that never came.
  const nothingAfter = span.from.getTime() === span.to.getTime()
  return {
    backup: began.backup,
    to: nothingAfter ? { kind: 'latest' } : { kind: 'time', at },
    timeline: began.timeline,
  }
}

const reachable = (spans: Span[]) =>
  spans.length === 0
    ? 'nothing is recoverable'
    : `recoverable is ${spans.map(({ from, to }) => `${from.toISOString()} to ${to.toISOString()}`).join(', ')}`

function ofLsn(at: bigint, to: RestorePoint, whole: Reach[], { segmentBytes = usualSegmentBytes }: Asking): Way {
  const shown = to.kind === 'name' ? `the point ${to.name}` : `the position ${shownLsn(at)}`
  const reach = whole.findLast(({ backup }) => parseLsn(backup.stopLsn) <= at)
  if (!reach) throw pointUnknown(shown, 'it is before the end of the oldest backup')
  const last = reach.segments.at(-1)
  if (last === undefined || parseSegment(last, segmentBytes).number < segmentAt(at, segmentBytes))
    throw pointUnknown(shown, `the archive after ${reach.backup.label} ends, or has a hole, before it`)
  return { backup: reach.backup, to, timeline: reach.timeline }
}

/** Back from the newest segment: a name that was given twice means its last one. */
async function lsnOfName(name: string, whole: Reach[], { moments, progress }: Asking): Promise<bigint | null> {
  const segments = [...new Set(whole.flatMap(({ segments: some }) => some))].filter(isSegment).sort().reverse()
  for (const [done, segment] of segments.entries()) {
    progress({ done, total: segments.length, text: `looking for ${name} in segment ${segment}` })
    const found = (await moments(segment)).points.findLast((point) => point.name === name)
    if (found) return found.lsn
  }
  return null
}
