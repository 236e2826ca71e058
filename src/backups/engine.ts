import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Progress } from '../runs/step.js'
import type { Backup, BackupKind, Holding, RestorePoint, Verification } from './backup.js'

/** What a call of an engine gets. */
export type EngineContext = {
  /** Aborted at the deadline or when a person stops the run: whatever was started ends too. */
  signal: AbortSignal
  clock: Clock
  log: Log
  /** Bytes; `text` in words for people: "3.2 of 14 GB, 210 MB/s, 52 s left". */
  progress(progress: Progress): void
}

/** What an engine is able to do, said before anybody asks for it. */
export type EngineAbilities = {
  kinds: BackupKind[]
  /** By time, name and LSN. */
  pointInTime: boolean
  /** It writes files that a scratch server of ours can start on. */
  scratch: boolean
  /** It removes old backups by itself or when told; false: the provider does. */
  expires: boolean
  /** What it cannot do, in sentences for people; empty when nothing is missing. */
  cannot: string[]
}

export type TakeOrder = {
  kind: BackupKind
  /** (run, step): the same for every attempt; a backup that carries it already is returned, none is taken twice. */
  key: string
  run: number
}

export type RestoreOrder = {
  point: RestorePoint
  /** An empty or missing folder that is ours alone. */
  into: string
}

/** Files that a server can be started on; it goes on by itself up to the point, then accepts writes. */
export type RestoredFiles = { from: Backup; bytes: number; tookMs: number }

/**
 * Takes, reads back and restores the backups of one database server. Every method throws a ShipmateError with a reason
 * when the world said no; success is only what was read back from the storage, never an exit code.
 */
export type BackupEngine = {
  name: string
  able: EngineAbilities
  /** Server reachable, archive working, storage writable; throws with what is missing and how to set it up. */
  ready(context: EngineContext): Promise<{ summary: string }>
  take(order: TakeOrder, context: EngineContext): Promise<Backup>
  holding(context: EngineContext): Promise<Holding>
  /** One backup with all that it needs, or everything; reads every byte. */
  verify(label: string | null, context: EngineContext): Promise<Verification>
  restore(order: RestoreOrder, context: EngineContext): Promise<RestoredFiles>
  /** Removes exactly these, those that need them included, and the WAL that nothing kept needs any more. */
  remove(labels: string[], context: EngineContext): Promise<{ freedBytes: number }>
  /** Ends what an attempt that was killed left behind: lock files, half a backup, temporary folders. */
  clean(context: EngineContext): Promise<{ removed: string[] }>
}

/** One that fetches the WAL by itself: `follow` keeps its archive within seconds of the server until it is aborted. */
export type FollowingEngine = BackupEngine & { follow(context: EngineContext): Promise<void> }

export const isFollower = (engine: BackupEngine): engine is FollowingEngine => 'follow' in engine

/** The engine of a database of the operator's file; throws ShipmateError `backup-not-set-up`. */
export type Engines = (database: string) => Promise<BackupEngine>

/** What to look at in a scratch server besides its own structures. */
export type ScratchQuestions = {
  /** Counted row by row; every table when empty. */
  tables: string[]
  /** The newest row of this table by this column tells the age of the data. */
  newest: { table: string; column: string } | null
  /** The operator's own: each must give exactly one row whose first column is true, or a number within its limits. */
  invariants: { name: string; sql: string; min?: number; max?: number }[]
}

export type ScratchFindings = {
  /** What `pg_amcheck`, or amcheck's functions where it is not there, found. */
  structure: { checked: number; problems: string[] }
  rows: { table: string; rows: number }[]
  orphans: { constraint: string; rows: number }[]
  newestAt: Date | null
  invariants: { name: string; holds: boolean; came: string }[]
}

/** A server of ours on restored files, on a free port of loopback. */
export type ScratchServer = {
  /** A connection string that only this machine can use. */
  url: string
  /** From the start of the process until the first connection was accepted, recovery included. */
  recoveredInMs: number
  ask(questions: ScratchQuestions, context: EngineContext): Promise<ScratchFindings>
  stop(): Promise<void>
}

/** Folders and servers for scratch restores; what a killed worker left behind is found and removed. */
export type ScratchYard = {
  /** An empty folder with enough room; throws `scratch-full` with what is needed and what there is. */
  folder(key: string, bytes: number): Promise<string>
  start(folder: string, context: EngineContext): Promise<ScratchServer>
  /** Stops the server on it, if any, and removes the folder. Removing what is not there is no error. */
  remove(folder: string): Promise<void>
  /** Every folder of the yard with the key it was made for. */
  left(): Promise<{ key: string; folder: string; running: boolean }[]>
}
