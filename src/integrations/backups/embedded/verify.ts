import type { Defect, Verification } from '../../../backups/backup.js'
import type { EngineContext } from '../../../backups/engine.js'
import type { Vault } from '../storage/vault.js'
import { parseSegment } from '../wal/segments.js'
import { defectOf, readBackup } from './archives.js'
import { pace } from './pace.js'
import { type BackupRecord, chainOf, type Records } from './record.js'
import { recoverable } from './spans.js'
import { createWalReader } from './wal/reader.js'
import { emptyShelf, type WalShelf } from './wal/shelf.js'

/** Reads every byte of these backups, and of the archive where everything is asked for. */
export async function verifyAll(
  vault: Vault,
  label: string | null,
  { records, damaged }: Records,
  shelves: Map<string, WalShelf>,
  context: EngineContext,
): Promise<Verification> {
  const { signal } = context
  const asked = label === null ? records : chainOf(label, records)
  const found: Verification = { files: 0, bytes: 0, segments: 0, defects: [] }
  for (const { where, error } of damaged) found.defects.push(defectOf(where, error, signal))
  const wal = label === null ? segmentsOf(asked, shelves) : []
  const total = [...asked, ...wal].reduce((sum, { storedBytes }) => sum + storedBytes, 0)
  const told = pace(context, 'verified')
  const tell = (bytes: number) => told(bytes, total)
  for (const record of asked) {
    const { files, defects } = await readBackup(vault, record, signal)
    found.files += files
    found.bytes += record.storedBytes
    found.defects.push(...defects)
    tell(record.storedBytes)
  }
  if (label === null) await verifyWal(vault, asked, shelves, found, signal, tell)
  told.end()
  return found
}

const segmentsOf = (records: BackupRecord[], shelves: Map<string, WalShelf>) =>
  [...new Set(records.map(({ systemId }) => systemId))].flatMap((id) => [...(shelves.get(id)?.segments.values() ?? [])])

async function verifyWal(
  vault: Vault,
  records: BackupRecord[],
  shelves: Map<string, WalShelf>,
  found: Verification,
  signal: AbortSignal,
  tell: (bytes: number) => void,
): Promise<void> {
  for (const systemId of new Set(records.map((record) => record.systemId))) {
    const shelf = shelves.get(systemId) ?? emptyShelf()
    const own = records.filter((record) => record.systemId === systemId)
    const { archive } = await recoverable(vault, own, shelf, signal)
    for (const segment of archive.missing)
      found.defects.push({ where: `WAL segment ${segment}`, what: 'it is missing; nothing after it can be restored' })
    const reader = createWalReader()
    for (const kept of shelf.segments.values()) {
      const defect = await defectIn(vault, kept, own[0]?.segmentBytes ?? 0, reader, signal)
      if (defect) found.defects.push(defect)
      found.segments++
      found.bytes += kept.storedBytes
      tell(kept.storedBytes)
    }
  }
}

async function defectIn(
  vault: Vault,
  { name, segment, sha256 }: { name: string; segment: string; sha256: string },
  segmentBytes: number,
  reader: ReturnType<typeof createWalReader>,
  signal: AbortSignal,
): Promise<Defect | null> {
  const where = `WAL segment ${segment}`
  try {
    const bytes = await vault.read({ name, sha256 }, signal)
    const begin = BigInt(parseSegment(segment, segmentBytes).number) * BigInt(segmentBytes)
    const belongs = bytes.length >= 24 && bytes.readBigUInt64LE(8) === begin
    if (!belongs) return { where, what: 'it holds the WAL of another place' }
    reader.read(bytes, begin)
    return null
  } catch (error) {
    return defectOf(where, error, signal)
  }
}
