import { PassThrough } from 'node:stream'
import type { Backup } from '../../../backups/backup.js'
import type { EngineContext, TakeOrder } from '../../../backups/engine.js'
import { asShipmateError, failed, refused } from '../../../errors.js'
import { openReplication, type ReplicationLink, type ReplicationRow } from '../../postgres/replication.js'
import type { Session } from '../../postgres/session.js'
import type { Kept, Vault } from '../storage/vault.js'
import { parseLsn } from '../wal/segments.js'
import { manifestOf } from './archives.js'
import { parseManifest } from './manifest.js'
import { pace } from './pace.js'
import { type BackupRecord, backupFolder, backupOf, keepRecord } from './record.js'
import { factsOf, noIncrements, type ServerFacts, serverNow } from './server-facts.js'
import { createInventory } from './tar-inventory.js'
import type { WalArchive } from './wal/archive.js'

export type TakeParts = {
  database: string
  url: string
  vault: Vault
  archive: WalArchive
  /** kB a second that the server sends at most; null: as fast as it can. */
  mostKilobytesPerSecond: number | null
  /** Open as long as the backup is taken: it holds the lock. */
  session: Session
  records: BackupRecord[]
}

/**
 * One base backup over the replication protocol: the server streams tar files to us, so that any role with REPLICATION will
 * do, and nothing has to be on the server’s machine (TARGET 'server' wants a folder there and a role that may write to it).
 * The WAL that the backup needs to be consistent comes with it, so its end can be restored without the archive.
 */
export async function takeBackup(parts: TakeParts, order: TakeOrder, context: EngineContext): Promise<Backup> {
  const { database, url, vault, archive, session, records } = parts
  const { signal } = context
  const facts = await factsOf(database, url, signal)
  const parent = parentFor(order, facts, records, database)
  await archive.ensureSlot(context)
  const startedAt = await serverNow(session)
  const label = labelFor(order.kind, startedAt, parent, records)
  const link = await openReplication(database, { url, signal })
  try {
    if (parent) await handManifest(link, vault, parent, context)
    const { archives, manifest, ...place } = await received(parts, link, label, parent !== null, context)
    const endedAt = await serverNow(session)
    const faults = await followed(archive, place.stopLsn, context)
    signal.throwIfAborted()
    const files = [...archives.map(({ file }) => file), manifest]
    const record: BackupRecord = {
      format: 1,
      ...{ label, kind: order.kind, parent: parent?.label ?? null, key: order.key, run: order.run },
      ...{ startedAt, endedAt, ...place, systemId: facts.systemId },
      databaseBytes: facts.databaseBytes,
      storedBytes: files.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
      faults,
      ...{ version: facts.version, segmentBytes: facts.segmentBytes, settings: facts.settings },
      archives,
      manifest,
    }
    await keepRecord(vault, record, signal)
    return backupOf(record)
  } finally {
    await link.end()
  }
}

function parentFor(
  { kind }: TakeOrder,
  facts: ServerFacts,
  records: BackupRecord[],
  database: string,
): BackupRecord | null {
  if (kind === 'full') return null
  const why = noIncrements(facts)
  if (why)
    throw refused('backup-kind-unable', `No ${kind} backup of ${database}: ${why}`, {
      wanted: 'PostgreSQL 17 or newer with summarize_wal = on',
      came: why,
      next: 'Take a full backup, or set summarize_wal = on and reload the server.',
    })
  const usable = records.filter(({ systemId }) => systemId === facts.systemId)
  const parent = usable.findLast((one) => kind === 'incremental' || one.kind === 'full')
  if (parent) return parent
  throw refused('backup-no-parent', `There is no full backup of ${database} that a ${kind} one could build on.`, {
    wanted: 'a full backup of this cluster',
    came: records.length > 0 ? 'backups of another cluster only' : 'no backup at all',
    next: 'Take a full backup first.',
  })
}

/** Readable, and its own even when two are taken within a second. */
function labelFor(kind: Backup['kind'], at: Date, parent: BackupRecord | null, records: BackupRecord[]): string {
  for (let second = 0; ; second++) {
    const moment = new Date(at.getTime() + second * 1000).toISOString()
    const stamp = `${moment.slice(0, 10).replaceAll('-', '')}-${moment.slice(11, 19).replaceAll(':', '')}`
    const label = parent ? `${parent.label.slice(0, 16)}_${stamp}${kind === 'incremental' ? 'I' : 'D'}` : `${stamp}F`
    if (!records.some((one) => one.label === label)) return label
  }
}

async function handManifest(link: ReplicationLink, vault: Vault, parent: BackupRecord, { signal }: EngineContext) {
  // Read as ours first: a damaged list would be refused by the server in words that do not say where it lies.
  await manifestOf(vault, parent, signal)
  await link.hand('UPLOAD_MANIFEST', await vault.read(parent.manifest, signal))
}

type Received = Pick<BackupRecord, 'archives' | 'manifest' | 'startLsn' | 'stopLsn' | 'timeline'>

