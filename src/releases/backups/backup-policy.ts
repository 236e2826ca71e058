import type { Catalogue } from '../catalogue.js'
import type { Keep, StorageSettings } from '../sections/backups.js'
import { watchOf } from '../watch.js'
import type { Restic } from './files-policy.js'
import type { RestorePolicy } from './restore-policy.js'

/** How one database is backed up, from the operator's file. Durations in milliseconds; secrets are references. */
export type BackupPolicy = {
  /** By its name under `databases`; `shipmate` is Shipmate's own; a set of files has a name of its own. */
  database: string
  /** Of what no place uses, Shipmate's own and sets of files: where its backups are told, and whose rights hold. */
  home?: Used
  engine: EngineSettings
  schedule: Timetable
  grace: number
  keep: Keep
  /** The age that a proven backup may have when something is deployed; null asks for none. */
  proven: number | null
  /** A deploy that migrates takes one first; unsafe: only where a migration is not safe to roll back over. */
  beforeMigrations: boolean | 'unsafe'
  /** How far behind now the recoverable window may end; null never tells. */
  loss: number | null
  /** Days. */
  room: number
  /** Where scratch servers are put (null: Shipmate's own folder), who asks them, what they load from the start. */
  scratch: { folder: string | null; superuser: string; preload: string[] }
  /** How restored data goes live; null: it never does. */
  restore: RestorePolicy | null
  drill: {
    tables: string[]
    newest: { table: string; column: string; within: number | null } | null
    invariants: { name: string; sql: string; min?: number; max?: number }[]
  }
}

/** What is started at times of its own. */
export const scheduledWorks = ['full', 'differential', 'incremental', 'drill', 'verify'] as const
export type ScheduledWork = (typeof scheduledWorks)[number]

/** Cron texts, read in the zone of the operator's file; null for what is not done by itself. */
export type Timetable = { [work in ScheduledWork]: string | null }

export type Compression = 'auto' | 'zstd' | 'gzip' | 'none'
export type Storage = { kind: 'path'; path: string; compression: Compression; encryption: string | null } | S3Storage
export type S3Storage = {
  kind: 's3'
  bucket: string
  region: string
  /** Null: Amazon's. */
  endpoint: string | null
  prefix: string
  accessKey: string
  secretKey: string
  pathStyle: boolean
  compression: Compression
  encryption: string | null
}

export type PgBackRest = {
  driver: 'pgbackrest'
  program: string
  config: string | null
  stanza: string
  repository: number
  /** Whom it runs as where Shipmate is root. */
  user: string
  bin: string | null
}

/** `url`: a reference to the role that takes backups; null: the operator of the database. */
export type EngineSettings =
  | PgBackRest
  | { driver: 'native'; url: string | null; bin: string; archive: string; folder: string; user: string }
  | { driver: 'embedded'; url: string | null; bin: string | null; storage: Storage }
  | { driver: 'dump'; url: string | null; bin: string; storage: Storage; tables: string[] }
  | { driver: 'supabase'; project: string; token: string; url: string }
  | Restic

export function storageFrom({ path, s3, compression, encryption = null as string | null }: StorageInFile): Storage {
  if (!s3) return { kind: 'path', path: path ?? '', compression, encryption }
  // Most servers of one's own know no bucket in their host's name.
  const pathStyle = s3.pathStyle ?? s3.endpoint !== undefined
  return { kind: 's3', ...s3, endpoint: s3.endpoint ?? null, pathStyle, compression, encryption }
}

type StorageInFile = Omit<StorageSettings, 'encryption'> & { encryption?: string | null | undefined }

/** The policy of a database; null when the operator's file backs it up with nothing. */
export const policyOf = ({ backups }: Pick<Catalogue, 'backups'>, database: string): BackupPolicy | null =>
  Object.hasOwn(backups, database) ? (backups[database] ?? null) : null

export type Used = { service: string; environment: string }

/** The places that use a database, in the file's order. The first is its home: its cards appear there, its rights hold. */
export function usersOf(catalogue: Pick<Catalogue, 'services' | 'backups'>, database: string): Used[] {
  const home = policyOf(catalogue, database)?.home
  if (home) return [home]
  return Object.values(catalogue.services).flatMap(({ name: service, environments }) =>
    Object.keys(environments).flatMap((environment) =>
      watchOf(catalogue, service, environment)?.database === database ? [{ service, environment }] : [],
    ),
  )
}

/** Files rather than a database: restored as they are, with no server to start on them. */
export const isSet = ({ engine }: Pick<BackupPolicy, 'engine'>): boolean => engine.driver === 'restic'

/** The database of a place, where the operator's file says how restored data of it goes live. */
export function restorableAt(catalogue: Catalogue, service: string | null, environment: string | null): string | null {
  if (service === null || environment === null) return null
  const policy = policyAt(catalogue, service, environment)
  return policy?.restore ? policy.database : null
}

/** How the database of a place is backed up; null when it has none, or no policy. */
export function policyAt(catalogue: Catalogue, service: string, environment: string): BackupPolicy | null {
  const database = watchOf(catalogue, service, environment)?.database
  return database ? policyOf(catalogue, database) : null
}
