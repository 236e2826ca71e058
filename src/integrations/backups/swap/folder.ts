import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { chown, cp, lstat, open, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { EngineContext } from '../../../backups/engine.js'
import type { Placed, Swap } from '../../../backups/swap.js'
import { failed } from '../../../errors.js'
import type { SwapSettings } from '../../../releases/backups/restore-policy.js'
import { runProgram } from '../../commands/program.js'
import { bytes } from '../../watched/words.js'
import { isAlive } from '../scratch/postmaster.js'

export type FolderSettings = Extract<SwapSettings, { driver: 'folder' }>

/** Answers once the server lets somebody in. */
export type Answering = (signal: AbortSignal) => Promise<boolean>

/**
 * The data folder of the server itself: its name goes to the restored one, between a stop and a start. Only names change
 * meanwhile, so that it is quick and can be taken back.
 */
export function createFolderSwap(settings: FolderSettings, answering: Answering): Swap {
  const { data } = settings
  const [kept, next, restored] = [named(data, 'before'), named(data, 'next'), named(data, 'restored')]
  const parts = { settings, answering }
  const placed = async (run: number): Promise<Placed> => {
    if (!existsSync(kept(run))) return 'old'
    return existsSync(data) ? 'restored' : 'between'
  }
  return {
    name: 'folder',
    keptAs: kept,
    placed,
    ready: (size, _context) => ready(settings, size),
    async stage({ run, folder }, { signal }) {
      if (existsSync(next(run))) return { summary: `${next(run)} is there already` }
      if (!existsSync(join(folder, 'PG_VERSION'))) throw scratchGone(folder)
      if (serverOn(folder)) throw failed('restore-scratch-runs', 'the scratch server still runs on its files')
      const moved = await besides(folder, next(run), data, signal)
      await onDisk(dirname(data))
      return { summary: `${moved} to ${next(run)}` }
    },
    async unstage(run) {
      await rm(next(run), { recursive: true, force: true })
      await withoutParts(next(run))
      return { summary: 'what was put beside the live data is gone' }
    },
    async swap(run, context) {
      if ((await placed(run)) === 'old') {
        if (!existsSync(next(run))) throw scratchGone(next(run))
        await stopped(parts, context)
        await rename(data, kept(run))
      }
      if (!existsSync(data)) await rename(next(run), data)
      await onDisk(dirname(data))
      await started(parts, context)
      return { summary: `the restored data serves; the old one is kept as ${kept(run)}` }
    },
    async back(run, context) {
      if ((await placed(run)) === 'restored') {
        await stopped(parts, context)
        await rename(data, restored(run))
      }
      if (existsSync(kept(run)) && !existsSync(data)) await rename(kept(run), data)
      await onDisk(dirname(data))
      await started(parts, context)
      const aside = existsSync(restored(run)) ? `; what was restored is kept as ${restored(run)}` : ''
      return { summary: `the old data serves again${aside}` }
    },
  }
}

const named = (data: string, what: string) => (run: number) => `${data}.${what}-${run}`

async function ready({ data, stop, start }: FolderSettings, size: number) {
  if (!existsSync(join(data, 'PG_VERSION')))
    throw notReady(
      `${data} is no data folder of PostgreSQL`,
      'Correct restore.swap.folder.data in the operator’s file.',
    )
  const spaces = await readdir(join(data, 'pg_tblspc')).catch(() => [])
  if (spaces.length > 0)
    throw notReady(
      `${data} has ${spaces.length} tablespaces, which lie outside of it`,
      'Swap one database instead: restore.swap.database in the operator’s file.',
    )
  for (const [name, { run }] of Object.entries({ stop, start }))
    if (run[0]?.startsWith('/') && !existsSync(run[0]))
      throw notReady(`the command to ${name} the server is not there: ${run[0]}`, 'Correct it in the operator’s file.')
  if ((await lstat(data)).isSymbolicLink())
    throw notReady(`${data} is a link`, 'Name the folder that it leads to as restore.swap.folder.data.')
  const { bavail, bsize } = await statfs(dirname(data))
  if (bavail * bsize < size)
    throw notReady(
      `beside ${data} ${bytes(bavail * bsize)} are free, and the restored data needs ${bytes(size)}`,
      'Make room there: the old data is kept beside the restored one.',
    )
  return { summary: `room for both beside ${data}: ${bytes(bavail * bsize)} free` }
}

const notReady = (came: string, next: string) =>
  failed('restore-swap-not-ready', 'restored data could not take the place of the live one', { came, next })

const scratchGone = (folder: string) =>
  failed('restore-scratch-gone', 'the restored files are not here any more', {
    wanted: `a verified database in ${folder}`,
    came: 'none: another machine may have restored it, or somebody removed it',
    next: 'Nothing was changed. Ask for the restore again.',
  })

/**
 * A change of names where both are on one disk; else a copy. What has the name is whole: with the settings of the live server
 * and its histories, since whoever comes after a kill takes it as it is.
 */
async function besides(from: string, to: string, data: string, signal: AbortSignal): Promise<string> {
  const [there, here, owner] = [await stat(from), await stat(dirname(data)), await stat(data)]
  if (there.dev === here.dev) {
    await ownedBy(from, owner)
    await fitted(from, data)
    await rename(from, to)
    return 'renamed'
  }
  await withoutParts(to)
  const part = `${to}${partly}${randomBytes(4).toString('hex')}`
  await cp(from, part, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
  signal.throwIfAborted()
  await ownedBy(part, owner)
  await fitted(part, data)
  signal.throwIfAborted()
  await rename(part, to)
  return 'copied'
}

/** Copies that are not whole; each attempt has its own, so that one that comes late spoils no other. */
const partly = '.part-'

async function withoutParts(to: string): Promise<void> {
  const names = await readdir(dirname(to)).catch(() => [])
  for (const name of names.filter((one) => one.startsWith(`${basename(to)}${partly}`)))
    await rm(join(dirname(to), name), { recursive: true, force: true })
}

async function fitted(restored: string, data: string): Promise<void> {
  await settingsOf(data, restored)
  await historiesOf(restored)
}

async function ownedBy(folder: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  if (process.getuid?.() !== 0 || (await stat(join(folder, 'PG_VERSION'))).uid === uid) return
  await chown(folder, uid, gid)
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isSymbolicLink()) await chown(join(entry.parentPath, entry.name), uid, gid)
  }
}

