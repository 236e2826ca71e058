import type { Archive, Backup, Span } from '../../backups/backup.js'
import type { BackupCost } from '../../backups/cost/cost.js'
import type { Drill, KnownBackup, LastLook } from '../../backups/known.js'

type Moment = Date | string

export type BackupRow = {
  database: string
  said: Omit<Backup, 'startedAt' | 'endedAt'>
  started_at: Date
  ended_at: Date
  verified_at: Date | null
  defects: string[]
  proven_at: Date | null
  proven_by: number | null
  gone_at: Date | null
  cost: BackupCost | null
}

export const knownBackup = (row: BackupRow): KnownBackup => ({
  ...row.said,
  database: row.database,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  verifiedAt: row.verified_at,
  defects: row.defects,
  provenAt: row.proven_at,
  provenBy: row.proven_by,
  goneAt: row.gone_at,
  cost: row.cost,
})

/** A drill as it was written, with its moments as text. */
export type DrillRow = { figures: Omit<Drill, 'at' | 'newestAt'> & { at: string; newestAt: string | null } }

export const drillOf = ({ figures }: DrillRow): Drill => ({
  ...figures,
  at: new Date(figures.at),
  newestAt: dateOf(figures.newestAt),
})

export type LookRow = {
  looked_at: Date | null
  spans: { from: string; to: string }[]
  archive: (Omit<Archive, 'lastAt'> & { lastAt: string | null }) | null
  stored_bytes: number
  free_bytes: number | null
  problem: { text: string; next: string | null } | null
  problem_since: Date | null
}

export function lastLook(row: LookRow): LastLook | null {
  const { looked_at, problem, problem_since: since, archive } = row
  if (looked_at === null && problem === null) return null
  return {
    at: looked_at ?? since ?? new Date(0),
    spans: row.spans.map(({ from, to }): Span => ({ from: new Date(from), to: new Date(to) })),
    archive: archive && { ...archive, lastAt: dateOf(archive.lastAt) },
    storedBytes: row.stored_bytes,
    freeBytes: row.free_bytes,
    problem: problem && since ? { ...problem, since } : null,
  }
}

const dateOf = (moment: Moment | null): Date | null => (moment === null ? null : new Date(moment))
