import { isThere, type KnownBackup } from '../../../backups/known.js'
import type { DatabaseStatus } from '../../../backups/status.js'
import type { BackupPolicy, Used } from '../../../releases/backups/backup-policy.js'
import type { ApprovalPolicy, Grant } from '../../../releases/catalogue.js'

/** All that the handbook says of one database or set, from the operator's file and from rows. */
export type Chapter = {
  policy: BackupPolicy
  home: Used
  status: DatabaseStatus
  people: ChapterPeople
}

export type ChapterPeople = {
  mayRestore: Grant
  approveRestore: ApprovalPolicy
  /** False: plans are shown there, and nothing is carried out. */
  acts: boolean
  /** Names of those on duty for its service, first first, with where that is written; null where the file says nobody. */
  onCall: { people: string[]; source: string; group: string | null } | null
}

/** Those that are there and of which nothing is known to be wrong. */
export const soundOf = ({ backups }: Pick<DatabaseStatus, 'backups'>): KnownBackup[] =>
  backups.filter((one) => isThere(one) && one.defects.length === 0 && one.faults.length === 0)
