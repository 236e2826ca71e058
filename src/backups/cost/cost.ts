import type { EngineContext } from '../engine.js'

/** Something before the backup began, and while it ran. */
export type Change = { before: number; during: number }

/** What was measured, or why nothing was, in a sentence. */
export type Seen<T> = { seen: T } | { why: string }

/** Requests of the application, against those of as long a time right before. p95 in milliseconds, errors a share, 0 to 1. */
export type ApplicationCost = { service: string; environment: string; p95: Change | null; errors: Change | null }

/** What the database itself showed. */
export type DatabaseCost = {
  /** So often it was looked at. */
  looks: number
  /** The slot that kept most WAL while it ran, in bytes. */
  slot: { name: string; kept: Change } | null
  /** How far the replica that is furthest behind was, in milliseconds; null where there is none. */
  lag: Change | null
}

/** What a backup cost whoever uses its database; null for what nobody has looked at. */
export type BackupCost = { application: Seen<ApplicationCost> | null; database: Seen<DatabaseCost> | null }

/** Looks at what is around a database while it is backed up. Nothing here ever fails a backup: it says why it saw nothing. */
export type CostObservers = {
  /** Looks once at once, then now and then until `end`. */
  database(database: string, context: Pick<EngineContext, 'signal' | 'clock' | 'log'>): Promise<DatabaseLook>
  application(database: string, ran: { from: Date; to: Date }, signal: AbortSignal): Promise<Seen<ApplicationCost>>
}

/** Null: there is no server of it that could be looked at, as with files. */
export type DatabaseLook = { end(): Promise<Seen<DatabaseCost> | null> }
