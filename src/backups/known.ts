import type { Archive, Backup, Span } from './backup.js'
import type { BackupCost } from './cost/cost.js'

/** A backup as our rows know it: what its engine said of it, what reading it back found, and who proved it. */
export type KnownBackup = Backup & {
  database: string
  /** Read back whole; with `defects`, in words, when something was wrong. */
  verifiedAt: Date | null
  defects: string[]
  /** A drill restored it, and all its checks held. */
  provenAt: Date | null
  provenBy: number | null
  /** The storage does not hold it any more. */
  goneAt: Date | null
  /** What taking it cost whoever uses the database; null where nobody looked. */
  cost: BackupCost | null
}

/** A rehearsal of a restore, with its figures. */
export type Drill = {
  run: number
  database: string
  /** The backup that the restore began with. */
  label: string
  at: Date
  passed: boolean
  /** Why not, in words; what held when it passed. */
  verdict: string
  /** From the newest moment that could be restored to the moment the drill began. */
  lossMs: number
  /** Bytes back in their place, and then until connections were accepted. */
  restoreMs: number
  recoveryMs: number
  /** Looking at what came back. */
  checkMs: number
  bytes: number
  tables: number
  rows: number
  newestAt: Date | null
}

/** What the last look at a database's storage found; the parts that are not rows of their own. */
export type LastLook = {
  at: Date
  spans: Span[]
  archive: Archive | null
  storedBytes: number
  freeBytes: number | null
  /** Why nothing could be looked at now, since when; the rest is as it was before. */
  problem: { text: string; next: string | null; since: Date } | null
}

/** How long after the failure it took until the data was back and connections were accepted. */
export const recoveryTime = ({ restoreMs, recoveryMs }: Pick<Drill, 'restoreMs' | 'recoveryMs'>): number =>
  restoreMs + recoveryMs

export const isThere = ({ goneAt }: KnownBackup): boolean => goneAt === null
