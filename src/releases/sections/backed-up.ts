import { type BackupPolicy, type EngineSettings, storageFrom } from '../backups/backup-policy.js'
import { restorePolicyFrom } from '../backups/restore-policy.js'
import type { Mistake } from '../catalogue-rules.js'
import type { CatalogueFile } from '../catalogue-schema.js'
import type { BackupInFile } from './backups.js'
import { resticFrom } from './file-sets.js'

/** The section about backups as the product knows it. */
export function policiesFrom({ backups }: Pick<CatalogueFile, 'backups'>): { [database: string]: BackupPolicy } {
  return Object.fromEntries(Object.entries(backups).map(([database, file]) => [database, policyFrom(database, file)]))
}

function policyFrom(database: string, file: BackupInFile): BackupPolicy {
  const { engine, place, schedule, scratch, drill, restore, ...rest } = file
  const { full, differential, incremental, drill: drilled, verify } = schedule ?? usualSchedule(engine)
  return {
    database,
    ...rest,
    ...(place && { place }),
    engine: engineFrom(engine),
    // Nothing of its own can be started on, so no drill can prove it: a gate that asks would never open.
    proven: engine.supabase || engine.dump ? null : rest.proven,
    schedule: {
      full: full ?? null,
      differential: differential ?? null,
      incremental: incremental ?? null,
      drill: drilled ?? null,
      verify: verify ?? null,
    },
    scratch: { ...scratch, folder: scratch.folder ?? null },
    restore: restore ? restorePolicyFrom(restore) : null,
    drill: {
      tables: drill.tables,
      newest: drill.newest ? { ...drill.newest, within: drill.newest.within ?? null } : null,
      invariants: drill.invariants.map(({ name, sql, min, max }) => ({
        ...{ name, sql },
        ...(min !== undefined && { min }),
        ...(max !== undefined && { max }),
      })),
    },
  }
}

/** What an operator would set up: nothing that the engine cannot do, or that its provider does by itself. */
function usualSchedule({ dump, supabase, restic }: BackupInFile['engine']): NonNullable<BackupInFile['schedule']> {
  if (supabase) return {}
  const nightly = { full: '0 2 * * *' }
  if (restic) return { ...nightly, drill: '0 4 * * 0' }
  return dump ? nightly : { ...nightly, incremental: '30 * * * *', drill: '0 4 * * 0' }
}

function engineFrom({ pgbackrest, native, embedded, dump, supabase, restic }: BackupInFile['engine']): EngineSettings {
  if (pgbackrest)
    return {
      driver: 'pgbackrest',
      ...pgbackrest,
      config: pgbackrest.config ?? null,
      bin: pgbackrest.bin ?? null,
    }
  if (native) return { driver: 'native', ...native, url: native.url ?? null }
  if (embedded) {
    const { url = null, bin = null, storage } = embedded
    return { driver: 'embedded', url, bin, storage: storageFrom(storage) }
  }
  if (dump) return { driver: 'dump', ...dump, url: dump.url ?? null, storage: storageFrom(dump.storage) }
  if (supabase) return { driver: 'supabase', ...supabase }
  if (restic) return resticFrom(restic)
  throw new Error('the schema lets no database through without an engine')
}

type UnknownName = (path: string[], word: string, what: string, known: string[], atKey?: boolean) => Mistake[]

/** Names that name nothing, backups that nobody would hear of, and gates that nothing could ever open. */
export function backupMistakes(file: CatalogueFile, unknownName: UnknownName): Mistake[] {
  const used = new Set(
    Object.values(file.services).flatMap(({ environments }) =>
      Object.values(environments).flatMap(({ watch }) => (watch?.database ? [watch.database] : [])),
    ),
  )
  return Object.entries(file.backups).flatMap(([database, policy]) => {
    if (policy.engine.restic) return [...setMistakes(file, database, policy), ...neverProven(database, policy)]
    if (policy.place) return [placeOfDatabase(database)]
    const unknown = unknownName(['backups', database], database, 'a database', Object.keys(file.databases), true)
    if (unknown.length > 0) return unknown
    return [...(used.has(database) ? [] : [usedByNobody(database)]), ...neverProven(database, policy)]
  })
}

/** A set of files stands by itself: it says where it is told, and no database goes by its name. */
function setMistakes(file: CatalogueFile, set: string, { place, restore }: BackupInFile): Mistake[] {
  const path = ['backups', set]
  if (restore)
    return [
      {
        ...{ path: [...path, 'restore'], atKey: true },
        wanted: 'restore for a database alone',
        came: 'one for a set of files, which goes back by hand',
        next: 'Leave it out.',
      },
    ]
  if (Object.hasOwn(file.databases, set))
    return [
      {
        ...{ path, atKey: true },
        wanted: 'a name that no database has, for a set of files',
        came: `"${set}", which is a database too`,
        next: 'Rename one of them.',
      },
    ]
  const placed = place && file.services[place.service]?.environments[place.environment]
  if (placed) return []
  return [
    {
      ...{ path: [...path, 'place'], atKey: true },
      wanted: 'the service and environment in which the set is told',
      came: place ? `${place.service} in ${place.environment}, which does not exist` : 'none',
      next: 'Name a place of this file, such as { service: storefront, environment: prod }.',
    },
  ]
}

const placeOfDatabase = (database: string): Mistake => ({
  path: ['backups', database, 'place'],
  wanted: 'a place for a set of files alone',
  came: 'one for a database, which is told where it is used',
  next: 'Leave it out.',
  atKey: true,
})

const usedByNobody = (database: string): Mistake => ({
  path: ['backups', database],
  wanted: 'a database that some place of a service uses',
  came: `"${database}", which none does`,
  next: `Name it as database under the watch of the place that uses it: its backups are told there.`,
  atKey: true,
})

function neverProven(database: string, { proven, schedule, engine }: BackupInFile): Mistake[] {
  if (proven === null || !schedule || schedule.drill || engine.supabase || engine.dump) return []
  return [
    {
      path: ['backups', database, 'proven'],
      wanted: 'a schedule with drill, since only a drilled backup counts as proven',
      came: 'none',
      next: 'Add schedule.drill, such as "0 4 * * 0", or set proven: never.',
      atKey: true,
    },
  ]
}
