import type { Engines } from '../../backups/engine.js'
import type { Yards } from '../../backups/ports.js'
import { notSetUp } from '../../jobs/backups/database.js'
import { policyOf } from '../../releases/backup-policy.js'
import type { WorldParts } from '../world.js'

/** Who takes backups, and where scratch servers are put, by database. */
export type BackupSide = { engines: Engines; yards: Yards }

/** The engines that the operator's file names. */
export function createBackupSide({ catalogue }: WorldParts): BackupSide {
  return {
    engines: async (database) => {
      throw notSetUp(policyOf(catalogue, database) ? database : database, catalogue)
    },
    yards: async (database) => {
      throw notSetUp(database, catalogue)
    },
  }
}
