import type { Engines } from '../backups/engine.js'
import type { BackupBook } from '../backups/ports.js'
import type { Catalogue } from '../releases/catalogue.js'
import type { Deployments, ReleaseSource } from '../releases/release.js'
import type { Target } from '../releases/target.js'
import type { Abilities } from '../runs/abilities.js'
import type { LockDesk, RunDesk } from '../runs/ports.js'

/** What planners may look at. They look and change nothing. */
export type Facts = {
  catalogue: Catalogue
  releases(service: string): ReleaseSource
  /** By the target's name in the operator's file. */
  target(name: string): Target
  deployments: Deployments
  locks: Pick<LockDesk, 'holders'>
  abilities: Pick<Abilities, 'action'>
  backups: { engines: Engines; book: BackupBook }
  runs: Pick<RunDesk, 'view' | 'list'>
  now: Date
}
