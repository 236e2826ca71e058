import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { EngineContext } from '../../../../backups/engine.js'
import { failed } from '../../../../errors.js'
import type { Bucket } from '../../../../releases/backups/files-policy.js'
import { bytesTold } from '../../progress.js'
import { type BucketObject, createObjectReader, type ObjectReader } from '../../storage/s3-objects.js'
import { filesBelow } from '../listing.js'
import type { Source } from '../source.js'

const indexShape = z.record(z.string(), z.string())

type BucketParts = { from: Bucket; secret(reference: string): Promise<string>; work: string }

/**
 * What lies in a bucket. restic stores files, so a copy of it is kept on this machine: only objects that are new or have
 * changed are fetched again.
 */
export function createBucketSource(parts: BucketParts): Source {
  const { from, work } = parts
  const copy = join(work, 'bucket')
  const name = `the bucket ${from.bucket}`
  let opened: Promise<ObjectReader> | null = null
  const reader = () => {
    const { accessKey, secretKey, ...more } = from
    const keys = { accessKeyId: accessKey, secretAccessKey: secretKey, partBytes: 16 * 1024 * 1024 }
    opened ??= createObjectReader({ kind: 's3', ...more, ...keys }, parts.secret)
    opened.catch(() => {
      opened = null
    })
    return opened
  }
  return {
    name,
    whole: false,
    async ready({ signal }) {
      await (await reader()).list(signal, 1)
    },
    async gather(_before, context) {
      const found = await (await reader()).list(context.signal)
      refuseClashes(name, found)
      await mkdir(copy, { recursive: true, mode: 0o700 })
      await fetched(await reader(), { ...parts, copy }, found, context)
      return { roots: [copy], faults: [], notes: [] }
    },
    async look({ paths, begunAt }, { signal }) {
      const stored = new Set(paths.filter((path) => path.includes('/bucket/')).map((path) => afterCopy(path)))
      const before = (await (await reader()).list(signal)).filter(({ at }) => at < begunAt)
      const absent = before.filter(({ key }) => !stored.has(placeOf(key)))
      const came =
        absent.length === 0
          ? `all ${before.length} objects that are in it since before`
          : `${absent.length} of ${before.length} objects are not in the backup: ${absent[0]?.key}`
      return [{ name: `what ${name} lists is stored`, holds: absent.length === 0, came }]
    },
    clear: async () => [],
  }
}

const afterCopy = (path: string) => path.slice(path.indexOf('/bucket/') + '/bucket/'.length)

/** Names of objects may be what no file can be called. */
export const placeOf = (key: string): string =>
  key
    .split('/')
    .map((part) => (part === '' || /^\.{1,2}$|[%\0]/.test(part) ? `%${Buffer.from(part).toString('hex')}` : part))
    .join('/')

/** A bucket may hold both "a" and "a/b"; a folder of files cannot. */
function refuseClashes(name: string, objects: BucketObject[]): void {
  const keys = new Set(objects.map(({ key }) => key))
  const clash = objects.find(({ key }) => {
    const parts = key.split('/')
    return parts.some((_, at) => at > 0 && keys.has(parts.slice(0, at).join('/')))
  })
  if (!clash) return
  throw failed('backup-source-clash', `${name} holds ${clash.key} and an object that is called like its folder.`, {
    wanted: 'objects that can lie in folders',
    came: clash.key,
    next: 'Rename one of the two.',
  })
}

type Copying = BucketParts & { copy: string }

async function fetched(
  reader: ObjectReader,
  parts: Copying,
  objects: BucketObject[],
  context: EngineContext,
): Promise<void> {
  const { copy, work } = parts
  const index = join(work, 'bucket.json')
  const known = await indexAt(index)
  const wanted = new Map(objects.map((one) => [placeOf(one.key), one]))
  for await (const { path } of filesBelow(copy, context.signal))
    if (!wanted.has(path.slice(copy.length + 1))) await rm(path, { force: true })
  const total = objects.reduce((sum, { bytes }) => sum + bytes, 0)
  const tell = bytesTold(context, `fetching ${reader.name}`)
  let done = 0
  try {
    for (const [place, object] of wanted) {
      context.signal.throwIfAborted()
      const at = join(copy, place)
      const version = `${object.etag} ${object.bytes} ${object.at.getTime()}`
      if (known[place] !== version || !existsSync(at)) await fetchOne(reader, parts, object, at, context.signal)
      known[place] = version
      done += object.bytes
      tell(done, total)
    }
  } finally {
    const kept = Object.fromEntries(Object.entries(known).filter(([place]) => wanted.has(place)))
    await writeFile(index, JSON.stringify(kept), { mode: 0o600 })
  }
}

async function indexAt(path: string): Promise<{ [place: string]: string }> {
  try {
    return indexShape.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return {}
  }
}

async function fetchOne(
  reader: ObjectReader,
  { work }: Copying,
  { key, bytes, at: modified }: BucketObject,
  at: string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(dirname(at), { recursive: true, mode: 0o700 })
  const half = join(work, 'fetching.half')
  await pipeline(await reader.get(key, signal), createWriteStream(half, { mode: 0o600 }), { signal })
  const came = (await stat(half)).size
  if (came !== bytes)
    throw failed('backup-source-changed', `${key} of ${reader.name} did not come as it is listed.`, {
      wanted: `${bytes} bytes`,
      came: `${came} bytes`,
      transient: true,
      next: 'It may have been written just now: it is tried again.',
    })
  // A folder of objects that are gone may be where this one goes.
  await rm(at, { recursive: true, force: true })
  await rename(half, at)
  await utimes(at, modified, modified)
}
