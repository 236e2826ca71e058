import type { Backup, RestorePoint, Span } from '../backups/backup.js'
import type { Gate } from '../commands/reply.js'
import type { Denial } from '../releases/denial.js'
import type { Actor, RunId, RunView } from '../runs/run.js'
import type { LiveWorker } from '../runs/takeover.js'

/** What the terminal does without a running Shipmate; concrete parts are named in `terminal-app.ts`. */
export type Workbench = {
  /** Every finding about this installation, in the order a person mends them. */
  examine(): Promise<Gate[]>
  /** The app manifest as YAML. */
  manifest(wishes: ManifestWishes): Promise<string>
  /** How many guides of a folder read well, and every mistake in one line; without a folder those that are in use. */
  checkGuides(folder?: string): Promise<{ good: number; mistakes: string[] }>
  /** The text of a guide made of any runbook in Markdown. */
  importGuide(file: string): Promise<string>
  /** Opens the database as the holder of that token, to carry on what no Shipmate does. Nothing is changed yet. */
  takeover(token: string): Promise<Takeover>
  /** Looks for backups of Shipmate's own database where they are kept, without that database. Nothing is changed yet. */
  restoreSelf(options: { into?: string; say(line: string): void; signal: AbortSignal }): Promise<RestoreSelf>
  /** Opens the storage of a database's backups as the operator's file names it, without Shipmate and without the server. */
  restoreFiles(options: { database: string; say(line: string): void; signal: AbortSignal }): Promise<StoredFiles>
}

export type ManifestWishes = { prefix?: string; name?: string; url?: string }

export type Takeover = {
  person: Actor
  /** By which member list this person was told, when Slack could not be reached; else ''. */
  note: string
  /** Workers of Shipmate that are well: what they carry is left to them. */
  workers: LiveWorker[]
  /** Unfinished runs that no such worker carries, with why this person may not carry one on. */
  runs: { view: RunView; denial: Denial | null }[]
  /** Writes who took over what and why, then carries those runs; answers where approvals can be given meanwhile. */
  begin(reason: string, runs: RunId[]): Promise<string>
  view(run: RunId): Promise<RunView | null>
  /** Lets go: what is under way parks or ends first, and the trail says how each run stood. */
  close(): Promise<void>
}

export type RestoreSelf = {
  /** The zone in which moments are shown. */
  zone: string
  /** What people call the storage, and what will be replaced or filled. */
  storage: string
  target: string
  /** Oldest first. */
  backups: Backup[]
  spans: Span[]
  /** Backups that are there and cannot be read, with why. */
  unreadable: string[]
  /** An earlier one had been killed while the data took its place: that is finished, and the data before is kept here. */
  finished: string | null
  /** Restores into a scratch server beside the target and looks at all of it; throws `restore-self-chain-broken`, among others. */
  bring(point: RestorePoint): Promise<BroughtBack>
  /** Removes what was not put in place. */
  close(): Promise<void>
}

export type StoredFiles = Pick<RestoreSelf, 'zone' | 'storage' | 'backups' | 'spans' | 'unreadable'> & {
  of: string
  /** Into an empty or missing folder; `next` says what people do with them, one line each. */
  lay(point: RestorePoint, into: string): Promise<{ label: string; bytes: number; tookMs: number; next: string[] }>
}

/** Shipmate's database as it was, running in a scratch server. */
export type BroughtBack = {
  label: string
  /** What is in it reaches to here, and what came since is lost. */
  reaches: Date
  lostMs: number
  lastEntry: { run: number; at: Date; act: string } | null
  /** Rows of the trail, all as they were written. */
  rows: number
  live: { run: number; job: string; service: string; environment: string; state: string }[]
  /** Makes it ready, so that nothing is done twice, and puts it in place; what people do next, one line each. */
  place(): Promise<{ kept: string | null; next: string[] }>
}
