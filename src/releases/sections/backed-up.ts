import { type BackupPolicy, type EngineSettings, storageFrom } from '../backups/backup-policy.js'
import { ownDatabase, ownInvariants } from '../backups/own-database.js'
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
  const { engine, schedule, scratch, drill, restore, home, ...rest } = file
  const { full, differential, incremental, drill: drilled, verify } = schedule ?? usualSchedule(engine)
  return {
    database,
    ...rest,
    ...(home && { home }),
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
    scratch: {
      ...scratch,
      folder: scratch.folder ?? null,
      // The embedded PostgreSQL has one of that name, and no other.
      superuser: scratch.superuser ?? (database === ownDatabase ? 'shipmate' : 'postgres'),
    },
    restore: restore ? restorePolicyFrom(restore) : null,
    drill: {
      tables: drill.tables,
      newest: drill.newest ? { ...drill.newest, within: drill.newest.within ?? null } : null,
      invariants: [...(database === ownDatabase ? ownInvariants : []), ...drill.invariants].map(
        ({ name, sql, min, max }) => ({
          ...{ name, sql },
          ...(min !== undefined && { min }),
          ...(max !== undefined && { max }),
        }),
      ),
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
    if (database === ownDatabase) return [...ownMistakes(file, policy, unknownName), ...neverProven(database, policy)]
    if (policy.engine.restic)
      return [...setMistakes(file, database, policy, unknownName), ...neverProven(database, policy)]
    if (policy.home) return [homeOfAnother(database)]
    const unknown = unknownName(['backups', database], database, 'a database', Object.keys(file.databases), true)
    if (unknown.length > 0) return unknown
    return [...(used.has(database) ? [] : [usedByNobody(database)]), ...neverProven(database, policy)]
  })
}

/** Shipmate's own is brought back while it is gone itself: by its name, from a storage that is read without a server. */
function ownMistakes(file: CatalogueFile, policy: BackupInFile, unknownName: UnknownName): Mistake[] {
  const { engine, restore } = policy
  const path = ['backups', ownDatabase]
  const mistake = (key: string[], wanted: string, came: string, next: string): Mistake => ({
    ...{ path: [...path, ...key], wanted, came, next },
    atKey: true,
  })
  return [
    ...(Object.hasOwn(file.databases, ownDatabase)
      ? [mistake([], 'another name for a database of yours', `"${ownDatabase}", which is Shipmate’s own`, 'Rename it.')]
      : []),
    ...(engine.embedded
      ? []
      : [
          mistake(
            ['engine'],
            'the engine embedded',
            'another one',
            'Use embedded: restore-self needs nothing but its storage.',
          ),
        ]),
    ...(restore
      ? [mistake(['restore'], 'nothing here', 'restore', 'Leave it out: npx shipmate restore-self brings it back.')]
      : []),
    ...homeMistakes(file, path, policy, unknownName),
  ]
}

/** A set of files stands by itself: it says where it is told, and no database goes by its name. */
function setMistakes(file: CatalogueFile, set: string, policy: BackupInFile, unknownName: UnknownName): Mistake[] {
  const path = ['backups', set]
  if (policy.restore)
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
  return homeMistakes(file, path, policy, unknownName)
}

function homeMistakes(
  file: CatalogueFile,
  path: string[],
  { home }: BackupInFile,
  unknownName: UnknownName,
): Mistake[] {
  if (!home)
    return [
      {
        ...{ path, atKey: true },
        wanted: 'home, the place where its backups are told and whose rights hold',
        came: 'none',
        next: 'Add home: { service: …, environment: … }.',
      },
    ]
  const at = [...path, 'home']
  const { service, environment } = home
  const placed = file.services[service]
  if (!placed) return unknownName([...at, 'service'], service, 'a service', Object.keys(file.services))
  const environments = Object.keys(placed.environments)
  return unknownName([...at, 'environment'], environment, `an environment of ${service}`, environments)
}

const homeOfAnother = (database: string): Mistake => ({
  path: ['backups', database, 'home'],
  wanted: 'home for Shipmate’s own database or a set of files alone',
  came: `one for "${database}"`,
  next: 'Leave it out: a database is at home in the first place that names it under watch.',
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
