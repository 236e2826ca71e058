import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, link, mkdir, open, readdir, rename, rm, rmdir, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { checkedName, full, missing, type Storage, type Stored, taken, unusable, type Written } from './storage.js'

export const localSettings = z.strictObject({
  kind: z.literal('local'),
  /** Absolute; best on another disk than the database. */
  path: z.string().refine((path) => path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path), 'must be absolute'),
})
export type LocalSettings = z.infer<typeof localSettings>

const half = '.half-'

/**
 * A folder. A file is written under a name of its own, flushed, then linked to its place: unlike a rename, a link cannot
 * replace what stands. The folder is flushed after it, so that a power cut takes nothing back.
 */
export function createLocalStorage({ path }: LocalSettings): Storage {
  const root = resolve(path)
  const name = `the folder ${root}`
  const placeOf = (file: string) => join(root, ...checkedName(file).split('/'))
  return {
    name,
    async put(file, data, signal) {
      const place = placeOf(file)
      const folder = dirname(place)
      const draft = join(folder, `${half}${randomBytes(8).toString('hex')}`)
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        if (await exists(place)) throw taken(name, file)
        const written = await poured(data, draft, signal)
        await placed(draft, place)
        await flushFolders(folder, root)
        return written
      } catch (error) {
        await rm(draft, { force: true }).catch(() => {})
        throw inWords(name, file, error)
      }
    },
    async get(file, signal) {
      const place = placeOf(file)
      const handle = await open(place).catch((error: unknown) => {
        throw inWords(name, file, error)
      })
      return createReadStream(place, { fd: handle, highWaterMark: 256 * 1024, signal })
    },
    async list(under, signal) {
      const found = await filesBelow(root, under, signal).catch((error: unknown) => {
        throw inWords(name, under, error)
      })
      return found
        .filter((one) => one.name.startsWith(under) && !isHalf(one.name))
        .sort((one, other) => (one.name < other.name ? -1 : 1))
    },
    async remove(file) {
      const place = placeOf(file)
      await rm(place, { force: true })
      await flushFolders(dirname(place), root).catch(() => {})
      await removeEmpty(dirname(place), root)
    },
    async sweep(under, untouchedSince, signal) {
      const found = (await filesBelow(root, under, signal)).filter((one) => isHalf(one.name))
      const left = found.filter((one) => one.name.startsWith(under) && one.at <= untouchedSince)
      for (const one of left) await rm(join(root, one.name), { force: true })
      for (const one of left) await removeEmpty(dirname(join(root, one.name)), root)
      return left.map((one) => one.name)
    },
    async freeBytes() {
      const found = await statfs(root).catch(() => null)
      return found ? found.bavail * found.bsize : null
    },
  }
}

const isHalf = (name: string) => name.slice(name.lastIndexOf('/') + 1).startsWith(half)

async function poured(data: Readable, draft: string, signal: AbortSignal): Promise<Written> {
  const hash = createHash('sha256')
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  await pipeline(data, counted, createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }), { signal })
  return { bytes, sha256: hash.digest('hex') }
}

async function placed(draft: string, place: string): Promise<void> {
  try {
    await link(draft, place)
  } catch (error) {
    // File systems without links; whoever writes the same name at this very moment writes the same file.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error))) throw error
    return rename(draft, place)
  }
  await rm(draft)
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

/** A new entry is safe when its folder is flushed, and a new folder when the one above it is. */
async function flushFolders(from: string, root: string): Promise<void> {
  for (let folder = from; ; folder = dirname(folder)) {
    const handle: FileHandle = await open(folder)
    await handle.sync().finally(() => handle.close())
    if (folder === root || !folder.startsWith(root + sep)) return
  }
}

async function removeEmpty(from: string, root: string): Promise<void> {
  for (let folder = from; folder.startsWith(root + sep); folder = dirname(folder)) {
    const gone = await rmdir(folder).then(
      () => true,
      () => false,
    )
    if (!gone) return
  }
}

async function filesBelow(root: string, under: string, signal: AbortSignal): Promise<Stored[]> {
  const start = under.includes('/') ? under.slice(0, under.lastIndexOf('/')) : ''
  const found: Stored[] = []
  const visit = async (folder: string): Promise<void> => {
    signal.throwIfAborted()
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(orNone)
    for (const entry of entries) {
      const name = folder ? `${folder}/${entry.name}` : entry.name
      if (entry.isDirectory()) await visit(name)
      const facts = entry.isFile() ? await stat(join(root, name)).catch(() => null) : null
      if (facts) found.push({ name, bytes: facts.size, at: facts.mtime })
    }
  }
  await visit(start)
  return found
}

const codeOf = (error: unknown) => (error as { code?: string } | null)?.code ?? ''

const orNone = (error: unknown) => {
  if (codeOf(error) === 'ENOENT') return []
  throw error
}

function inWords(storage: string, name: string, error: unknown): unknown {
  const code = codeOf(error)
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)) return full(storage, name, error)
  if (code === 'EEXIST') return taken(storage, name)
  if (code === 'ENOENT') return missing(storage, name, error)
  // What broke while it was read from elsewhere is not the folder's fault.
  const ours = ['EACCES', 'EPERM', 'EROFS', 'EIO', 'ENOTDIR', 'EMFILE', 'ENAMETOOLONG'].includes(code)
  return ours ? unusable(storage, `${name}: ${code}`, error) : error
}
