import { existsSync } from 'node:fs'
import { readdir, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Restic } from '../../../releases/backups/files-policy.js'
import type { Storage } from '../storage/storage.js'

/** How much lies in the storage, in how many files: looked at there, not asked of restic. */
export type Used = { bytes: number; files: number; freeBytes: number | null }

export async function usedOf(
  repository: Restic['repository'],
  bucket: (() => Promise<Storage>) | null,
  signal: AbortSignal,
): Promise<Used> {
  if (repository.kind === 'path') {
    const found = await below(repository.path, signal)
    return { ...found, freeBytes: await freeAt(repository.path) }
  }
  const stored = bucket ? await (await bucket()).list('', signal) : []
  return { bytes: stored.reduce((sum, { bytes }) => sum + bytes, 0), files: stored.length, freeBytes: null }
}

/** Files that go while somebody looks are not there. */
async function below(folder: string, signal: AbortSignal): Promise<{ bytes: number; files: number }> {
  let [bytes, files] = [0, 0]
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])
  for (const entry of entries) {
    signal.throwIfAborted()
    if (!entry.isFile()) continue
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => null)
    if (found) [bytes, files] = [bytes + found.size, files + 1]
  }
  return { bytes, files }
}

async function freeAt(path: string): Promise<number | null> {
  const there = nearest(path)
  const { bavail, bsize } = await statfs(there)
  return bavail * bsize
}

/** The folder itself, or the first above it that is there. */
export function nearest(path: string): string {
  let there = path
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there)
  return there
}
