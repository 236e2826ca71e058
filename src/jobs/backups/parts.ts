import type { CostObservers } from '../../backups/cost/cost.js'
import type { BackupEngine, EngineContext, Engines } from '../../backups/engine.js'
import type { BackupBook, BackupDesk, Yards } from '../../backups/ports.js'
import type { BackupPolicy } from '../../releases/backups/backup-policy.js'
import { policyOf } from '../../releases/backups/backup-policy.js'
import type { Catalogue } from '../../releases/catalogue.js'
import type { StepContext } from '../../runs/abilities.js'
import type { RunDesk } from '../../runs/ports.js'
import { notSetUp } from './database.js'

/** What the checks and actions of backups need of the world. */
export type BackupParts = {
  catalogue: Catalogue
  engines: Engines
  yards: Yards
  rows: BackupBook & BackupDesk
  /** What looks at the application and its database while a backup is taken. */
  observers: CostObservers
  runs: Pick<RunDesk, 'submit' | 'view' | 'list' | 'requestStop'>
}

/** The engine of a database with its policy, as the operator's file has them now. */
export async function engineFor(
  { catalogue, engines }: Pick<BackupParts, 'catalogue' | 'engines'>,
  database: string,
): Promise<{ engine: BackupEngine; policy: BackupPolicy }> {
  const policy = policyOf(catalogue, database)
  if (!policy) throw notSetUp(database, catalogue)
  return { engine: await engines(database), policy }
}

export const contextOf = ({ signal, clock, log, progress }: StepContext): EngineContext => ({
  signal,
  clock,
  log,
  progress,
})
