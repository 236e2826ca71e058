import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Backup, Holding, Verification } from '../../../backups/backup.js'
import type { BackupEngine, EngineContext, RestoreOrder, TakeOrder } from '../../../backups/engine.js'
import { failed, refused, ShipmateError } from '../../../errors.js'
import type { Vault } from '../storage/vault.js'
import { pipedFrom, saidBy } from './piped.js'
import { type DumpedDatabase, type DumpPrograms, dumpPrograms, lookAt, newEnough } from './programs.js'
import { type DumpRecord, dumpFolder, dumpRecords, keepDumpRecord, noDump } from './record.js'

export type DumpParts = {
  database: string
  url(): Promise<string>
  vault: Vault
  /** Where pg_dump and pg_restore are, of the server’s version or newer. */
  bin: string
  /** Patterns as pg_dump takes them; null: the whole database. */
  tables: string[] | null
}

export type DumpEngine = BackupEngine & {
  /** Puts a dump, or some of its tables, into a database that exists; all or nothing. */
  load(order: { label: string; into: string; tables: string[] | null }, context: EngineContext): Promise<void>
  /** The structure alone as text that is equal for equal structures, with its digest. */
  structure(context: EngineContext): Promise<{ text: string; sha256: string }>
}

const cannot = [
  'A dump brings back the moment when it began, and none between two dumps: there is no point in time.',
  'There are no incremental dumps; each one is whole.',
  'It holds one database, without roles, settings and the other databases of the server.',
  'A restore loads rows and builds indexes anew, which takes many times as long as files do.',
  'Its files are no server’s: a scratch server cannot be started on them.',
]

/** `pg_dump` in its custom format, for single databases and tables. */
export function createDumpEngine(parts: DumpParts): DumpEngine {
  const { database, vault, bin } = parts
  return {
    name: 'pg_dump',
    able: { kinds: ['full'], pointInTime: false, scratch: false, expires: true, cannot },
    async ready({ signal }) {
      const [programs, found] = [await dumpPrograms(bin, signal), await lookAt(database, await parts.url(), signal)]
      newEnough(programs, found, database)
      await saidBy(programs.call('pg_restore', ['--version'], null, signal))
      return {
        summary: `pg_dump ${programs.major} for PostgreSQL ${found.major}, ${found.tables.length} tables; no point in time`,
      }
    },
    take: (order, context) => taken(parts, order, context),
    holding: ({ signal }) => held(vault, signal),
    verify: (label, context) => verified(parts, label, context),
    restore: (order, context) => laid(parts, order, context),
    async remove(labels, { signal }) {
      const before = await vault.storage.list('dumps/', signal)
      const gone = before.filter(({ name }) => labels.some((label) => name.startsWith(`${dumpFolder(label)}/`)))
      for (const { name } of gone.sort((one) => (one.name.includes('/record.json') ? -1 : 1)))
        await vault.storage.remove(name, signal)
      return { freedBytes: gone.reduce((sum, { bytes }) => sum + bytes, 0) }
    },
    async clean({ signal, clock }) {
      const { halves } = await dumpRecords(vault, signal)
      for (const name of halves) await vault.storage.remove(name, signal)
      return { removed: [...halves, ...(await vault.storage.sweep('dumps/', clock.now(), signal))] }
    },
    load: (order, context) => loaded(parts, order, context),
    structure: (context) => structureOf(parts, context),
  }
}

