import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Backup } from '../../../backups/backup.js'
import type { EngineContext, TakeOrder } from '../../../backups/engine.js'
import { failed } from '../../../errors.js'
import { inSession } from '../../postgres/session.js'
import { bytesBelow } from '../folders.js'
import { kindUnable, notInStorage } from '../problems.js'
import { bytesTold } from '../progress.js'
import { chainOf, type Entry, entered, entriesOf, manifestIn, notThere } from './catalogue.js'
import { backupsFolder, dataOf, type NativeParts, takingSuffix, toolRun } from './parts.js'

/** Takes a backup unless one carries the key; what is given back was read from where it lies. */
export async function take(parts: NativeParts, order: TakeOrder, context: EngineContext): Promise<Backup> {
  if (order.kind !== 'full' && !parts.incremental)
    throw kindUnable(order.kind, ['full'], 'increments need PostgreSQL 17 or later, server and tools')
  const entries = await entriesOf(parts)
  const before = entries.find(({ key }) => key === order.key)
  if (before) return before.backup
  const parent = parentFor(order.kind, entries)
  // Nothing to build on: then it is the first of a chain.
  const kind = parent === null ? 'full' : order.kind
  const server = await serverNow(parts, context.signal)
  const label = await labelFor(parts, kind, server.now)
  const taking = dataOf(parts, label) + takingSuffix
  await ownFolder(parts)
  try {
    await taken(parts, taking, label, parent, context)
    const { text, manifest } = await manifestIn(taking)
    const wrong = await notThere(taking, manifest)
    if (wrong !== null || manifest.files.length === 0)
      throw notInStorage('pg_basebackup', wrong ?? 'its manifest names no file')
    const { startLsn, stopLsn, timeline } = manifest
    const backup: Backup = {
      label,
      kind,
      parent: parent?.label ?? null,
      startedAt: server.now,
      endedAt: (await serverNow(parts, context.signal)).now,
      databaseBytes: server.bytes,
      storedBytes: await bytesBelow(taking),
      startLsn,
      stopLsn,
      timeline,
      run: order.run,
      faults: [],
    }
    await rename(taking, dataOf(parts, label))
    await entered(parts, { key: order.key, manifestSha256: sha256(text), backup })
  } catch (thrown) {
    await rm(taking, { recursive: true, force: true, maxRetries: 3 })
    throw thrown
  }
  const now = (await entriesOf(parts)).find(({ key }) => key === order.key)
  if (!now) throw notInStorage('pg_basebackup', 'the catalogue has no backup with this key')
  return now.backup
}

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function parentFor(kind: Backup['kind'], entries: Entry[]): Backup | null {
  const backups = entries.map(({ backup }) => backup)
  if (kind === 'full') return null
  if (kind === 'differential') return backups.findLast((backup) => backup.kind === 'full') ?? null
  // Only what can be restored is built on.
  return backups.findLast(({ label }) => chainOf(label, backups)[0]?.kind === 'full') ?? null
}

async function taken(
  parts: NativeParts,
  taking: string,
  label: string,
  parent: Backup | null,
  context: EngineContext,
): Promise<void> {
  const url = new URL(await parts.database.url())
  const password = decodeURIComponent(url.password)
  url.password = ''
  const words = [
    `--dbname=${url.href}`,
    `--pgdata=${taking}`,
    '--format=plain',
    '--wal-method=stream',
    '--checkpoint=fast',
    '--manifest-checksums=SHA256',
    `--label=shipmate ${label}`,
    '--no-password',
    '--progress',
    ...(parent ? [`--incremental=${join(dataOf(parts, parent.label), 'backup_manifest')}`] : []),
  ]
  const environment: { [name: string]: string } = password ? { PGPASSWORD: password } : {}
  const tell = bytesTold(context, 'waiting for a checkpoint')
  await toolRun(parts, 'pg_basebackup', 'take the backup', words, {
    signal: context.signal,
    environment,
    // "12345/67890 kB (18%), 0/1 tablespace"
    onLine: (line) => {
      const [, done, total] = /(\d+)\/(\d+) kB \(\d+%\)/.exec(line) ?? []
      if (done && total) tell(Number(done) * 1024, Math.max(Number(total), Number(done)) * 1024)
    },
  })
}

type ServerNow = { now: Date; bytes: number }

async function serverNow({ database }: NativeParts, signal: AbortSignal): Promise<ServerNow> {
  type Row = { now: Date; bytes: string; elsewhere: string }
  const [row] = await inSession(database.name, { url: await database.url() }, { signal }, (session) =>
    session.rows<Row>(
      `select clock_timestamp() as now, (select sum(pg_database_size(oid)) from pg_database) as bytes,
              (select count(*) from pg_tablespace where spcname not in ('pg_default', 'pg_global')) as elsewhere`,
    ),
  )
  if (!row) throw failed('backup-tool-failed', `${database.name} did not tell its time`, { next: 'Try again.' })
  if (Number(row.elsewhere) > 0)
    throw failed('backup-tablespaces', `${database.name} has tablespaces of its own`, {
      wanted: 'a database in one folder',
      came: `${row.elsewhere} tablespaces`,
      next: 'Back this server up with pgBackRest.',
    })
  return { now: row.now, bytes: Number(row.bytes) }
}

const letters = { full: 'F', differential: 'D', incremental: 'I' } as const

/** Readable, sorted by time, and nobody else's. */
async function labelFor(parts: NativeParts, kind: Backup['kind'], at: Date): Promise<string> {
  for (let second = 0; ; second++) {
    const iso = new Date(at.getTime() + second * 1000).toISOString()
    const label = `${iso.slice(0, 19).replaceAll('-', '').replaceAll(':', '').replace('T', '-')}${letters[kind]}`
    const there = [dataOf(parts, label), dataOf(parts, label) + takingSuffix].some((path) => existsSync(path))
    if (!there) return label
  }
}

async function ownFolder(parts: NativeParts): Promise<void> {
  const folder = backupsFolder(parts)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (parts.as) await chown(folder, parts.as.uid, parts.as.gid)
}
