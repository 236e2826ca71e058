import type { EngineContext } from '../../../backups/engine.js'
import type { Vault } from '../storage/vault.js'
import { parseLsn, parseSegment, segmentAt } from '../wal/segments.js'
import { type BackupRecord, backupFolder, withDependents } from './record.js'
import type { WalShelf } from './wal/shelf.js'

/** Removes these and all that need them, each record first so that no half is taken for a whole, then WAL that nothing needs. */
export async function removeBackups(
  vault: Vault,
  labels: string[],
  records: BackupRecord[],
  shelves: Map<string, WalShelf>,
  { signal }: EngineContext,
): Promise<{ freedBytes: number }> {
  const { storage } = vault
  const gone = withDependents(labels, records)
  let freedBytes = 0
  const remove = async (name: string, bytes: number) => {
    await storage.remove(name, signal)
    freedBytes += bytes
  }
  // Those that need others go before them: killed in between, no chain is left without its beginning.
  for (const { label } of gone.toReversed()) {
    const files = await storage.list(`${backupFolder(label)}/`, signal)
    const isRecord = (name: string) => name.includes('/record.json')
    for (const { name, bytes } of files.filter((one) => isRecord(one.name))) await remove(name, bytes)
    for (const { name, bytes } of files.filter((one) => !isRecord(one.name))) await remove(name, bytes)
  }
  if (gone.length === 0) return { freedBytes }
  const kept = records.filter((record) => !gone.includes(record))
  for (const [systemId, shelf] of shelves)
    for (const { name, bytes } of unneeded(
      shelf,
      kept.filter((record) => record.systemId === systemId),
      gone[0]?.segmentBytes ?? 0,
    ))
      await remove(name, bytes)
  return { freedBytes }
}

/** What lies before the beginning of every kept backup, on any timeline. */
function unneeded(shelf: WalShelf, kept: BackupRecord[], segmentBytes: number): { name: string; bytes: number }[] {
  const starts = kept.map(({ startLsn }) => segmentAt(parseLsn(startLsn), segmentBytes))
  // What no backup begins before is of no use to any; the next backup begins later than all of it.
  const first = starts.length > 0 ? Math.min(...starts) : Number.POSITIVE_INFINITY
  const segments = [...shelf.segments.values(), ...shelf.outdated].filter(
    ({ segment }) => parseSegment(segment, segmentBytes).number < first,
  )
  const points = shelf.points.filter(({ lsn }) => segmentAt(lsn, segmentBytes) < first)
  return [
    ...segments.map(({ name, storedBytes }) => ({ name, bytes: storedBytes })),
    ...points.map(({ stored }) => ({ name: stored, bytes: 0 })),
  ]
}
