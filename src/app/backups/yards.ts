import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { ScratchYard } from '../../backups/engine.js'
import type { Yards } from '../../backups/ports.js'
import { runsAs } from '../../integrations/backups/programs.js'
import { createScratchYard } from '../../integrations/backups/scratch/yard.js'
import { notSetUp } from '../../jobs/backups/database.js'
import { type BackupPolicy, isSet, policyOf } from '../../releases/backups/backup-policy.js'
import { findPostgres } from '../../store/embedded/postgres-program.js'
import type { WorldParts } from '../world.js'
import { urlOf } from './engines.js'

/** Where scratch servers of a database are put: a folder of its own for each, so that none sees another's. */
export function createYards(parts: WorldParts): Yards {
  const made = new Map<string, Promise<ScratchYard>>()
  return async (database) => {
    const policy = policyOf(parts.catalogue, database)
    if (!policy) throw notSetUp(database, parts.catalogue)
    const known = made.get(database) ?? yardOf(parts, policy)
    made.set(database, known)
    known.catch(() => made.delete(database))
    return known
  }
}

async function yardOf(parts: WorldParts, policy: BackupPolicy): Promise<ScratchYard> {
  const { database, scratch } = policy
  const folder = join(scratch.folder ?? resolve(parts.config?.dir ?? '.shipmate', 'scratch'), database)
  // Files are looked at as they lie: no server is ever started on them.
  if (isSet(policy)) return createScratchYard({ folder, bin: '', as: undefined, ...nobody }, parts.clock)
  return yardIn(folder, await urlOf(parts, database), parts, policy)
}

/** A yard in this folder, for scratch servers whose database is the one that `url` names. */
export function yardIn(
  folder: string,
  url: string,
  parts: Pick<WorldParts, 'clock' | 'log'>,
  policy: BackupPolicy,
): ScratchYard {
  const asked = decodeURIComponent(new URL(url).pathname.slice(1)) || 'postgres'
  const { superuser, preload } = policy.scratch
  return createScratchYard({ folder, ...programs(parts, policy), database: asked, superuser, preload }, parts.clock)
}

const nobody = { database: '', superuser: '' }

/** The server's programs, and whom they run as where we are root. */
function programs({ log }: Pick<WorldParts, 'log'>, { engine }: BackupPolicy) {
  const bin = 'bin' in engine ? engine.bin : null
  const user = 'user' in engine ? engine.user : 'postgres'
  if (bin !== null) return { bin, as: runsAs(user) }
  const installed = engine.driver === 'embedded' ? null : newestInstalled()
  if (installed) return { bin: installed, as: runsAs(user) }
  const own = findPostgres(log)
  return { bin: dirname(own.postgres), as: own.user }
}

const debian = '/usr/lib/postgresql'

function newestInstalled(): string | null {
  if (!existsSync(debian)) return null
  const [newest] = readdirSync(debian)
    .map(Number)
    .filter((version) => existsSync(join(debian, String(version), 'bin', 'postgres')))
    .sort((a, b) => b - a)
  return newest === undefined ? null : join(debian, String(newest), 'bin')
}
