import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Backup, type BackupKind, backupKinds, type Span, type Verification } from '../../../src/backups/backup.js'
import type { BackupEngine, EngineContext } from '../../../src/backups/engine.js'
import { createMeter } from '../../../src/backups/meter.js'
import { failed } from '../../../src/errors.js'

/** Where the "database" is: a folder with a file of JSON lines for each table. */
export type PlainFiles = {
  data: string
  storage: string
  /** Kept on disk, so that a process that is killed and its successor are told the same. */
  moods: string
}

/** How the world treats the engine, as a test sets it; a file each in `moods`. */
export type Mood =
  /** Waits before each file while it is there. */
  | 'slow'
  /** Says it is done and stores nothing, as the tools of six weeks of success did. */
  | 'empty'
  /** The server is away. */
  | 'away'
  /** The storage is full. */
  | 'full'
  /** The server cannot be asked for its WAL. */
  | 'failing'

const noArchive = { lastSegment: null, lastAt: null, missing: [], failing: null }

const held = z.object({ name: z.string(), in: z.string(), hash: z.string(), bytes: z.number() })
const manifestShape = z.object({
  label: z.string(),
  key: z.string(),
  kind: z.enum(backupKinds),
  parent: z.string().nullable(),
  startedAt: z.coerce.date(),
  endedAt: z.coerce.date(),
  databaseBytes: z.number(),
  storedBytes: z.number(),
  run: z.number().nullable(),
  files: z.array(held),
})
type Manifest = z.output<typeof manifestShape>

/**
 * An engine on plain files: it keeps the whole contract with copies and hashes, so that what stands around engines can be
 * tried without a server. It knows no WAL, so its spans are what a test says.
 */
export function createPlainEngine(files: PlainFiles, spans: () => Span[] = () => []): BackupEngine {
  const is = (mood: Mood) => existsSync(join(files.moods, mood))
  const hold = async ({ clock, signal }: EngineContext) => {
    while (is('slow') && !signal.aborted) await clock.sleep(10, signal)
    signal.throwIfAborted()
  }
  const reachable = () => {
    if (is('away'))
      throw failed('plain-away', 'the server does not answer', { next: 'Start it.', wanted: 'an answer', came: 'none' })
  }
  return {
    name: 'plain files',
    able: { kinds: [...backupKinds], pointInTime: false, scratch: true, expires: true, cannot: ['It knows no WAL.'] },
    ready: async () => {
      reachable()
      return { summary: 'the folder is there' }
    },
    take: async ({ kind, key, run }, context) => {
      reachable()
      const all = await manifests(files)
      const before = all.find((one) => one.key === key)
      if (before) return backupOf(before)
      return backupOf(await taken(files, { kind, key, run, all, empty: is('empty'), full: is('full') }, context, hold))
    },
    holding: async () => {
      reachable()
      const backups = (await manifests(files)).map(backupOf)
      const storedBytes = backups.reduce((sum, one) => sum + one.storedBytes, 0)
      const failing = 'the server cannot be reached'
      const archive = is('failing') ? { ...noArchive, failing } : null
      return { backups, spans: spans(), archive, storedBytes, freeBytes: is('full') ? 0 : 1e9 - storedBytes }
    },
    verify: async (label) => verified(files, label),
    restore: async ({ into }, context) => {
      const began = context.clock.now()
      const last = (await manifests(files)).at(-1)
      if (!last) throw failed('plain-nothing', 'there is no backup')
      await mkdir(into, { recursive: true })
      const meter = createMeter(context.clock, last.databaseBytes, context.progress)
      let done = 0
      for (const one of last.files) {
        await hold(context)
        const content = await readFile(join(files.storage, one.in, one.name))
        if (hashOf(content) !== one.hash) throw failed('plain-damaged', `${one.name} is not as it was written`)
        await writeFile(join(into, one.name), content)
        done += content.length
        meter(done)
      }
      const tookMs = context.clock.now().getTime() - began.getTime()
      return { from: backupOf(last), bytes: last.databaseBytes, tookMs }
    },
    remove: async (labels) => {
      const gone = (await manifests(files)).filter(({ label }) => labels.includes(label))
      for (const { label } of gone) await rm(join(files.storage, label), { recursive: true, force: true })
      return { freedBytes: gone.reduce((sum, { storedBytes }) => sum + storedBytes, 0) }
    },
    clean: async () => {
      const half = (await entries(files.storage)).filter((name) => name.endsWith('.half'))
      for (const name of half) await rm(join(files.storage, name), { recursive: true, force: true })
      return { removed: half }
    },
  }
}

