/** `full` stands alone; `differential` needs its full, `incremental` the backup before it. */
export const backupKinds = ['full', 'differential', 'incremental'] as const
export type BackupKind = (typeof backupKinds)[number]

/** One backup as its engine knows it. */
export type Backup = {
  /** The engine's own name, unique in its database: "20261126-031200F". */
  label: string
  kind: BackupKind
  /** The label that it needs to be restored; null for a full one. */
  parent: string | null
  startedAt: Date
  endedAt: Date
  /** Bytes of the database when it was taken. */
  databaseBytes: number
  /** Bytes that this backup itself fills in the storage, after compression. */
  storedBytes: number
  /** Where in the WAL it begins and where it is consistent: "0/3000028". */
  startLsn: string
  stopLsn: string
  timeline: number
  /** The run that took it, where it is known. */
  run: number | null
  /** What the engine itself found wrong while taking it; empty is well. */
  faults: string[]
  /** What else people should know of it, in sentences: "shop.conf changed since the last one". */
  notes?: string[]
}

/** What notes begin with that tell of documents in a mirror, before its name. */
export const documentsOf = 'documents of'

/** What can be brought back: any moment from the end of a backup to the end of the archive that follows without a hole. */
export type Span = { from: Date; to: Date }

/** All that an engine has of one database, read back from its storage. */
export type Holding = {
  /** Oldest first. */
  backups: Backup[]
  /** Recoverable spans, oldest first; more than one where a segment is missing. Empty for engines without WAL. */
  spans: Span[]
  archive: Archive | null
  /** Bytes in the storage, and what is free there; null where it cannot be told. */
  storedBytes: number
  freeBytes: number | null
}

export type Archive = {
  /** The last segment that the storage holds, and when the server handed it over. */
  lastSegment: string | null
  lastAt: Date | null
  /** Segments missing between the oldest kept backup and the last segment. */
  missing: string[]
  /** The server's own words when archiving fails now. */
  failing: string | null
}

/** A moment to go back to. `time` restores everything committed before or at it. */
export type RestorePoint =
  | { kind: 'latest' }
  | { kind: 'time'; at: Date }
  /** Made before by `pg_create_restore_point`. */
  | { kind: 'name'; name: string }
  | { kind: 'lsn'; lsn: string }
  /** The end of one backup, without WAL after it. */
  | { kind: 'backup'; label: string }

/** One file or segment that is not as it was written, in the words of whatever found it. */
export type Defect = { where: string; what: string }

/** What reading back found; no defects and at least one file looked at is sound. */
export type Verification = {
  files: number
  bytes: number
  segments: number
  defects: Defect[]
}

export const isSound = ({ files, defects }: Verification): boolean => files > 0 && defects.length === 0