/** The server goes on with the settings that it has now: those of the backup are older, and its archive may be off. */
const settingsFiles = ['postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf', 'pg_ident.conf']

async function settingsOf(data: string, next: string): Promise<void> {
  for (const name of settingsFiles) {
    if (!existsSync(join(data, name))) continue
    await cp(join(data, name), join(next, name), { preserveTimestamps: true })
    const { uid, gid } = await stat(join(data, name))
    if (process.getuid?.() === 0) await chown(join(next, name), uid, gid)
  }
}

/** The process that says it serves this folder; one that cannot be told apart from a server counts as one. */
function serverOn(data: string): number | null {
  const file = join(data, 'postmaster.pid')
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0
  return Number.isInteger(pid) && pid > 1 && isAlive(pid) ? pid : null
}

/**
 * The scratch archived nothing, so the archive has not heard of its timeline: another restore would take the same number, and
 * their WAL would be in each other's way.
 */
async function historiesOf(next: string): Promise<void> {
  const wal = join(next, 'pg_wal')
  const names = await readdir(wal).catch(() => [])
  const { uid, gid } = await stat(next)
  for (const name of names.filter((one) => /^[0-9A-F]{8}\.history$/.test(one))) {
    if (existsSync(join(wal, 'archive_status', `${name}.done`))) continue
    const ready = join(wal, 'archive_status', `${name}.ready`)
    await writeFile(ready, '', { mode: 0o600 })
    if (process.getuid?.() === 0) await chown(ready, uid, gid)
  }
}

type Parts = { settings: FolderSettings; answering: Answering }

async function stopped({ settings: { data, stop } }: Parts, { signal, clock }: EngineContext): Promise<void> {
  if (serverOn(data) === null) return
  await runProgram('stop', stop, signal)
  const until = clock.now().getTime() + stop.within
  while (serverOn(data) !== null) {
    if (clock.now().getTime() > until)
      throw failed('restore-server-runs', 'the server still runs after it was told to stop', {
        wanted: `no server on ${data}`,
        came: `process ${serverOn(data)}`,
        next: 'Look at the command restore.swap.folder.stop; nothing was renamed.',
      })
    await clock.sleep(100, signal)
    signal.throwIfAborted()
  }
}

async function started({ settings: { data, start }, answering }: Parts, context: EngineContext): Promise<void> {
  const { signal, clock } = context
  if (serverOn(data) === null) await runProgram('start', start, signal)
  const until = clock.now().getTime() + start.within
  while (!(await answering(signal))) {
    signal.throwIfAborted()
    if (clock.now().getTime() > until)
      throw failed('restore-server-silent', 'the server does not answer after it was started', {
        wanted: `a server on ${data} that accepts connections`,
        came: serverOn(data) ? 'it runs and lets nobody in yet' : 'it does not run',
        next: 'Read its log.',
      })
    context.progress({ done: 0, total: 0, text: 'waiting until the server answers' })
    await clock.sleep(200, signal)
  }
}

/** The new names outlive a power cut. */
async function onDisk(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