async function taken(parts: DumpParts, { kind, key, run }: TakeOrder, context: EngineContext): Promise<Backup> {
  const { database, vault, tables } = parts
  const { signal } = context
  if (kind !== 'full')
    throw refused('backup-kind-unable', `A dump is always whole; there is no ${kind} one.`, {
      wanted: 'a full dump',
      came: kind,
      next: 'Ask for a full one, or use an engine that knows increments.',
    })
  const before = (await dumpRecords(vault, signal)).records.find((one) => one.key === key)
  if (before) return backupOf(before)
  const url = await parts.url()
  const [programs, found] = [await dumpPrograms(parts.bin, signal), await lookAt(database, url, signal)]
  newEnough(programs, found, database)
  const label = `${found.now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}-${createHash('sha256').update(key).digest('hex').slice(0, 6)}`
  const chosen = (tables ?? []).map((table) => `--table=${table}`)
  // Not packed by pg_dump: the storage packs, and a packed file would be packed twice.
  const words = ['--format=custom', '--compress=0', '--no-password', '--lock-wait-timeout=60s', ...chosen]
  const data = counted(pipedFrom(programs.call('pg_dump', words, url, signal)), found.bytes, context)
  try {
    const file = await vault.keep(`${dumpFolder(label)}/dump`, data, signal)
    const { now: endedAt } = await lookAt(database, url, signal)
    const record: DumpRecord = {
      label,
      key,
      run,
      startedAt: found.now,
      endedAt,
      databaseBytes: found.bytes,
      tables,
      file,
    }
    await whole(vault, programs, record, tables === null ? found : null, signal)
    signal.throwIfAborted()
    await keepDumpRecord(vault, record, signal)
    return backupOf(record)
  } catch (error) {
    if (!signal.aborted || error instanceof ShipmateError) throw error
    throw new ShipmateError('stopped', 'backup-stopped', 'the dump was broken off')
  }
}

async function* counted(
  data: AsyncIterable<Buffer>,
  total: number,
  { progress }: EngineContext,
): AsyncGenerator<Buffer> {
  let [done, told] = [0, 0]
  for await (const part of data) {
    done += part.length
    if (done - told > 8 * 1024 * 1024 || told === 0) {
      told = done
      progress({
        done,
        total,
        text: `${(done / 1e6).toFixed(1)} MB dumped of a database of ${(total / 1e6).toFixed(1)} MB`,
      })
    }
    yield part
  }
}

/** What is in it, read back from the storage: every table of the database, or it does not count. */
async function whole(
  vault: Vault,
  programs: DumpPrograms,
  record: DumpRecord,
  found: DumpedDatabase | null,
  signal: AbortSignal,
): Promise<void> {
  const contents = await contentsOf(vault, programs, record, signal)
  const missing = found?.tables.filter((table) => !contents.includes(`TABLE DATA ${table} `)) ?? []
  if (contents.includes(' TABLE ') && missing.length === 0) return
  if (found && found.tables.length === 0 && missing.length === 0) return
  throw failed('backup-incomplete', `the dump ${record.label} is not whole`, {
    wanted: 'the rows of every table',
    came: missing.length > 0 ? `nothing of ${missing.slice(0, 5).join(', ')}` : 'no table at all',
    next: 'Look whether our role may read every table, and that the names of tables are right.',
  })
}

/** Its own table of contents. */
const contentsOf = (vault: Vault, programs: DumpPrograms, { file }: DumpRecord, signal: AbortSignal): Promise<string> =>
  saidBy({ ...programs.call('pg_restore', ['--list'], null, signal), input: vault.open(file, signal) })

async function held(vault: Vault, signal: AbortSignal): Promise<Holding> {
  const { records } = await dumpRecords(vault, signal)
  const files = await vault.storage.list('dumps/', signal)
  return {
    backups: records.map(backupOf),
    spans: [],
    archive: null,
    storedBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    freeBytes: await vault.storage.freeBytes(),
  }
}

async function verified(parts: DumpParts, label: string | null, { signal }: EngineContext): Promise<Verification> {
  const { records, damaged } = await dumpRecords(parts.vault, signal)
  const asked = records.filter((record) => label === null || record.label === label)
  if (label !== null && asked.length === 0) throw noDump(label)
  const programs = await dumpPrograms(parts.bin, signal)
  const found: Verification = { files: 0, bytes: 0, segments: 0, defects: [] }
  for (const where of damaged) found.defects.push({ where, what: 'what is known of this dump cannot be read' })
  for (const record of asked) {
    // Turned into SQL that goes nowhere: pg_restore has to understand every byte.
    const call = programs.call('pg_restore', ['--file=/dev/null'], null, signal)
    const what = await saidBy({ ...call, input: parts.vault.open(record.file, signal) }).then(
      () => null,
      (error: unknown) => defectIn(error, signal),
    )
    if (what) found.defects.push({ where: record.file.name, what })
    found.files++
    found.bytes += record.file.storedBytes
  }
  return found
}