type Order = { kind: BackupKind; key: string; run: number; all: Manifest[]; empty: boolean; full: boolean }

async function taken(
  files: PlainFiles,
  { kind, key, run, all, empty, full }: Order,
  context: EngineContext,
  hold: (context: EngineContext) => Promise<void>,
): Promise<Manifest> {
  const startedAt = context.clock.now()
  const parent =
    kind === 'full' ? undefined : kind === 'incremental' ? all.at(-1) : all.findLast((one) => one.kind === 'full')
  const real: BackupKind = parent ? kind : 'full'
  const label = `${String(all.length + 1).padStart(3, '0')}-${startedAt.getTime()}${real.charAt(0).toUpperCase()}`
  const half = join(files.storage, `${label}.half`)
  await mkdir(half, { recursive: true })
  const names = empty ? [] : (await entries(files.data)).sort()
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(files.data, name))).size))
  const databaseBytes = sizes.reduce((sum, one) => sum + one, 0)
  const meter = createMeter(context.clock, databaseBytes, context.progress)
  const list: Manifest['files'] = []
  let [stored, done] = [0, 0]
  for (const [at, name] of names.entries()) {
    await hold(context)
    if (full) throw failed('plain-full', 'no space left on device', { next: 'Make room.' })
    const hash = hashOf(await readFile(join(files.data, name)))
    const known = parent?.files.find((one) => one.name === name && one.hash === hash)
    if (!known) {
      await copyFile(join(files.data, name), join(half, name))
      stored += sizes[at] ?? 0
    }
    list.push({ name, in: known?.in ?? label, hash, bytes: sizes[at] ?? 0 })
    done += sizes[at] ?? 0
    meter(done)
  }
  const shape = { label, key, kind: real, parent: parent?.label ?? null, run, startedAt, endedAt: context.clock.now() }
  // The manifest itself is stored too, so that an increment of nothing is not nothing.
  const manifest: Manifest = { ...shape, databaseBytes, storedBytes: empty ? 0 : stored + 100, files: list }
  await writeFile(join(half, 'manifest.json'), JSON.stringify(manifest))
  await rename(half, join(files.storage, label))
  return manifest
}

async function verified(files: PlainFiles, label: string | null): Promise<Verification> {
  const all = (await manifests(files)).filter((one) => label === null || one.label === label)
  const found: Verification = { files: 0, bytes: 0, segments: 0, defects: [] }
  for (const one of all.flatMap((manifest) => manifest.files)) {
    const path = join(files.storage, one.in, one.name)
    const content = await readFile(path).catch(() => null)
    found.files += 1
    found.bytes += content?.length ?? 0
    if (!content) found.defects.push({ where: `${one.in}/${one.name}`, what: 'is missing' })
    else if (hashOf(content) !== one.hash) found.defects.push({ where: `${one.in}/${one.name}`, what: 'another hash' })
  }
  return found
}

async function manifests({ storage }: PlainFiles): Promise<Manifest[]> {
  const labels = (await entries(storage)).filter((name) => !name.endsWith('.half')).sort()
  const read = labels.map(async (label) => {
    const text = await readFile(join(storage, label, 'manifest.json'), 'utf8').catch(() => null)
    return text === null ? [] : [manifestShape.parse(JSON.parse(text))]
  })
  return (await Promise.all(read)).flat()
}

const backupOf = ({ files: _, key: __, ...rest }: Manifest): Backup => ({
  ...rest,
  ...{ startLsn: '0/2000028', stopLsn: '0/3000028', timeline: 1, faults: [] },
})

const hashOf = (content: Buffer) => createHash('sha256').update(content).digest('hex')
const entries = (folder: string) => readdir(folder).catch(() => [])
