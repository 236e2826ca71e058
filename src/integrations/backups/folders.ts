import { existsSync } from 'node:fs'
import { chown, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { folderTaken } from './problems.js'
import type { RunsAs } from './programs.js'

/** Where decrypted WAL waits for recovery inside restored files; whoever starts on them removes it once recovery ended. */
export const walFolder = 'shipmate-wal'

/** An empty folder that only its user reads; throws when something is in it. */
export async function madeEmpty(folder: string, as: RunsAs): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readdir(folder)).length > 0) throw folderTaken(folder)
  if (as) await chown(folder, as.uid, as.gid)
}

export async function emptied(folder: string): Promise<void> {
  if (!existsSync(folder)) return
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
}

/** Bytes of all files below a folder. */
export async function bytesBelow(folder: string): Promise<number> {
  let sum = 0
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) sum += await bytesBelow(path)
    else if (entry.isFile()) sum += (await lstat(path)).size
  }
  return sum
}

/** Bytes of the database in a folder; null where there is none that recovery could begin with. */
export async function filledWith(folder: string): Promise<number | null> {
  const there = ['PG_VERSION', 'backup_label', 'global/pg_control'].every((name) => existsSync(join(folder, name)))
  const bytes = there ? await bytesBelow(folder) : 0
  return bytes > 0 ? bytes : null
}
