import { isThere } from '../../backups/known.js'
import { keepsWords, rotation } from '../../backups/retention.js'
import type { Query } from '../../commands/command.js'
import type { DatabaseSchedule, Reply } from '../../commands/reply.js'
import { type BackupPolicy, scheduledWorks } from '../../releases/backups/backup-policy.js'
import { nextMoment } from '../../releases/backups/cron.js'
import { environmentOf } from '../../releases/catalogue.js'
import type { Standing } from '../../releases/people.js'
import { denied } from '../../releases/permission.js'
import { type DeskParts, refusal } from '../desk/parts.js'
import { homeOf, notSetUp } from './database.js'
import { handbook } from './handbook/handing-out.js'
import { statusOf } from './status.js'

type Wanted = Extract<Query, { name: 'backups' }>

/** How backups stand; each person sees the databases whose home may be looked at. */
export async function backups(parts: DeskParts, wanted: Wanted, standing: Standing | null): Promise<Reply> {
  const { catalogue } = parts
  const named = wanted.database === undefined ? null : catalogue.backups[wanted.database]
  if (wanted.database !== undefined && !named) throw notSetUp(wanted.database, catalogue)
  const policies = named ? [named] : Object.values(catalogue.backups)
  const denials = policies.map((policy) => mayNotView(parts, policy, standing))
  const seen = policies.filter((_, at) => denials[at] === null)
  const [denial] = denials
  if (seen.length === 0 && denial) return refusal(denial)
  if (seen.length === 0) return { kind: 'said', text: 'The operator’s file backs up no database.' }
  if (wanted.what === 'handbook') return handbook(parts, seen, named ? named.database : null)
  if (wanted.what === 'schedule')
    return { kind: 'backup schedule', databases: await Promise.all(seen.map((one) => scheduleOf(parts, one))) }
  const [first] = seen
  if (wanted.what === 'list' && first) return listOf(parts, first)
  return { kind: 'backups', databases: await Promise.all(seen.map((one) => statusOf(parts, one))) }
}

function mayNotView({ catalogue, clock }: DeskParts, { database }: BackupPolicy, standing: Standing | null) {
  const environment = environmentOf(catalogue, homeOf(catalogue, database).environment)
  return environment ? denied('view', environment, standing, clock.now()) : null
}

const listed = 30

async function listOf({ catalogue, backups, clock }: DeskParts, policy: BackupPolicy): Promise<Reply> {
  const { database, keep } = policy
  const there = (await backups.book.backups(database, 2_000)).filter(isThere)
  const held = there.map((one) => ({ ...one, proven: one.provenAt !== null && one.defects.length === 0 }))
  const { remove } = rotation(held, keep, catalogue.zone, clock.now())
  return {
    kind: 'backup list',
    database,
    zone: catalogue.zone,
    backups: there.slice(0, listed),
    goes: remove,
    more: Math.max(0, there.length - listed),
  }
}

async function scheduleOf({ catalogue, backups, clock }: DeskParts, policy: BackupPolicy): Promise<DatabaseSchedule> {
  const now = clock.now()
  const { starts } = await backups.book.clockwork(policy.database, now)
  const works = scheduledWorks.flatMap((work) => {
    const text = policy.schedule[work]
    if (text === null) return []
    return [{ work, text, next: nextMoment(text, catalogue.zone, now), last: starts[work] ?? null }]
  })
  return { database: policy.database, zone: catalogue.zone, works, keeps: keepsWords(policy.keep) }
}
