import type { BackupEngine } from '../../../backups/engine.js'
import { clean } from './clean.js'
import { holding } from './holding.js'
import { ready } from './ready.js'
import { remove } from './remove.js'
import { createMoments, type Moments } from './repository.js'
import { restore } from './restore.js'
import type { PgBackRestSettings } from './settings.js'
import { take } from './take.js'
import { createTool, type Tool } from './tool.js'
import { verify } from './verify.js'

/** The database as people call it, and how its server is asked about archiving. */
export type BackedUpDatabase = { name: string; url(): Promise<string> }

export type PgBackRestParts = { tool: Tool; database: BackedUpDatabase; moments: Moments }

/** pgBackRest, 2.41 or later, with a repository anywhere that it can reach. Rotation is ours: it expires only what it is told. */
export function createPgBackRestEngine(settings: PgBackRestSettings, database: BackedUpDatabase): BackupEngine {
  const tool = createTool(settings)
  const parts: PgBackRestParts = { tool, database, moments: createMoments(tool) }
  return {
    name: 'pgbackrest',
    able: {
      kinds: ['full', 'differential', 'incremental'],
      pointInTime: true,
      scratch: true,
      expires: true,
      cannot: ['It never removes the last full backup of a repository.'],
    },
    ready: (context) => ready(parts, context),
    take: (order, context) => take(parts, order, context),
    holding: (context) => holding(parts, context),
    verify: (label, context) => verify(parts, label, context),
    restore: (order, context) => restore(parts, order, context),
    remove: (labels, context) => remove(parts, labels, context),
    clean: (context) => clean(parts, context),
  }
}
