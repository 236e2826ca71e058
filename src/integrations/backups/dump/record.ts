import { z } from 'zod'
import { failed } from '../../../errors.js'
import { digestOf } from '../../../json.js'
import type { Vault } from '../storage/vault.js'

const schema = z.object({
  label: z.string(),
  key: z.string(),
  run: z.number().nullable(),
  startedAt: z.iso.datetime().transform((text) => new Date(text)),
  endedAt: z.iso.datetime().transform((text) => new Date(text)),
  databaseBytes: z.number(),
  /** Null: the whole database. */
  tables: z.array(z.string()).nullable(),
  file: z.object({
    name: z.string(),
    storedBytes: z.number(),
    storedSha256: z.string(),
    bytes: z.number(),
  }),
})

/** A dump that counts: this was written last, when the dump had been read back. */
export type DumpRecord = z.infer<typeof schema>

export const dumpFolder = (label: string) => `dumps/${label}`
const isRecord = (name: string) => /^dumps\/[^/]+\/record\.json(\.[a-z]+)*$/.test(name)

export async function keepDumpRecord(vault: Vault, record: DumpRecord, signal: AbortSignal): Promise<void> {
  const text = JSON.stringify({ record, digest: digestOf(JSON.parse(JSON.stringify(record))) })
  async function* data() {
    yield Buffer.from(text)
  }
  await vault.keep(`${dumpFolder(record.label)}/record.json`, data(), signal)
}

/** Oldest first, with the names of what belongs to no record. */
export async function dumpRecords(
  vault: Vault,
  signal: AbortSignal,
): Promise<{ records: DumpRecord[]; halves: string[]; damaged: string[] }> {
  const names = (await vault.storage.list('dumps/', signal)).map(({ name }) => name)
  const standing = names.filter(isRecord)
  const labels = new Set(standing.map((name) => name.split('/')[1]))
  const records: DumpRecord[] = []
  const damaged: string[] = []
  for (const name of standing) {
    const found = await vault.read({ name }, signal).then(parsed, () => null)
    signal.throwIfAborted()
    if (found) records.push(found)
    else damaged.push(name)
  }
  records.sort((one, other) => +one.endedAt - +other.endedAt)
  return { records, halves: names.filter((name) => !labels.has(name.split('/')[1])), damaged }
}

function parsed(bytes: Buffer): DumpRecord | null {
  const { record, digest } = JSON.parse(bytes.toString('utf8')) as { record: unknown; digest: string }
  const found = schema.safeParse(record)
  return found.success && digestOf(record) === digest ? found.data : null
}

export const noDump = (label: string) =>
  failed('backup-unknown', `there is no backup ${label}`, {
    wanted: label,
    came: 'nothing of that name that counts',
    next: 'Choose one from /backup list.',
  })
