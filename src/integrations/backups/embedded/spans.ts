import type { Archive, Span } from '../../../backups/backup.js'
import type { Vault } from '../storage/vault.js'
import { missingIn, type Reach, reachesOf, spansOf } from '../wal/continuity.js'
import { parseSegment, usualSegmentBytes } from '../wal/segments.js'
import { type BackupRecord, backupOf } from './record.js'
import { emptyShelf, listingOf, newestSegment, type WalShelf } from './wal/shelf.js'

/** What can be brought back of one cluster. */
export type Recoverable = { spans: Span[]; archive: Omit<Archive, 'failing'>; reaches: Reach[] }

export async function recoverable(
  vault: Vault,
  records: BackupRecord[],
  shelf: WalShelf = emptyShelf(),
  signal: AbortSignal,
): Promise<Recoverable> {
  const segmentBytes = records[0]?.segmentBytes ?? usualSegmentBytes
  const listing = await listingOf(vault, shelf, segmentBytes, signal)
  const reaches = reachesOf(records.map(backupOf), listing)
  const spans = await spansOf(reaches, async (newestFirst) => endOf(newestFirst, shelf, segmentBytes), segmentBytes)
  const newest = newestSegment(shelf, segmentBytes)
  const lastAt = newest ? Math.max(newest.at.getTime(), shelf.seen?.atMs ?? 0) : null
  const archive = {
    lastSegment: newest?.segment ?? null,
    lastAt: lastAt === null ? null : new Date(lastAt),
    missing: missingIn(reaches),
  }
  return { spans, archive, reaches }
}

/** The last moment that these segments hold: that of a commit, or one at which they were all that the server had. */
export function endOf(newestFirst: string[], shelf: WalShelf, segmentBytes: number): Date | null {
  const [end = ''] = newestFirst
  const { timeline, number } = parseSegment(end, segmentBytes)
  const { seen } = shelf
  const upTo = BigInt(number + 1) * BigInt(segmentBytes)
  const sawAll = seen !== null && seen.timeline === timeline && seen.lsn <= upTo
  // Everything before the last commit that is there is there; those in one segment need not be in the order of their clock.
  const commits = newestFirst.slice(0, 64).map((name) => shelf.segments.get(name)?.lastMs ?? 0)
  const last = Math.max(commits.find((ms) => ms > 0) ?? 0, sawAll ? (seen?.atMs ?? 0) : 0)
  return last > 0 ? new Date(last) : null
}
