import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { lstat, opendir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { EngineContext } from '../../../backups/engine.js'
import { failed } from '../../../errors.js'
import { bytesTold } from '../progress.js'

const entryShape = z.object({
  path: z.string(),
  bytes: z.number(),
  mtimeMs: z.number(),
  ctimeMs: z.number(),
  sha256: z.string(),
})

/** One file as it was read when it was stored. Times in milliseconds, `mtimeMs` whole ones. */
export type Entry = z.output<typeof entryShape>

const headShape = z.object({ set: z.string(), key: z.string(), at: z.string(), files: z.number(), bytes: z.number() })

/** Which files a backup holds, read apart from whatever stores them, and stored beside them. */
export type Listing = { set: string; key: string; at: string; entries: Entry[] }

export const bytesOf = (entries: Pick<Entry, 'bytes'>[]): number => entries.reduce((sum, { bytes }) => sum + bytes, 0)

/**
 * Every regular file below the roots with the hash of its content. One whose size and times are those of `known` is not
 * read again. What vanishes meanwhile is left out; what cannot be read is listed, and missed in the backup.
 */
export async function listed(roots: string[], known: Entry[], set: string, context: EngineContext): Promise<Entry[]> {
  const before = new Map(known.map((entry) => [entry.path, entry]))
  const found: Omit<Entry, 'sha256'>[] = []
  for (const root of roots) for await (const file of filesBelow(root, context.signal)) found.push(file)
  const total = bytesOf(found)
  const tell = bytesTold(context, `reading ${set}`)
  const entries: Entry[] = []
  let done = 0
  for (const file of found) {
    context.signal.throwIfAborted()
    const same = before.get(file.path)
    const unchanged = same && shapeOf(same) === shapeOf(file)
    const sha256 = unchanged ? same.sha256 : await hashOf(file.path, context.signal).catch(gone)
    done += file.bytes
    tell(done, total)
    if (sha256 !== null) entries.push({ ...file, sha256 })
  }
  return entries
}

/** What restic looks at too before it reads a file again. */
const shapeOf = ({ bytes, mtimeMs, ctimeMs }: Omit<Entry, 'sha256'>) => `${bytes} ${mtimeMs} ${ctimeMs}`

/** Vanished: null. Unreadable: no hash, so that it is missed. */
function gone(thrown: unknown): string | null {
  const { code } = thrown as NodeJS.ErrnoException
  if (code === 'ENOENT') return null
  if (code === 'EACCES' || code === 'EPERM' || code === 'EIO') return ''
  throw thrown
}

export async function hashOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash, { signal })
  return hash.digest('hex')
}

/** Regular files; links are stored as links and have no content of their own. */
export async function* filesBelow(root: string, signal: AbortSignal): AsyncGenerator<Omit<Entry, 'sha256'>> {
  signal.throwIfAborted()
  const stat = await lstat(root).catch(absent)
  if (stat === null) return
  if (stat.isFile()) yield { path: root, bytes: stat.size, mtimeMs: Math.floor(stat.mtimeMs), ctimeMs: stat.ctimeMs }
  if (!stat.isDirectory()) return
  const folder = await opendir(root).catch(absent)
  if (folder === null) return
  for await (const { name } of folder) yield* filesBelow(join(root, name), signal)
}

function absent(thrown: unknown): null {
  if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null
  throw thrown
}

/** One line of JSON for the whole, then one for each file. */
export async function writeListing(path: string, { set, key, at, entries }: Listing): Promise<void> {
  const head = { set, key, at, files: entries.length, bytes: bytesOf(entries) }
  function* lines() {
    yield `${JSON.stringify(head)}\n`
    for (const entry of entries) yield `${JSON.stringify(entry)}\n`
  }
  await pipeline(Readable.from(lines()), createWriteStream(path, { mode: 0o600, flush: true }))
}

/** Throws `backup-catalogue` when it is not what was written. */
export function parseListing(text: string, where: string): Listing {
  try {
    const [first = '', ...lines] = text.split('\n').filter((line) => line !== '')
    const { set, key, at, files, bytes } = headShape.parse(JSON.parse(first))
    const entries = lines.map((line) => entryShape.parse(JSON.parse(line)))
    if (entries.length !== files || bytesOf(entries) !== bytes) throw new Error(`${entries.length} of ${files} files`)
    return { set, key, at, entries }
  } catch (thrown) {
    throw failed('backup-catalogue', `the list of the files in ${where} cannot be read`, {
      wanted: 'one line for each file',
      came: thrown instanceof Error ? thrown.message.slice(0, 200) : String(thrown),
      next: 'Verify the backup, and restore from another one.',
    })
  }
}

/** The one that was written here last, to spare reading what has not changed; none when it is not there or broken. */
export async function lastListing(path: string): Promise<Entry[]> {
  if (!existsSync(path)) return []
  try {
    return parseListing(await readFile(path, 'utf8'), path).entries
  } catch {
    return []
  }
}
