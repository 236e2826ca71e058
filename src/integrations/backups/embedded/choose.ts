import type { RestorePoint } from '../../../backups/backup.js'
import { failed } from '../../../errors.js'
import type { Vault } from '../storage/vault.js'
import { livingAt, missingFor, type Reach, reachesOf } from '../wal/continuity.js'
import { parseLsn, segmentAt } from '../wal/segments.js'
import { type BackupRecord, backupOf, noBackup } from './record.js'
import { emptyShelf, listingOf, type WalShelf } from './wal/shelf.js'

/** From what, and over which segments, a point is reached. `segments` is empty for the end of a backup. */
export type Choice = {
  record: BackupRecord
  shelf: WalShelf
  segments: string[]
  /** The timeline to follow. */
  timeline: number
  /** Where a named point is. */
  lsn: bigint | null
}

/**
 * The last backup that had ended before the point. Of two timelines that both knew that moment, the one that lived then:
 * what was thrown away by a restore can be brought back too.
 */
export async function choose(
  vault: Vault,
  point: RestorePoint,
  records: BackupRecord[],
  shelves: Map<string, WalShelf>,
  signal: AbortSignal,
): Promise<Choice> {
  if (point.kind === 'backup') {
    const record = records.find(({ label }) => label === point.label)
    if (!record) throw noBackup(point.label)
    return { record, shelf: emptyShelf(), segments: [], timeline: record.timeline, lsn: null }
  }
  const newest = records.at(-1)
  if (!newest) throw unreachable(point, 'there is no backup')
  const named = point.kind === 'name' ? findPoint(point.name, shelves) : null
  if (point.kind === 'name' && !named) throw unreachable(point, 'nobody made a point of that name in what is archived')
  const lsn = named?.lsn ?? (point.kind === 'lsn' ? parsedLsn(point) : null)
  const fits = (one: BackupRecord) => {
    if (named && one.systemId !== named.systemId) return false
    if (point.kind === 'time') return one.endedAt <= point.at
    return lsn === null ? true : one.systemId === (named?.systemId ?? newest.systemId) && parseLsn(one.stopLsn) <= lsn
  }
  const candidates = records.filter(fits)
  const last = candidates.at(-1)
  if (!last) throw unreachable(point, `the oldest backup ended at ${records[0]?.endedAt.toISOString()}`)
  const shelf = shelves.get(last.systemId) ?? emptyShelf()
  const until = point.kind === 'time' ? point.at.getTime() : Number.POSITIVE_INFINITY
  const listing = await listingOf(vault, shelf, last.segmentBytes, signal, until)
  if (named)
    for (const timeline of [...listing.histories.keys()])
      if (timeline > named.timeline) listing.histories.delete(timeline)
  const same = candidates.filter(({ systemId }) => systemId === last.systemId)
  const along = named?.timeline ?? livingAt(listing.segments, point.kind === 'time' ? point.at : null)
  const reaches = reachesOf(same.map(backupOf), listing, along)
  const leads = ({ timeline }: Reach) => along === null || timeline === along
  const at = reaches.findLastIndex((reach) => leads(reach) && follows(reach, lsn, last.segmentBytes))
  const [record, reach] = [same[at], reaches[at]]
  if (!record || !reach) throw unreachable(point, holeIn(reaches.findLast(leads)))
  const timeline = Number.parseInt(reach.segments.at(-1)?.slice(0, 8) ?? '', 16) || record.timeline
  return { record, shelf, segments: reach.segments, timeline, lsn: named?.lsn ?? null }
}

/** The WAL goes on from this backup without a hole, as far as is known to be needed. */
function follows(reach: Reach, lsn: bigint | null, segmentBytes: number): boolean {
  if (missingFor(reach, segmentBytes).length > 0) return false
  if (lsn === null) return true
  const needed = segmentAt(lsn, segmentBytes)
  return reach.missing.every((name) => numberIn(name, segmentBytes) > needed)
}

const numberIn = (name: string, bytes: number) =>
  Number.parseInt(name.slice(8, 16), 16) * (0x100000000 / bytes) + Number.parseInt(name.slice(16), 16)

const holeIn = (reach?: Reach) =>
  reach
    ? `the archive has a hole: segment ${reach.missing[0] ?? ''} is missing`
    : 'no backup that is kept leads to what was written then'

function findPoint(name: string, shelves: Map<string, WalShelf>) {
  const all = [...shelves].flatMap(([systemId, { points }]) =>
    points.filter((point) => point.name === name).map((point) => ({ ...point, systemId })),
  )
  return all.sort((one, other) => one.atMs - other.atMs).at(-1) ?? null
}

function parsedLsn(point: RestorePoint & { kind: 'lsn' }): bigint {
  if (/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i.test(point.lsn)) return parseLsn(point.lsn)
  throw unreachable(point, 'that is no position in the WAL')
}

export function pointShown(point: RestorePoint): string {
  switch (point.kind) {
    case 'latest':
      return 'the latest'
    case 'time':
      return point.at.toISOString()
    case 'name':
      return `the point “${point.name}”`
    case 'lsn':
      return `the position ${point.lsn}`
    case 'backup':
      return `the end of ${point.label}`
  }
}

export const unreachable = (point: RestorePoint, why: string) =>
  failed('restore-point-unknown', `${pointShown(point)} cannot be brought back: ${why}`, {
    wanted: pointShown(point),
    came: why,
    next: 'Choose a moment within what /backup status says is recoverable, or the end of a backup.',
  })
