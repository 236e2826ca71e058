import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { z } from 'zod'
import type { Backup } from '../../../backups/backup.js'
import type { EngineContext, TakeOrder } from '../../../backups/engine.js'
import { shownBytes } from '../../../backups/sizes.js'
import { asShipmateError, failed } from '../../../errors.js'
import { kindUnable, notInStorage } from '../problems.js'
import { bytesTold } from '../progress.js'
import { bytesOf, type Entry, lastListing, listed, writeListing } from './listing.js'
import type { Parts } from './parts.js'
import { fileOf, nodesOf, type Snapshot, snapshotsOf } from './program.js'
import type { Before } from './source.js'
import { backupFrom, filesIn, firstTags, isHalf, keyTag, lastTags } from './tags.js'

/** Lists what is there, has it stored, and compares what is stored with the list before it counts. */
export async function take(parts: Parts, { kind, key, run }: TakeOrder, context: EngineContext): Promise<Backup> {
  const { set, program, source, work } = parts
  if (kind !== 'full') throw kindUnable(kind, ['full'], 'each backup of restic stands alone')
  await mkdir(work, { recursive: true, mode: 0o700 })
  if (!(await parts.isThere(context.signal))) await parts.make(context)
  const snapshots = await snapshotsOf(program, set, context)
  const before = snapshots.find((one) => one.tags.includes(keyTag(key)) && !isHalf(one))
  if (before) return backupFrom(before)
  const last = snapshots.findLast((one) => !isHalf(one) && backupFrom(one).faults.length === 0)
  try {
    // What came to its source after this need not be in it.
    const began = context.clock.now()
    const gathered = await source.gather(last ? await beforeOf(parts, last, context) : null, context)
    const entries = await listed(gathered.roots, await lastListing(parts.listing), set, context)
    if (entries.length === 0) throw empty(parts, last)
    await writeListing(parts.listing, { set, key, at: began.toISOString(), entries })
    const stored = await store(parts, { key, run, roots: gathered.roots, entries }, context)
    const missed = await missedIn(parts, stored.id, entries, context)
    const faults = [...gathered.faults, ...shrinkage(parts, last, entries), ...missed.faults]
    const looked = { stored: stored.bytes, endedAt: context.clock.now(), vanished: missed.vanished }
    const end = lastTags({ ...looked, faults, notes: gathered.notes })
    await program.run('write down what it holds', {
      words: ['tag', '--add', end.join(','), stored.id],
      signal: context.signal,
    })
    const taken = (await snapshotsOf(program, set, context)).find(
      (one) => one.tags.includes(keyTag(key)) && !isHalf(one),
    )
    if (!taken) throw notInStorage('restic', `none of the snapshots in ${program.where} carries this run’s key`)
    return backupFrom(taken)
  } catch (thrown) {
    if (asShipmateError(thrown).code === 'backup-storage-full') await makeRoom(parts, context)
    throw thrown
  } finally {
    await source.clear()
  }
}

async function beforeOf({ program }: Parts, { id }: Snapshot, { signal }: EngineContext): Promise<Before> {
  const nodes = await nodesOf(program, id, signal)
  return { paths: [...nodes.keys()], read: (path) => fileOf(program, id, path, signal) }
}

/** An empty folder is what an unmounted disk looks like. */
const empty = ({ set, source }: Parts, last: Snapshot | undefined) =>
  failed('backup-source-empty', `There is no file in ${source.name}, so nothing of ${set} was stored.`, {
    wanted: last ? `about ${filesIn(last)} files, as in the last backup` : 'at least one file',
    came: 'none',
    next: 'Look whether it is mounted and the path is right. The backups before this one are untouched.',
  })

/** Far fewer than in the last sound one: what was lost at its source looks like that. */
function shrinkage({ settings }: Parts, last: Snapshot | undefined, entries: Entry[]): string[] {
  if (!last) return []
  const least = 1 - settings.shrinks
  const [files, bytes] = [filesIn(last), backupFrom(last).databaseBytes]
  const now = bytesOf(entries)
  const allowed = `the last sound backup had more; at most ${Math.round(settings.shrinks * 100)} % may go at once (shrinks)`
  if (entries.length < files * least)
    return [`its source has shrunk to ${entries.length} of ${files} files: ${allowed}`]
  return now < bytes * least ? [`its source has shrunk to ${shownBytes(now)} of ${shownBytes(bytes)}: ${allowed}`] : []
}

/** restic keeps what it had stored until it broke off, so the next ones, with less in them, would find no room either. */
async function makeRoom({ program, set }: Parts, { signal, log }: EngineContext): Promise<void> {
  const words = ['prune', '--max-repack-size', '0']
  await program.run('let go of what does not count', { words, signal }).catch((err: unknown) => {
    log.warn({ set, err }, 'what a backup stored until its storage was full is still there')
  })
}

const statusShape = z.object({
  message_type: z.string(),
  bytes_done: z.number().default(0),
  total_bytes: z.number().default(0),
  snapshot_id: z.string().optional(),
})

type Storing = { key: string; run: number; roots: string[]; entries: Entry[] }

async function store(parts: Parts, { key, run, roots, entries }: Storing, context: EngineContext) {
  const { set, program } = parts
  const tell = bytesTold(context, `storing ${set}`)
  const before = await parts.used(context.signal)
  const tags = firstTags(set, key, run, entries.length, bytesOf(entries)).flatMap((tag) => ['--tag', tag])
  let id: string | null = null
  const ended = await program.run('store the files', {
    words: ['--json', 'backup', '--host', 'shipmate', ...tags, '--', ...roots, parts.listing],
    ...{ signal: context.signal, keepLines: 200 },
    // 3: some file could not be read. Which ones, the comparison with the list tells.
    well: ({ code }) => code === 3,
    onLine(line) {
      if (!line.startsWith('{')) return
      const status = statusShape.safeParse(JSON.parse(line))
      if (!status.success) return
      if (status.data.snapshot_id) id = status.data.snapshot_id
      if (status.data.message_type === 'status') tell(status.data.bytes_done, status.data.total_bytes)
    },
  })
  if (id === null) throw notInStorage('restic', ended.complaints || 'it named no snapshot')
  const after = await parts.used(context.signal)
  return { id: id as string, bytes: Math.max(0, after.bytes - before.bytes) }
}

/** What the list has and the snapshot has not: it went meanwhile, or it could not be stored. */
async function missedIn({ program, source }: Parts, id: string, entries: Entry[], { signal }: EngineContext) {
  const nodes = await nodesOf(program, id, signal)
  const absent = entries.filter(({ path }) => !nodes.has(path)).map(({ path }) => path)
  const kept = absent.filter((path) => existsSync(path))
  const vanished = absent.length - kept.length
  if (kept.length === 0) return { vanished, faults: [] }
  const some = kept.slice(0, 3).join(', ')
  const files = kept.length === 1 ? '1 file' : `${kept.length} files`
  return { vanished, faults: [`${files} in ${source.name} could not be stored: ${some}${kept.length > 3 ? ' …' : ''}`] }
}
