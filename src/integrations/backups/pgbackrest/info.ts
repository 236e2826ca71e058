import { z } from 'zod'
import type { Backup } from '../../../backups/backup.js'
import { failed } from '../../../errors.js'
import { notSetUp, type Tool } from './tool.js'

export const keyAnnotation = 'shipmate-key'
export const runAnnotation = 'shipmate-run'

const database = z.object({ id: z.number(), 'repo-key': z.number() })
const backupSchema = z.object({
  label: z.string(),
  type: z.enum(['full', 'diff', 'incr']),
  prior: z.string().nullable(),
  error: z.boolean().nullish(),
  database,
  archive: z.object({ start: z.string().nullable(), stop: z.string().nullable() }),
  lsn: z.object({ start: z.string(), stop: z.string() }),
  timestamp: z.object({ start: z.number(), stop: z.number() }),
  info: z.object({
    size: z.number(),
    repository: z.object({ delta: z.number().nullish(), size: z.number().nullish() }),
  }),
  annotation: z.record(z.string(), z.string()).nullish(),
})
const stanzaSchema = z.object({
  name: z.string(),
  status: z.object({
    code: z.number(),
    message: z.string(),
    lock: z.object({ backup: z.object({ held: z.boolean() }) }).nullish(),
  }),
  db: z.array(z.object({ id: z.number(), 'repo-key': z.number(), version: z.string() })),
  backup: z.array(backupSchema),
})
type Listed = z.infer<typeof backupSchema>

/** A backup with what only pgBackRest's own side needs. */
export type Known = { backup: Backup; key: string | null; archiveId: string }
export type Info = { known: Known[]; archiveId: string; busy: boolean }

/** Its catalogue. The exit code is 0 for a stanza that is not there: only the status code tells. */
export async function readInfo(tool: Tool, signal: AbortSignal): Promise<Info> {
  const { settings } = tool
  const { output } = await tool.run('read its catalogue', ['info', '--output=json'], signal)
  const stanza = z
    .array(stanzaSchema)
    .parse(JSON.parse(output))
    .find(({ name }) => name === settings.stanza)
  const { code, message } = stanza?.status ?? { code: 1, message: 'it does not know the stanza' }
  if (code === 1 || code === 3 || !stanza) throw notSetUp(settings, message)
  if (code !== 0 && code !== 2 && code !== 4)
    throw failed('backup-catalogue', `pgBackRest’s catalogue of ${settings.stanza} is not well: ${message}`, {
      wanted: 'status code 0',
      came: `${code}: ${message}`,
      next: `Run: pgbackrest --config=${settings.config} --stanza=${settings.stanza} info`,
    })
  const here = <Of extends { 'repo-key': number }>(one: Of) => one['repo-key'] === settings.repository
  const clusters = stanza.db.filter(here)
  const archiveId = (id: number) => `${clusters.find((one) => one.id === id)?.version ?? 'unknown'}-${id}`
  return {
    known: stanza.backup.filter(({ database: of }) => here(of)).map((listed) => knownOf(listed, archiveId)),
    archiveId: archiveId(Math.max(0, ...clusters.map(({ id }) => id))),
    busy: stanza.status.lock?.backup.held ?? false,
  }
}

const kinds = { full: 'full', diff: 'differential', incr: 'incremental' } as const

function knownOf(listed: Listed, archiveId: (id: number) => string): Known {
  const { label, timestamp, lsn, archive, info, annotation } = listed
  const run = Number(annotation?.[runAnnotation])
  return {
    key: annotation?.[keyAnnotation] ?? null,
    archiveId: archiveId(listed.database.id),
    backup: {
      label,
      kind: kinds[listed.type],
      parent: listed.prior,
      startedAt: new Date(timestamp.start * 1000),
      // Whole seconds, cut: the backup was consistent before the next one began, and not sooner for sure.
      endedAt: new Date(timestamp.stop * 1000 + 999),
      databaseBytes: info.size,
      storedBytes: info.repository.delta ?? info.repository.size ?? 0,
      startLsn: lsn.start,
      stopLsn: lsn.stop,
      timeline: Number.parseInt(archive.stop?.slice(0, 8) ?? '1', 16),
      run: Number.isInteger(run) ? run : null,
      faults: listed.error ? ['pages with wrong checksums were found while it was taken'] : [],
    },
  }
}

/** The backup and all that it needs, oldest first. */
export function chainOf(label: string, backups: Backup[]): Backup[] {
  const found = backups.find((backup) => backup.label === label)
  if (!found) return []
  return found.parent === null ? [found] : [...chainOf(found.parent, backups), found]
}
