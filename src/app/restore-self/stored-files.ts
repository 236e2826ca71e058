import { resolve } from 'node:path'
import type { BackupEngine, EngineContext } from '../../backups/engine.js'
import type { StoredFiles } from '../../cli/workbench.js'
import { systemClock } from '../../clock.js'
import { type Env, readCatalogue, readConfig, resolveSecret } from '../../config.js'
import { failed, refused } from '../../errors.js'
import { notSetUp } from '../../jobs/backups/database.js'
import { type Log, silentLog } from '../../log.js'
import { type BackupPolicy, policyOf } from '../../releases/backups/backup-policy.js'
import { ownDatabase } from '../../releases/backups/own-database.js'
import { vaultOf } from '../backups/vaults.js'
import { createTelling, noFile } from './restore-self.js'
import { nowhere, openStored, unreadableWords } from './storage.js'

export type StoredFilesOptions = { database: string; say(line: string): void; signal: AbortSignal }

/** The operator's file and one storage: no database, no server, no Slack. */
export async function openStoredFiles(
  { database, say, signal }: StoredFilesOptions,
  env: Env | undefined,
  log: Log = silentLog,
): Promise<StoredFiles> {
  const catalogue = await readCatalogue(readConfig(env).catalogueFile ?? noFile(), env)
  if (database === ownDatabase) throw ownGoes()
  const policy = policyOf(catalogue, database)
  if (!policy) throw notSetUp(database, catalogue)
  const context: EngineContext = { signal, clock: systemClock, log, progress: createTelling(say) }
  const { name, engine, unreadable } = await opened(policy, (reference) => resolveSecret(reference, env), context)
  const { backups, spans } = await engine.holding(context)
  if (backups.length === 0) throw nothingIn(database, name, unreadable[0])
  return {
    ...{ of: database, zone: catalogue.zone, storage: name, backups, spans, unreadable },
    async lay(point, into) {
      const { from, bytes, tookMs } = await engine.restore({ point, into: resolve(into) }, context)
      return { label: from.label, bytes, tookMs, next: nextFor(policy, resolve(into)) }
    },
  }
}

type Opened = { name: string; engine: BackupEngine; unreadable: string[] }

/** Storages that only Shipmate's program reads; the others have programs of their own. */
async function opened(
  { database, engine: settings }: BackupPolicy,
  secret: (reference: string) => Promise<string>,
  context: EngineContext,
): Promise<Opened> {
  if (settings.driver === 'embedded') {
    const { name, engine, damaged } = await openStored(database, settings, secret, context)
    return { name, engine, unreadable: damaged.map(unreadableWords) }
  }
  if (settings.driver !== 'dump') throw elsewhere(database, settings.driver)
  const { createDumpEngine } = await import('../../integrations/backups/dump/dump.js')
  const vault = await vaultOf(settings.storage, database, secret)
  const parts = { database, url: async () => nowhere, vault, bin: settings.bin, tables: null }
  return { name: vault.storage.name, engine: createDumpEngine(parts), unreadable: [] }
}

function nextFor({ database, engine }: BackupPolicy, into: string): string[] {
  if (engine.driver === 'dump')
    return [`Load it: pg_restore --no-owner --dbname=${database}_restored ${into}/database.dump`]
  return [
    `Start a server on it: pg_ctl -D ${into} -o "-p 5499" start. It recovers by itself, then lets people in.`,
    `What to look at, and how it goes live, stands in the handbook: /backup handbook ${database}`,
  ]
}

const ownGoes = () =>
  refused('restore-files-elsewhere', 'Shipmate’s own database comes back by another word.', {
    wanted: 'a database of an application',
    came: ownDatabase,
    next: 'Type: npx shipmate restore-self --list',
  })

const elsewhere = (database: string, driver: string) =>
  refused('restore-files-elsewhere', `The backups of ${database} are read by ${driver}’s own programs.`, {
    wanted: 'a database that embedded or dump backs up',
    came: driver,
    next: `Its commands stand in the handbook (/backup handbook ${database}) and in docs/integrations.`,
  })

const nothingIn = (database: string, storage: string, unreadable: string | undefined) =>
  failed('restore-files-none', `There is no backup of ${database} in ${storage}.`, {
    wanted: `backups below ${database}/ in ${storage}`,
    came: unreadable ?? 'none',
    next: 'Look whether the operator’s file names the storage that this installation had, and whether its disk is mounted.',
  })
