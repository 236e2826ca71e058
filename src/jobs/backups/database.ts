import type { BackupKind } from '../../backups/backup.js'
import type { BackupEngine } from '../../backups/engine.js'
import { isThere } from '../../backups/known.js'
import { refused } from '../../errors.js'
import { digestOf, type JsonObject } from '../../json.js'
import { type BackupPolicy, policyOf, usersOf } from '../../releases/backups/backup-policy.js'
import type { ApprovedAct, Catalogue, Environment } from '../../releases/catalogue.js'
import { nearest } from '../../releases/nearest.js'
import type { Headline } from '../../runs/plan.js'
import type { Actor, Intent } from '../../runs/run.js'
import type { Facts } from '../facts.js'
import { placeOf, type Scene, shortened } from '../place.js'

/** Who starts what is scheduled, and what a deploy needs first. */
export const shipmateItself: Actor = { kind: 'machine', id: 'shipmate', name: 'Shipmate' }

/** What takes from, or writes to, a database's storage goes one at a time; rehearsals stand in a line of their own. */
export const backupResources = (database: string): string[] => [`database/${database}`]
export const drillResources = (database: string): string[] => [`database/${database}/drill`]

/** A database with the place that hears of its backups. */
export type BackedUp = Pick<Scene, 'placement' | 'environment'> & { policy: BackupPolicy; engine: BackupEngine }

/** Throws `backup-not-set-up` when the operator's file backs it up with nothing, or no longer in this place. */
export async function backedUp(intent: Intent, database: string, facts: Facts): Promise<BackedUp> {
  const policy = policyOf(facts.catalogue, database)
  if (!policy) throw notSetUp(database, facts.catalogue)
  return { ...placeOf(intent, facts), policy, engine: await facts.backups.engines(database) }
}

/** The intent's place: where the database's backups are told, and whose rights hold. */
export function homeOf(catalogue: Catalogue, database: string): { service: string; environment: string } {
  const [home] = usersOf(catalogue, database)
  if (!home || !policyOf(catalogue, database)) throw notSetUp(database, catalogue)
  return home
}

export function notSetUp(database: string, { backups }: Pick<Catalogue, 'backups'>) {
  const known = Object.keys(backups)
  const meant = nearest(database, known)
  const there = known.length === 0 ? 'The operator’s file backs up no database.' : `There are: ${known.join(', ')}.`
  return refused('backup-not-set-up', `${shortened(database) || 'That database'} is not backed up by Shipmate.`, {
    wanted: 'a database with a policy under backups',
    came: shortened(database) || 'none',
    next: meant ? `Did you mean ${meant}?` : `${there} docs/operations/backups.md says how one is added.`,
  })
}

/** What the engine can take when that is wanted, with the reason where it is something else. */
export async function kindToTake(
  { policy, engine }: BackedUp,
  wanted: BackupKind,
  { backups }: Facts,
): Promise<{ kind: BackupKind; why: string | null }> {
  const { kinds } = engine.able
  if (kinds.length === 0)
    throw refused('backup-not-taken-here', `${engine.name} takes no backups of ${policy.database} when asked.`, {
      next: engine.able.cannot[0] ?? 'Its provider takes them by itself.',
    })
  if (wanted === 'full' || !kinds.includes(wanted)) return fullOrLeast(kinds, wanted, engine)
  const known = await backups.book.backups(policy.database, looked)
  const sound = known.some((one) => one.kind === 'full' && isThere(one) && one.defects.length === 0)
  return sound ? { kind: wanted, why: null } : { kind: 'full', why: 'there is no sound full backup to build on yet' }
}

/** So many of the newest backups tell whether there is something to build on. */
const looked = 500

function fullOrLeast(kinds: BackupKind[], wanted: BackupKind, { name }: BackupEngine) {
  if (kinds.includes(wanted)) return { kind: wanted, why: null }
  const [kind = 'full'] = kinds
  return { kind, why: `${name} takes no ${wanted} ones` }
}

export const notDrilled = ({ policy, engine }: BackedUp) =>
  refused('drill-impossible', `A restore of ${policy.database} cannot be rehearsed with ${engine.name}.`, {
    wanted: 'an engine whose files a scratch server can start on',
    came: engine.name,
    next: engine.able.cannot[0] ?? 'Back it up with another engine beside this one.',
  })

type Said = Pick<Headline, 'job' | 'notes' | 'undo'>

/** What the head of a run about a database says; no version moves. */
export const headlineOf = ({ placement }: BackedUp, said: Said): Headline => ({
  ...said,
  service: placement.service,
  environment: placement.environment,
  from: null,
  to: null,
  changes: [],
  migrations: [],
  risk: 'low',
})

/** What an approval binds to besides the steps. */
export function pinnedOf({ placement, environment, policy }: BackedUp, act: ApprovedAct, more: JsonObject): JsonObject {
  const { service, environment: name } = placement
  const slice = { engine: policy.engine, mode: environment.mode, approvals: environment.approvals[act] }
  return { service, environment: name, database: policy.database, ...more, configuration: digestOf(slice).slice(0, 16) }
}

/** Nobody is asked about what the operator's file has scheduled, or what a deploy needs that was approved itself. */
export const unasked = (environment: Environment, because: string | undefined): Environment =>
  because === undefined
    ? environment
    : {
        ...environment,
        approvals: { ...environment.approvals, backup: { ...environment.approvals.backup, quorum: 0 } },
      }
