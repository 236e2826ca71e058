import type { BackupEngine, Engines } from '../../backups/engine.js'
import type { Yards } from '../../backups/ports.js'
import { timeLimit } from '../../clock.js'
import { resolveSecret } from '../../config.js'
import { notSetUp } from '../../jobs/backups/database.js'
import { type BackupPolicy, type EngineSettings, policyOf, type Storage } from '../../releases/backups/backup-policy.js'
import { ownDatabase } from '../../releases/backups/own-database.js'
import type { WorldParts } from '../world.js'
import { vaultOf } from './vaults.js'

/** Who takes backups, and where scratch servers are put, by database. */
export type BackupSide = { engines: Engines; yards: Yards }

/**
 * The engines that the operator's file names, each loaded and opened when it is asked for first, and once: most starts need
 * none of their libraries.
 */
export function createBackupSide(parts: WorldParts): BackupSide {
  const opened = new Map<string, Promise<BackupEngine>>()
  const engines: Engines = async (database) => {
    const policy = policyOf(parts.catalogue, database)
    if (!policy) throw notSetUp(database, parts.catalogue)
    const known = opened.get(database) ?? open(parts, policy)
    opened.set(database, known)
    // One that could not be opened, such as without its secret, is opened anew by whoever asks next.
    known.catch(() => opened.delete(database))
    return known
  }
  let yards: Promise<Yards> | null = null
  return {
    engines,
    yards: async (database) => {
      yards ??= import('./yards.js').then(({ createYards }) => createYards(parts))
      return (await yards)(database)
    },
  }
}

async function open(parts: WorldParts, { database, engine }: BackupPolicy): Promise<BackupEngine> {
  const server = { name: database, url: () => urlOf(parts, database) }
  switch (engine.driver) {
    case 'pgbackrest': {
      const { createPgBackRestEngine } = await import('../../integrations/backups/pgbackrest/engine.js')
      const { program, config, stanza, repository, user } = engine
      const settings = { program, stanza, repository, user, config: config ?? '/etc/pgbackrest/pgbackrest.conf' }
      return createPgBackRestEngine(settings, server)
    }
    case 'native': {
      const { createNativeEngine } = await import('../../integrations/backups/native/engine.js')
      const { bin, archive, folder, user } = engine
      return createNativeEngine({ bin, archive, folder, user }, server)
    }
    case 'embedded':
      return openEmbedded(parts, database, engine.storage)
    case 'dump':
      return openDump(parts, database, engine)
    case 'supabase': {
      const { createSupabaseEngine } = await import('../../integrations/backups/supabase/supabase.js')
      const { project, token, url: api } = engine
      const settings = { engine: 'supabase' as const, project, token, api }
      return createSupabaseEngine({
        database,
        settings,
        secret: (reference) => secret(parts, reference),
        log: parts.log,
      })
    }
    case 'restic': {
      const { openFileSet } = await import('./file-sets.js')
      return openFileSet(parts, database, engine)
    }
  }
}

async function openDump(parts: WorldParts, database: string, engine: Dump): Promise<BackupEngine> {
  const { createDumpEngine } = await import('../../integrations/backups/dump/dump.js')
  const vault = await vaultOf(engine.storage, database, (reference) => secret(parts, reference))
  const tables = engine.tables.length > 0 ? engine.tables : null
  return createDumpEngine({ database, url: () => urlOf(parts, database), vault, bin: engine.bin, tables })
}

type Dump = Extract<EngineSettings, { driver: 'dump' }>

async function openEmbedded(parts: WorldParts, database: string, storage: Storage): Promise<BackupEngine> {
  const { createEmbeddedEngine } = await import('../../integrations/backups/embedded/embedded.js')
  const { clock, log } = parts
  const vault = await vaultOf(storage, database, (reference) => secret(parts, reference))
  const signal = timeLimit(opensWithin)
  const url = () => urlOf(parts, database)
  return createEmbeddedEngine({ database, url, vault }, { signal, clock, log, progress: () => {} })
}

const opensWithin = 30_000

/** The role that takes backups: the engine's own, else the operator of the database, else whoever looks at it. */
export async function urlOf(parts: WorldParts, database: string): Promise<string> {
  const { catalogue, own } = parts
  const engine = policyOf(catalogue, database)?.engine
  const chosen = engine && 'url' in engine && engine.driver !== 'supabase' ? engine.url : null
  const known = catalogue.databases[database]
  const reference = chosen ?? known?.operator ?? known?.url
  // Whoever migrates it may do all the rest too.
  if (!reference && database === ownDatabase && own) return own
  if (!reference) throw notSetUp(database, catalogue)
  return secret(parts, reference)
}

const secret = ({ env }: WorldParts, reference: string) => resolveSecret(reference, env)
