import type { Catalogue } from './catalogue.js'
import type { RestorePolicy } from './restore-policy.js'
import type { Keep, StorageSettings } from './sections/backups.js'
import { watchOf } from './watch.js'

/** How one database is backed up, from the operator's file. Durations in milliseconds; secrets are references. */
export type BackupPolicy = {
  /** By its name under `databases`. */
  database: string
  engine: EngineSettings
  schedule: Timetable
  grace: number
  keep: Keep
  /** The age that a proven backup may have when something is deployed; null asks for none. */
  proven: number | null
  /** A deploy that migrates takes one first. */
  beforeMigrations: boolean
  /** How far behind now the recoverable window may end; null never tells. */
  loss: number | null
  /** Days. */
  room: number
  /** Where scratch servers are put; null: Shipmate's own folder. */
  scratch: string | null
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

export type Storage = { kind: 'path'; path: string; encryption: string | null } | S3Storage
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
  encryption: string | null
}

export type EngineSettings =
  | { driver: 'pgbackrest'; program: string; config: string | null; stanza: string; bin: string | null }
  | { driver: 'native'; bin: string | null; archive: string; storage: Storage }
  | { driver: 'embedded'; storage: Storage; archive: string | null }
  | { driver: 'dump'; bin: string | null; storage: Storage; tables: string[] }
  | { driver: 'supabase'; project: string; token: string; url: string }

export function storageFrom({ path, s3, encryption = null as string | null }: StorageInFile): Storage {
  if (s3) return { kind: 's3', ...s3, endpoint: s3.endpoint ?? null, encryption }
  return { kind: 'path', path: path ?? '', encryption }
}

type StorageInFile = Omit<StorageSettings, 'encryption'> & { encryption?: string | null | undefined }

/** The policy of a database; null when the operator's file backs it up with nothing. */
export const policyOf = ({ backups }: Pick<Catalogue, 'backups'>, database: string): BackupPolicy | null =>
  Object.hasOwn(backups, database) ? (backups[database] ?? null) : null

export type Used = { service: string; environment: string }

/** The places that use a database, in the file's order. The first is its home: its cards appear there, its rights hold. */
export function usersOf(catalogue: Pick<Catalogue, 'services'>, database: string): Used[] {
  return Object.values(catalogue.services).flatMap(({ name: service, environments }) =>
    Object.keys(environments).flatMap((environment) =>
      watchOf(catalogue, service, environment)?.database === database ? [{ service, environment }] : [],
    ),
  )
}

/** How the database of a place is backed up; null when it has none, or no policy. */
export function policyAt(catalogue: Catalogue, service: string, environment: string): BackupPolicy | null {
  const database = watchOf(catalogue, service, environment)?.database
  return database ? policyOf(catalogue, database) : null
}
