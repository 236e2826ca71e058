import { createHash } from 'node:crypto'
import type { Defect } from '../../../backups/backup.js'
import { ShipmateError } from '../../../errors.js'
import type { Vault } from '../storage/vault.js'
import { type Manifest, parseManifest } from './manifest.js'
import type { BackupRecord } from './record.js'
import { type TarEntry, tarEntries } from './tar.js'

/** Sees every entry of a backup with its path in the data folder; a body that it leaves is read to its end for it. */
export type Visit = (path: string, entry: TarEntry) => Promise<void>

export const manifestOf = async (vault: Vault, { manifest }: BackupRecord, signal: AbortSignal): Promise<Manifest> =>
  parseManifest(await vault.read(manifest, signal), manifest.name)

/**
 * Reads a backup to its last byte: each file against PostgreSQL’s own list with its SHA-256, each stored file against what
 * was written. Tells everything that is wrong; only what cannot be read on ends it early.
 */
export async function readBackup(
  vault: Vault,
  record: BackupRecord,
  signal: AbortSignal,
  visit: Visit = async () => {},
): Promise<{ files: number; defects: Defect[] }> {
  const defects: Defect[] = []
  const seen = new Set<string>()
  const manifest = await manifestOf(vault, record, signal).catch((error: unknown) => {
    defects.push(defectOf(record.manifest.name, error, signal))
    return null
  })
  if (!manifest) return { files: 0, defects }
  for (const { oid, file } of record.archives) {
    const prefix = oid === null ? '' : `pg_tblspc/${oid}/`
    try {
      for await (const entry of tarEntries(vault.open(file, signal), file.name)) {
        const path = `${prefix}${entry.name}`
        const found = await hashed(entry, (body) => visit(path, { ...entry, body }))
        if (entry.kind !== 'file' || (isBesideList(path) && !manifest.files.has(path))) continue
        seen.add(path)
        const what = difference(manifest, path, found)
        if (what) defects.push({ where: `${record.label}: ${path}`, what })
      }
    } catch (error) {
      defects.push(defectOf(file.name, error, signal))
    }
  }
  if (defects.length === 0)
    for (const path of manifest.files.keys())
      if (!seen.has(path)) defects.push({ where: `${record.label}: ${path}`, what: 'it is in the list and not there' })
  return { files: seen.size, defects }
}

/** Segments that came with the backup, and the list itself, are in no list. */
const isBesideList = (path: string) => path.startsWith('pg_wal/') || path === 'backup_manifest'

function difference(manifest: Manifest, path: string, found: { bytes: number; sha256: string }): string | null {
  const listed = manifest.files.get(path)
  if (!listed) return 'it is there and in no list'
  if (listed.bytes !== found.bytes) return `it has ${found.bytes} bytes instead of ${listed.bytes}`
  return listed.sha256 === found.sha256 ? null : 'its SHA-256 is another'
}

async function hashed(
  entry: TarEntry,
  use: (body: AsyncIterable<Buffer>) => Promise<void>,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  async function* read(): AsyncGenerator<Buffer> {
    for await (const part of entry.body) {
      hash.update(part)
      bytes += part.length
      yield part
    }
  }
  await use(read())
  for await (const _part of read()) {
    // What the visitor left.
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** What is broken or gone is a defect; what was broken off, is out of reach, or cannot be read for want of a key, is none. */
export function defectOf(where: string, error: unknown, signal: AbortSignal): Defect {
  signal.throwIfAborted()
  if (!(error instanceof ShipmateError) || !damages.includes(error.code)) throw error
  return { where, what: error.came ? `${error.message} (${error.came})` : error.message }
}

const damages = ['backup-file-damaged', 'storage-damaged', 'storage-missing']
