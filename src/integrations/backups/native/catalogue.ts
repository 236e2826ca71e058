import { existsSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Backup } from '../../../backups/backup.js'
import { faulted } from '../../../errors.js'
import { backupsFolder, catalogueFolder, dataOf, type NativeParts } from './parts.js'

const recordSchema = z.object({
  key: z.string(),
  /** Of the manifest: one that was exchanged would vouch for anything. */
  manifestSha256: z.string(),
  backup: z.object({
    label: z.string(),
    kind: z.enum(['full', 'differential', 'incremental']),
    parent: z.string().nullable(),
    startedAt: z.coerce.date(),
    endedAt: z.coerce.date(),
    databaseBytes: z.number(),
    storedBytes: z.number(),
    startLsn: z.string(),
    stopLsn: z.string(),
    timeline: z.number(),
    run: z.number().nullable(),
    faults: z.array(z.string()),
  }),
})
export type Entry = z.infer<typeof recordSchema>

/** What counts: a backup has an entry once all of it lies in its place. Oldest first. */
export async function entriesOf(parts: NativeParts): Promise<Entry[]> {
  const folder = catalogueFolder(parts)
  if (!existsSync(folder)) return []
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'))
  const entries = await Promise.all(names.map((name) => entryIn(join(folder, name))))
  return entries.sort((a, b) => a.backup.endedAt.getTime() - b.backup.endedAt.getTime())
}

async function entryIn(path: string): Promise<Entry> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (thrown) {
    throw faulted('backup-catalogue', `${path} cannot be read`, {
      wanted: 'what was written when the backup was taken',
      came: thrown instanceof Error ? thrown.message.slice(0, 300) : String(thrown),
      next: 'Move this file and its backup away; the other backups are not touched by it.',
      cause: thrown,
    })
  }
}

/** On the disk before it is said: a power cut leaves the whole entry or none. */
export async function entered(parts: NativeParts, entry: Entry): Promise<void> {
  const folder = catalogueFolder(parts)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${entry.backup.label}.json`)
  const file = await open(`${path}.writing`, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify(entry, null, 2))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.writing`, path)
  for (const each of [folder, backupsFolder(parts)]) await synced(each)
}

/** The entry goes first: files without one count for nothing. */
export async function dropped(parts: NativeParts, label: string): Promise<void> {
  await rm(join(catalogueFolder(parts), `${label}.json`), { force: true })
  await rm(dataOf(parts, label), { recursive: true, force: true, maxRetries: 3 })
}

async function synced(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The backup and all that it needs, oldest first. */
export function chainOf(label: string, backups: Backup[]): Backup[] {
  const found = backups.find((backup) => backup.label === label)
  if (!found) return []
  return found.parent === null ? [found] : [...chainOf(found.parent, backups), found]
}

const manifestSchema = z.object({
  Files: z.array(z.object({ Path: z.string().optional(), 'Encoded-Path': z.string().optional(), Size: z.number() })),
  'WAL-Ranges': z.array(z.object({ Timeline: z.number(), 'Start-LSN': z.string(), 'End-LSN': z.string() })).min(1),
})

export type Manifest = {
  files: { path: string; bytes: number }[]
  startLsn: string
  stopLsn: string
  timeline: number
}

/** What the server itself wrote down of a backup. */
export async function manifestIn(folder: string): Promise<{ text: string; manifest: Manifest }> {
  const text = await readFile(join(folder, 'backup_manifest'), 'utf8')
  const { Files, 'WAL-Ranges': ranges } = manifestSchema.parse(JSON.parse(text))
  const last = ranges.at(-1)
  const files = Files.map((file) => ({
    path: file.Path ?? Buffer.from(file['Encoded-Path'] ?? '', 'hex').toString('utf8'),
    bytes: file.Size,
  }))
  return {
    text,
    manifest: {
      files,
      startLsn: ranges[0]?.['Start-LSN'] ?? '0/0',
      stopLsn: last?.['End-LSN'] ?? '0/0',
      timeline: last?.Timeline ?? 1,
    },
  }
}

/** The first file of the manifest that does not lie there in its size; null when all do. */
export async function notThere(folder: string, { files }: Manifest): Promise<string | null> {
  for (const { path, bytes } of files) {
    const found = await stat(join(folder, path)).catch(() => null)
    if (found?.size !== bytes) return `${path} has ${found ? found.size : 'no'} bytes, and the manifest says ${bytes}`
  }
  return null
}