function defectIn(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted()
  const known = ['storage-damaged', 'storage-missing', 'dump-failed']
  if (error instanceof ShipmateError && known.includes(error.code)) return error.message
  throw error
}

/** The dump itself and its table of contents: what `pg_restore` and people need. */
async function laid({ vault, bin }: DumpParts, { point, into }: RestoreOrder, context: EngineContext) {
  const { signal, clock } = context
  const began = +clock.now()
  const { records } = await dumpRecords(vault, signal)
  const label = point.kind === 'backup' ? point.label : null
  if (point.kind !== 'backup' && point.kind !== 'latest')
    throw refused('dump-no-moment', 'A dump has no point in time.', {
      wanted: 'the end of a dump',
      came: point.kind,
      next: 'Choose one of the dumps, or an engine that keeps the WAL.',
    })
  const record = label === null ? records.at(-1) : records.find((one) => one.label === label)
  if (!record) throw noDump(label ?? 'at all')
  const folder = resolve(into)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    const target = createWriteStream(join(folder, 'database.dump'), { flags: 'wx', mode: 0o600, flush: true })
    await pipeline(Readable.from(vault.open(record.file, signal), { objectMode: false }), target, { signal })
    const contents = await contentsOf(vault, await dumpPrograms(bin, signal), record, signal)
    await writeFile(join(folder, 'contents.txt'), contents)
  } catch (error) {
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
    throw error
  }
  return { from: backupOf(record), bytes: record.file.bytes, tookMs: +clock.now() - began }
}

async function loaded(
  { vault, bin }: DumpParts,
  { label, into, tables }: { label: string; into: string; tables: string[] | null },
  { signal }: EngineContext,
): Promise<void> {
  const record = (await dumpRecords(vault, signal)).records.find((one) => one.label === label)
  if (!record) throw noDump(label)
  const programs = await dumpPrograms(bin, signal)
  const chosen = (tables ?? []).map((table) => `--table=${table}`)
  const database = decodeURIComponent(new URL(into).pathname.slice(1)) || 'postgres'
  const words = [
    '--no-password',
    '--single-transaction',
    '--exit-on-error',
    '--no-owner',
    `--dbname=${database}`,
    ...chosen,
  ]
  await saidBy({ ...programs.call('pg_restore', words, into, signal), input: vault.open(record.file, signal) })
}

/**
 * Since the minor releases of August 2025 each dump in plain text carries a random word after \restrict, so that no two are
 * equal; `--restrict-key` fixes it where pg_dump knows that, and older ones do not write it.
 */
async function structureOf(
  { bin, url }: DumpParts,
  { signal }: EngineContext,
): Promise<{ text: string; sha256: string }> {
  const programs = await dumpPrograms(bin, signal)
  const words = ['--schema-only', '--no-password']
  const said = (more: string[], at: string) => saidBy(programs.call('pg_dump', [...words, ...more], at, signal))
  const at = await url()
  const raw = await said(['--restrict-key=shipmate'], at).catch((error: unknown) => {
    if (error instanceof ShipmateError && /unrecognized option|restrict-key/.test(error.came ?? '')) return said([], at)
    throw error
  })
  const lines = raw.split('\n').filter((line) => !/^\\(un)?restrict |^-- Dumped (from|by) /.test(line))
  const text = lines.join('\n')
  return { text, sha256: createHash('sha256').update(text).digest('hex') }
}

function backupOf({ label, startedAt, endedAt, databaseBytes, file, run }: DumpRecord): Backup {
  const place = { startLsn: '', stopLsn: '', timeline: 0 }
  const sizes = { databaseBytes, storedBytes: file.storedBytes }
  return { label, kind: 'full', parent: null, startedAt, endedAt, ...sizes, ...place, run, faults: [] }
}
