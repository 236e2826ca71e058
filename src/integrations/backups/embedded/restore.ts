import { createWriteStream } from 'node:fs'
import { chown, lchown, mkdir, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RestorePoint } from '../../../backups/backup.js'
import type { EngineContext } from '../../../backups/engine.js'
import { failed, refused } from '../../../errors.js'
import { walFolder } from '../folders.js'
import type { Vault } from '../storage/vault.js'
import { readBackup } from './archives.js'
import { layOver, wholeLabel, wholePath } from './combine.js'
import { type Pace, pace } from './pace.js'
import { type BackupRecord, chainOf } from './record.js'
import type { TarEntry } from './tar.js'
import type { Target } from './wal/for-restore.js'

/** Tablespaces come back inside the folder, because nothing beside it is ours. */
const tablespaceFolder = 'shipmate-tablespaces'
const ours = [walFolder, tablespaceFolder]

/** The folder has to be empty: nothing is ever written over. */
export async function checkedFolder(into: string): Promise<string> {
  const folder = resolve(into)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = await readdir(folder)
  if (found.length === 0) return folder
  throw refused('restore-folder-taken', `${folder} is not empty, and nothing is written over.`, {
    wanted: 'an empty folder',
    came: found.slice(0, 5).join(', '),
    next: 'Name another folder, or empty this one.',
  })
}

export async function layWalFolder(folder: string): Promise<string> {
  const place = join(folder, walFolder)
  await mkdir(place, { mode: 0o700 })
  return place
}

/**
 * Lays the files of a chain into a folder: the full backup, then each increment over it, so that every archive is read once
 * and nothing lies there twice. Each file is compared with the server’s list while it is written. They are not flushed:
 * PostgreSQL flushes its whole folder before it recovers.
 */
export async function layFiles(
  vault: Vault,
  record: BackupRecord,
  records: BackupRecord[],
  folder: string,
  context: EngineContext,
): Promise<number> {
  const { signal } = context
  const chain = chainOf(record.label, records)
  const total = chain.reduce((sum, { archives }) => sum + archives.reduce((all, { file }) => all + file.bytes, 0), 0)
  const tell = pace(context, 'restored')
  for (const one of chain) {
    const seen = new Set<string>()
    const { defects } = await readBackup(vault, one, signal, async (path, entry) => {
      signal.throwIfAborted()
      await layEntry(folder, path, counted(entry, tell, total), seen)
    })
    const [defect] = defects
    if (defect)
      throw failed('backup-file-damaged', `${one.label} cannot be restored: ${defect.where}: ${defect.what}`, {
        wanted: 'every file as the server sent it',
        came: `${defects.length} files that are not`,
        next: 'Restore from another backup, and look at the storage that it lies on.',
      })
    await removeUnseen(folder, seen)
  }
  tell.end()
  const label = join(folder, 'backup_label')
  await writeFile(label, wholeLabel(await readFile(label, 'utf8')))
  // The links of tablespaces stand; the map would have recovery make them where they were.
  await rm(join(folder, 'tablespace_map'), { force: true })
  return total
}

function counted(entry: TarEntry, tell: Pace, total: number): TarEntry {
  async function* body(): AsyncGenerator<Buffer> {
    for await (const part of entry.body) {
      tell(part.length, total)
      yield part
    }
  }
  return { ...entry, body: body() }
}

async function layEntry(folder: string, path: string, entry: TarEntry, seen: Set<string>): Promise<void> {
  const whole = wholePath(path)
  const place = join(folder, whole ?? path)
  seen.add(whole ?? path)
  if (entry.kind === 'link') return layTablespace(folder, path)
  if (entry.kind === 'folder') {
    // Of a tablespace: the link to it stands already.
    if (!(await stat(place).catch(() => null))) await mkdir(place, { recursive: true, mode: 0o700 })
    return
  }
  if (whole !== null) return layOver(place, { name: path, body: entry.body })
  await mkdir(dirname(place), { recursive: true, mode: 0o700 })
  await pipeline(Readable.from(entry.body, { objectMode: false }), createWriteStream(place, { mode: 0o600 }))
}

async function layTablespace(folder: string, path: string): Promise<void> {
  const target = join(folder, tablespaceFolder, path.slice(path.lastIndexOf('/') + 1))
  await mkdir(target, { recursive: true, mode: 0o700 })
  await mkdir(dirname(join(folder, path)), { recursive: true, mode: 0o700 })
  await symlink(target, join(folder, path)).catch((error: { code?: string }) => {
    if (error.code !== 'EEXIST') throw error
  })
}

/** What an increment does not have was removed since the backup before. */
async function removeUnseen(folder: string, seen: Set<string>, under = ''): Promise<void> {
  for (const entry of await readdir(join(folder, under), { withFileTypes: true })) {
    const path = under ? `${under}/${entry.name}` : entry.name
    if (under === '' && ours.includes(entry.name)) continue
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && under === 'pg_tblspc')
    if (isFolder) await removeUnseen(folder, seen, path)
    else if (!seen.has(path)) await rm(join(folder, path), { force: true })
  }
}

/** Recovery needs no program of ours: `cp` from the folder with the decrypted WAL, or nothing but what came with the files. */
export async function laySettings(
  folder: string,
  record: BackupRecord,
  point: RestorePoint,
  target: Target,
  timeline: number,
): Promise<void> {
  const wal = join(folder, walFolder)
  const archived = point.kind !== 'backup'
  const asked = archived ? target : { setting: 'recovery_target', value: 'immediate' }
  const settings: [string, string][] = [
    ...Object.entries(record.settings),
    ['archive_mode', 'off'],
    ['hot_standby', 'off'],
    ['primary_conninfo', ''],
    ['primary_slot_name', ''],
    ['restore_command', archived ? `cp ${shellQuoted(wal)}/%f "%p"` : 'false'],
    ['recovery_end_command', archived ? `rm -rf ${shellQuoted(wal)}` : ''],
    ['recovery_target_timeline', String(timeline)],
    ['recovery_target_action', 'promote'],
    ...(asked ? [[asked.setting, asked.value] as [string, string]] : []),
  ]
  const lines = settings.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`)
  const file = join(folder, 'postgresql.auto.conf')
  const before = await readFile(file, 'utf8').catch(() => '')
  await writeFile(file, `${before.trimEnd()}\n# Recovery to what was asked for\n${lines.join('\n')}\n`, { mode: 0o600 })
  await writeFile(join(folder, 'recovery.signal'), '', { mode: 0o600 })
  const config = join(folder, 'postgresql.conf')
  if (!(await stat(config).catch(() => null))) await writeFile(config, '', { mode: 0o600 })
  const handle = await open(folder)
  await handle.sync().finally(() => handle.close())
}

const shellQuoted = (path: string) => `"${path.replace(/[\\"$`%]/g, (sign) => (sign === '%' ? '%%' : `\\${sign}`))}"`

/** The files belong to whoever the folder belongs to. */
export async function handOver(folder: string): Promise<void> {
  const { uid, gid } = await stat(folder)
  if (process.getuid?.() !== 0 || uid === 0) return
  const visit = async (path: string): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const inner = join(path, entry.name)
      if (entry.isSymbolicLink()) await lchown(inner, uid, gid)
      else await chown(inner, uid, gid)
      if (entry.isDirectory()) await visit(inner)
    }
  }
  await visit(folder)
}

/** Nothing half is left for somebody to start a server on. */
export async function emptied(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    await rm(join(folder, name), { recursive: true, force: true })
}
