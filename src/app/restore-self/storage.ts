import type { Backup, Holding, RestorePoint } from '../../backups/backup.js'
import type { BackupEngine, EngineContext } from '../../backups/engine.js'
import { asShipmateError, failed, refused, ShipmateError } from '../../errors.js'
import { createEmbeddedEngine } from '../../integrations/backups/embedded/embedded.js'
import { createRecords } from '../../integrations/backups/embedded/record.js'
import type { BackupPolicy, EngineSettings } from '../../releases/backups/backup-policy.js'
import { ownDatabase } from '../../releases/backups/own-database.js'
import { vaultOf } from '../backups/vaults.js'

/** Backups of Shipmate's own database as their storage alone tells of them. */
export type OwnStorage = {
  name: string
  engine: BackupEngine
  held: Holding
  unreadable: string[]
  /** The one before that point, for when it cannot be used; null when there is none. */
  before(point: RestorePoint, used: string): string | null
}

/** Nobody listens there: the server that was backed up is gone, or not to be asked. */
export const nowhere = 'postgres://shipmate@127.0.0.1:1/postgres'

/** Throws `restore-self-no-backups` when there is nothing, and what keeps all of it from being read when that is why. */
export async function openOwnStorage(
  { engine: settings }: BackupPolicy,
  secret: (reference: string) => Promise<string>,
  context: EngineContext,
): Promise<OwnStorage> {
  if (settings.driver !== 'embedded')
    throw refused(
      'restore-self-not-set-up',
      'Shipmate’s own database is backed up by an engine that needs its server.',
      {
        wanted: 'the engine embedded under backups.shipmate',
        came: settings.driver,
        next: 'Restore it with the programs of that engine.',
      },
    )
  const { damaged, records, ...stored } = await openStored(ownDatabase, settings, secret, context)
  const { name, engine, held } = stored
  if (records === 0) throw nothingIn(name, damaged[0]?.error)
  const unreadable = damaged.map(unreadableWords)
  const before = (point: RestorePoint, used: string) => olderThan(held.backups, point, used)
  return { name, engine, held, unreadable, before }
}

type Damaged = { where: string; error: unknown }
export const unreadableWords = ({ where, error }: Damaged) => `${where}: ${asShipmateError(error).message}`

/** What the engine without programs has stored of a database, read without its server. */
export async function openStored(
  database: string,
  { storage }: Extract<EngineSettings, { driver: 'embedded' }>,
  secret: (reference: string) => Promise<string>,
  context: EngineContext,
): Promise<{ name: string; engine: BackupEngine; held: Holding; records: number; damaged: Damaged[] }> {
  const vault = await vaultOf(storage, database, secret)
  const { records, damaged } = await createRecords(vault).read(context.signal)
  const engine = await createEmbeddedEngine({ database, url: async () => nowhere, vault }, context)
  const held = await engine.holding(context)
  return { name: vault.storage.name, engine, held, records: records.length, damaged }
}

/** The end of the same backup first, without the WAL after it, and then the one before. */
function olderThan(backups: Backup[], point: RestorePoint, used: string): string | null {
  if (point.kind !== 'backup') return used
  return backups[backups.findIndex(({ label }) => label === used) - 1]?.label ?? null
}

function nothingIn(storage: string, error: unknown): ShipmateError {
  if (error instanceof ShipmateError) return error
  return failed('restore-self-no-backups', `There is no backup of Shipmate in ${storage}.`, {
    wanted: `backups below ${ownDatabase}/ in ${storage}`,
    came: 'none',
    next: 'Look whether backups.shipmate in the operator’s file names the storage that this installation had.',
  })
}
