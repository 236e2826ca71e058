import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Holding } from '../../../backups/backup.js'
import type { EngineContext, RestoredFiles, RestoreOrder } from '../../../backups/engine.js'
import type { FilesEngine } from '../../../backups/files.js'
import { shownBytes } from '../../../backups/sizes.js'
import { failed, ShipmateError } from '../../../errors.js'
import type { Restic } from '../../../releases/backups/files-policy.js'
import { bytesBelow, emptied, madeEmpty } from '../folders.js'
import { labelUnknown, pointUnknown } from '../problems.js'
import { canRun } from '../programs.js'
import { createParts, type Parts } from './parts.js'
import { type ResticParts, snapshotsOf } from './program.js'
import { rehearse } from './rehearse.js'
import { nearest } from './repository.js'
import type { Source } from './source.js'
import { backupFrom, isHalf } from './tags.js'
import { take } from './take.js'
import { verify } from './verify.js'

const cannot = [
  'Each backup stands alone and stores only what is new; there are no increments.',
  'It brings back the moments of its backups, and none between two of them.',
]

/** A named set of files in a repository of restic: it packs, encrypts and keeps everything once. */
export function createResticEngine(given: ResticParts & { settings: Restic; source: Source }): FilesEngine {
  const parts = createParts(given)
  /** What a person broke off says so, wherever it was. */
  const breakable = async <T>({ signal }: EngineContext, work: Promise<T>): Promise<T> =>
    work.catch((thrown) => {
      if (!signal.aborted || thrown instanceof ShipmateError) throw thrown
      throw new ShipmateError('stopped', 'backup-stopped', `the backup of ${given.set} was broken off`)
    })
  return {
    name: 'restic',
    able: { kinds: ['full'], pointInTime: false, scratch: true, expires: true, cannot },
    ready: (context) => ready(parts, context),
    take: (order, context) => breakable(context, take(parts, order, context)),
    holding: (context) => holding(parts, context),
    verify: (label, context) => breakable(context, verify(parts, label, context)),
    restore: (order, context) => restore(parts, order, context),
    rehearse: (into, context) => breakable(context, rehearse(parts, into, context)),
    remove: (labels, context) => remove(parts, labels, context),
    clean: (context) => clean(parts, context),
  }
}

async function ready(parts: Parts, context: EngineContext): Promise<{ summary: string }> {
  const { settings, source, program } = parts
  if (!canRun(settings.program))
    throw failed('backup-program-missing', `${settings.program} could not be started`, {
      wanted: `a program at ${settings.program}`,
      came: 'it is not there',
      next: 'Install it (apt-get install restic), or set its path in the operator’s file.',
    })
  await source.ready(context)
  if (!(await parts.isThere(context.signal))) {
    if (settings.repository.kind === 'path') await writable(nearest(settings.repository.path))
    return { summary: `restic stores ${source.name}; the first backup makes its repository in ${program.where}` }
  }
  const { bytes } = await parts.used(context.signal)
  return { summary: `restic stores ${source.name}; its repository in ${program.where} holds ${shownBytes(bytes)}` }
}

async function writable(folder: string): Promise<void> {
  await access(folder, constants.W_OK).catch((cause) => {
    throw failed('backup-storage-unwritable', `nothing can be written in ${folder}`, {
      wanted: 'a folder that Shipmate may write to',
      came: 'it may not',
      next: 'Give it the right, or name another path in the operator’s file.',
      cause,
    })
  })
}

async function holding(parts: Parts, context: EngineContext): Promise<Holding> {
  const there = await parts.isThere(context.signal)
  const snapshots = there ? await snapshotsOf(parts.program, parts.set, context) : []
  const { bytes, freeBytes } = await parts.used(context.signal)
  const backups = snapshots.filter((one) => !isHalf(one)).map(backupFrom)
  return { backups, spans: [], archive: null, storedBytes: there ? bytes : 0, freeBytes }
}

async function restore(parts: Parts, { point, into }: RestoreOrder, context: EngineContext): Promise<RestoredFiles> {
  const began = context.clock.now().getTime()
  const snapshots = (await snapshotsOf(parts.program, parts.set, context)).filter((one) => !isHalf(one))
  if (point.kind !== 'latest' && point.kind !== 'backup')
    throw pointUnknown('a moment between two backups', 'restic brings back the moments of its backups')
  const label = point.kind === 'backup' ? point.label : snapshots.at(-1)?.short_id
  const found = snapshots.find((one) => one.short_id === label)
  if (!found)
    throw labelUnknown(
      label ?? 'at all',
      snapshots.map((one) => one.short_id),
    )
  const folder = resolve(into)
  await madeEmpty(folder, undefined)
  try {
    context.progress({ done: 0, total: 0, text: `restoring ${found.short_id}` })
    const words = ['--no-lock', 'restore', found.short_id, '--target', folder]
    await parts.program.run(`restore ${found.short_id}`, { words, signal: context.signal })
    return { from: backupFrom(found), bytes: await bytesBelow(folder), tookMs: context.clock.now().getTime() - began }
  } catch (thrown) {
    await emptied(folder)
    throw thrown
  }
}

async function remove(parts: Parts, labels: string[], context: EngineContext): Promise<{ freedBytes: number }> {
  const { program, set } = parts
  if (!(await parts.isThere(context.signal))) return { freedBytes: 0 }
  const gone = (await snapshotsOf(program, set, context)).filter((one) => labels.includes(one.short_id))
  if (gone.length === 0) return { freedBytes: 0 }
  const before = await parts.used(context.signal)
  const ids = gone.map(({ id }) => id)
  await program.run('let go of old backups', { words: ['forget', '--prune', ...ids], signal: context.signal })
  return { freedBytes: Math.max(0, before.bytes - (await parts.used(context.signal)).bytes) }
}

/** Locks whose holder is dead, snapshots that nobody looked at, and what was brought here to be stored. */
async function clean({ program, set, source, work, isThere }: Parts, context: EngineContext) {
  await mkdir(work, { recursive: true, mode: 0o700 })
  const removed = await source.clear()
  if (!(await isThere(context.signal))) return { removed }
  await program.run('end locks that nobody holds any more', { words: ['unlock'], signal: context.signal })
  const halves = (await snapshotsOf(program, set, context)).filter(isHalf)
  if (halves.length === 0) return { removed }
  const ids = halves.map(({ id }) => id)
  await program.run('forget what was half done', { words: ['forget', ...ids], signal: context.signal })
  return { removed: [...removed, ...halves.map((one) => `snapshot ${one.short_id}`)] }
}
