import type { ScheduledWork } from '../releases/backups/backup-policy.js'
import type { Backup, Holding } from './backup.js'
import type { BackupCost } from './cost/cost.js'
import type { ScratchYard } from './engine.js'
import type { Sample } from './growth.js'
import type { Drill, KnownBackup, LastLook } from './known.js'
import type { Starts } from './schedule.js'

/** Where scratch servers of a database are put; throws ShipmateError `backup-not-set-up`. */
export type Yards = (database: string) => Promise<ScratchYard>

/** What our rows know of the backups of a database. Its engine's storage is the truth; this is what was seen of it. */
export type BackupBook = {
  /** Newest first; those that are gone stay for a while. */
  backups(database: string, limit: number): Promise<KnownBackup[]>
  /** Newest first. */
  drills(database: string, limit: number): Promise<Drill[]>
  look(database: string): Promise<LastLook | null>
  /** What was stored on the last so many days, a few for each; oldest first. */
  samples(database: string, since: Date): Promise<Sample[]>
  /** When each scheduled work was started last, and since when the database is looked after. */
  clockwork(database: string, now: Date): Promise<{ starts: Starts; since: Date }>
}

/** What runs and the keeper write. Each is one statement; done twice it is done once. */
export type BackupDesk = {
  /** All that the engine holds: what it does not name any more is gone. */
  seen(database: string, holding: Holding, at: Date): Promise<void>
  /** It could not be looked at; what was seen before stays. */
  unseen(database: string, problem: { text: string; next: string | null }, at: Date): Promise<void>
  /** One that was just taken, before anybody looks around again. */
  taken(database: string, backup: Backup): Promise<void>
  /** It, and all that it needs, was read back; no defects is sound. */
  verified(database: string, labels: string[], defects: string[], at: Date): Promise<void>
  /** What taking it cost whoever uses the database; the last word counts. */
  cost(database: string, label: string, cost: BackupCost): Promise<void>
  removed(database: string, labels: string[], at: Date): Promise<void>
  /** One for each run, the last word counts; a drill that passed proves its backup. */
  drilled(drill: Drill): Promise<void>
  /** This moment was started, or another one stood for it; never goes back. */
  started(database: string, work: ScheduledWork, due: Date, run: number | null, at: Date): Promise<void>
}
