import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Backup } from '../../../backups/backup.js'
import type { EngineContext } from '../../../backups/engine.js'
import { refused } from '../../../errors.js'
import { parseLsn, segmentAt, segmentName, usualSegmentBytes } from '../wal/segments.js'
import { chainOf, dropped, entriesOf } from './catalogue.js'
import { heldIn, storedIn } from './holding.js'
import type { NativeParts } from './parts.js'

/** Removes these backups, whatever needs them, and the WAL before the oldest that is kept. */
export async function remove(
  parts: NativeParts,
  labels: string[],
  _context: EngineContext,
): Promise<{ freedBytes: number }> {
  const backups = (await entriesOf(parts)).map(({ backup }) => backup)
  const gone = backups.filter(({ label }) => chainOf(label, backups).some((needed) => labels.includes(needed.label)))
  const kept = backups.filter((backup) => !gone.includes(backup))
  if (gone.length === 0) return { freedBytes: 0 }
  if (!kept.some(({ kind }) => kind === 'full'))
    throw refused('backup-last-full', 'the last full backup is not removed', {
      wanted: `${gone.map(({ label }) => label).join(', ')} to be removed`,
      came: 'nothing would be left to restore from',
      next: 'Take a full backup first.',
    })
  const before = await storedIn(parts)
  // The newest first: whatever interrupts this, no backup is left without what it needs.
  for (const { label } of gone.toReversed()) await dropped(parts, label)
  await archiveShortened(parts, kept)
  return { freedBytes: Math.max(0, before - (await storedIn(parts))) }
}

/** As pg_archivecleanup does: the position alone tells, whatever the timeline. */
async function archiveShortened(parts: NativeParts, kept: Backup[]): Promise<void> {
  const { listing } = await heldIn(parts)
  const bytes = listing.segmentBytes ?? usualSegmentBytes
  const first = Math.min(...kept.map(({ startLsn }) => segmentAt(parseLsn(startLsn), bytes)))
  const oldest = segmentName({ timeline: 1, number: first }, bytes).slice(8)
  const { archive } = parts.settings
  for (const name of await readdir(archive)) {
    if (!/^[0-9A-F]{24}(\.partial|\.[0-9A-F]{8}\.backup)?$/.test(name)) continue
    if (name.slice(8, 24) < oldest) await rm(join(archive, name), { force: true })
  }
}