async function received(
  { database, vault, mostKilobytesPerSecond }: TakeParts,
  link: ReplicationLink,
  label: string,
  incremental: boolean,
  context: EngineContext,
): Promise<Received> {
  const { signal } = context
  const options = [
    `LABEL '${label}'`,
    "PROGRESS true, CHECKPOINT 'fast', WAL true, TABLESPACE_MAP true",
    "MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256'",
    ...(mostKilobytesPerSecond === null ? [] : [`MAX_RATE ${mostKilobytesPerSecond}`]),
    ...(incremental ? ['INCREMENTAL true'] : []),
  ]
  const flow = link.receive(`BASE_BACKUP (${options.join(', ')})`)
  const tell = pace(context, 'read')
  const inventory = createInventory()
  const done: { oid: string | null; file: Promise<Kept> }[] = []
  let manifest: Promise<Kept> | null = null
  let open: PassThrough | null = null
  let listing: Buffer[] | null = null
  const begin = (name: string): Promise<Kept> => {
    open?.end()
    open = new PassThrough({ highWaterMark: 1024 * 1024 })
    // Stopped, nobody reads it any more when it is told why.
    open.on('error', () => {})
    const file = vault.keep(`${backupFolder(label)}/${name}`, open, signal)
    // Whoever waits for it later is told; until then it must not end the process.
    file.catch((error: Error) => flow.parts.destroy(error))
    return file
  }
  try {
    for await (const frame of flow.parts as AsyncIterable<Buffer>) {
      const kind = String.fromCharCode(frame[0] ?? 0)
      if (kind === 'n') {
        const [name = ''] = frame.toString('utf8', 1).split('\0')
        const oid = name === 'base.tar' ? null : name.replace(/\.tar$/, '')
        inventory.begin(oid)
        done.push({ oid, file: begin(name) })
      } else if (kind === 'm') {
        manifest = begin('backup_manifest')
        listing = []
      } else if (kind === 'd') {
        const data = frame.subarray(1)
        if (listing) listing.push(data)
        else inventory.see(data)
        tell(data.length, sizeIn(flow.answers[1]))
        if (open && !(open as PassThrough).write(data)) await drained(open, signal)
      }
    }
    ;(open as PassThrough | null)?.end()
    const archives = await Promise.all(done.map(async ({ oid, file }) => ({ oid, file: await file })))
    const list = await manifest
    if (!list || !listing) throw incomplete(database, 'the server sent no list of its files')
    const what = inventory.difference(parseManifest(Buffer.concat(listing), list.name))
    if (what) throw incomplete(database, what)
    tell.end()
    const [start, stop] = [flow.answers[0]?.[0], flow.answers.at(-1)?.[0]]
    return { archives, manifest: list, timeline: Number(stop?.tli), ...lsns(start, stop) }
  } catch (error) {
    ;(open as PassThrough | null)?.destroy(error as Error)
    const files = await Promise.allSettled([...done.map(({ file }) => file), ...(manifest ? [manifest] : [])])
    throw reasonOf(error, files)
  }
}

/** A file that could not be kept ends the flow; why is what counts, not that it ended. */
function reasonOf(error: unknown, files: PromiseSettledResult<Kept>[]): unknown {
  const reasons = files.flatMap((file) => (file.status === 'rejected' ? [file.reason as unknown] : []))
  return reasons.find((reason) => asShipmateError(reason).kind === 'failed') ?? error
}

const drained = (stream: PassThrough, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const over = () => {
      stream.off('drain', over).off('close', over)
      signal.removeEventListener('abort', over)
      resolve()
    }
    // One that broke meanwhile says nothing any more.
    if (stream.destroyed) return over()
    stream.once('drain', over).once('close', over)
    signal.addEventListener('abort', over, { once: true })
  })

const sizeIn = (tablespaces: ReplicationRow[] = []) =>
  tablespaces.reduce((sum, { size }) => sum + Number(size ?? 0) * 1024, 0)

const lsns = (start?: ReplicationRow, stop?: ReplicationRow) => ({
  startLsn: start?.recptr ?? '',
  stopLsn: stop?.recptr ?? '',
})

/** Fetches the WAL until the end of the backup; that it cannot be fetched is a fault of the backup, which stands by itself. */
async function followed(archive: WalArchive, stopLsn: string, context: EngineContext): Promise<string[]> {
  try {
    const got = await archive.catchUp(context)
    if (got === null || got.at >= parseLsn(stopLsn)) return []
    return ['The WAL after this backup does not reach the storage yet.']
  } catch (error) {
    context.signal.throwIfAborted()
    const { message, came, code } = asShipmateError(error)
    if (code === 'storage-full') throw error
    return [`The WAL after this backup does not reach the storage: ${came ?? message}`]
  }
}

const incomplete = (database: string, what: string) =>
  failed('backup-incomplete', `The backup of ${database} is not whole: ${what}`, {
    wanted: 'every file of the server’s own list, in its size',
    came: what,
    next: 'Try again; if it comes again, look at the server’s log.',
  })
