import { z } from 'zod'
import { type Backup, backupKinds } from '../../../backups/backup.js'
import { failed } from '../../../errors.js'
import { digestOf } from '../../../json.js'
import type { Vault } from '../storage/vault.js'

const kept = z.object({
  name: z.string(),
  storedBytes: z.number(),
  storedSha256: z.string(),
  bytes: z.number(),
})

const schema = z.object({
  format: z.literal(1),
  label: z.string(),
  kind: z.enum(backupKinds),
  parent: z.string().nullable(),
  key: z.string(),
  run: z.number().nullable(),
  startedAt: z.iso.datetime().transform((text) => new Date(text)),
  endedAt: z.iso.datetime().transform((text) => new Date(text)),
  startLsn: z.string(),
  stopLsn: z.string(),
  timeline: z.number(),
  systemId: z.string(),
  databaseBytes: z.number(),
  storedBytes: z.number(),
  faults: z.array(z.string()),
  /** 180004 for 18.4. */
  version: z.number(),
  segmentBytes: z.number(),
  /** Settings below which a server does not recover this cluster. */
  settings: z.record(z.string(), z.string()),
  /** One for the data folder (oid null) and one for each tablespace. */
  archives: z.array(z.object({ oid: z.string().nullable(), file: kept })),
  manifest: kept,
})

/** All that is known of a backup; it counts when this was written, which comes last. */
export type BackupRecord = z.infer<typeof schema>

export const backupFolder = (label: string) => `backups/${label}`
const recordName = (label: string) => `${backupFolder(label)}/record.json`
const isRecord = (name: string) => /^backups\/[^/]+\/record\.json(\.[a-z]+)*$/.test(name)

export async function keepRecord(vault: Vault, record: BackupRecord, signal: AbortSignal): Promise<void> {
  const text = JSON.stringify({ record, digest: digestOf(plain(record)) })
  async function* data() {
    yield Buffer.from(text)
  }
  await vault.keep(recordName(record.label), data(), signal)
}

/** The records that stand, oldest first, and what is wrong with those that cannot be read. */
export type Records = { records: BackupRecord[]; damaged: { where: string; error: unknown }[]; halves: string[] }

/** Reads records; those read before are remembered, because nothing is ever written over. */
export function createRecords(vault: Vault): { read(signal: AbortSignal, anew?: boolean): Promise<Records> } {
  const known = new Map<string, BackupRecord>()
  return {
    async read(signal, anew = false) {
      const listed = await vault.storage.list('backups/', signal)
      const names = listed.map(({ name }) => name)
      const standing = names.filter(isRecord)
      const labels = new Set(standing.map(labelIn))
      const damaged: Records['damaged'] = []
      for (const name of [...known.keys()]) if (!standing.includes(name)) known.delete(name)
      for (const name of standing.filter((one) => anew || !known.has(one))) {
        known.delete(name)
        try {
          known.set(name, parsed(await vault.read({ name }, signal), name))
        } catch (error) {
          signal.throwIfAborted()
          damaged.push({ where: name, error })
        }
      }
      const records = [...known.values()].sort((one, other) => +one.endedAt - +other.endedAt)
      return { records, damaged, halves: names.filter((name) => !labels.has(labelIn(name))) }
    },
  }
}

const labelIn = (name: string) => name.split('/')[1] ?? ''

function parsed(bytes: Buffer, name: string): BackupRecord {
  const { record, digest } = JSON.parse(bytes.toString('utf8')) as { record: unknown; digest: string }
  const found = schema.safeParse(record)
  if (found.success && digestOf(record) === digest) return found.data
  throw failed('backup-file-damaged', `${name}, what is known of a backup, is damaged`, {
    came: found.success ? 'its digest is another' : found.error.issues[0]?.message,
    next: 'Restore from another backup.',
  })
}

const plain = (record: BackupRecord): unknown => JSON.parse(JSON.stringify(record))

export function backupOf(record: BackupRecord): Backup {
  const { label, kind, parent, startedAt, endedAt, databaseBytes, storedBytes } = record
  const { startLsn, stopLsn, timeline, run, faults } = record
  const place = { startLsn, stopLsn, timeline, run, faults }
  return { label, kind, parent, startedAt, endedAt, databaseBytes, storedBytes, ...place }
}

/** What has to be restored for it, the full one first; throws when a part of it is missing. */
export function chainOf(label: string, records: BackupRecord[]): BackupRecord[] {
  const chain: BackupRecord[] = []
  for (let wanted: string | null = label; wanted !== null; ) {
    const found = records.find((one) => one.label === wanted)
    if (!found) throw noBackup(wanted, chain[0]?.label)
    chain.unshift(found)
    wanted = found.parent
  }
  return chain
}

/** These, and all that need them. */
export function withDependents(labels: string[], records: BackupRecord[]): BackupRecord[] {
  const gone = new Set(labels)
  for (const { label, parent } of records) if (parent !== null && gone.has(parent)) gone.add(label)
  return records.filter(({ label }) => gone.has(label))
}

export const noBackup = (label: string, neededBy?: string) =>
  failed('backup-unknown', `there is no backup ${label}${neededBy ? `, which ${neededBy} needs` : ''}`, {
    wanted: label,
    came: 'nothing of that name that counts',
    next: 'Choose one from /backup list.',
  })
