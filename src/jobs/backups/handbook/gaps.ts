import { isSet } from '../../../releases/backups/backup-policy.js'
import { ownDatabase } from '../../../releases/backups/own-database.js'
import { type Chapter, soundOf } from './chapter.js'

/** What is missing, in sentences that say what to do; the worst first. Nothing that is not seen counts as well. */
export function gapsOf(chapter: Chapter): string[] {
  const { policy, status } = chapter
  const { database } = policy
  return [
    ...(soundOf(status).length === 0 ? [`${database} has no backup yet. Take one: /backup ${database} full`] : []),
    ...status.troubles.map(({ title, next }) => `${title} ${next}`),
    ...undrilled(chapter),
    ...unencrypted(chapter),
    ...unscheduled(chapter),
    ...notLive(chapter),
  ]
}

function undrilled({ policy: { database, engine }, status }: Chapter): string[] {
  if (status.drills.some(({ passed }) => passed)) return []
  if (engine.driver === 'dump' || engine.driver === 'supabase')
    return [
      `${database} is never drilled: no scratch server starts on what its engine stores, so nothing here is measured or proven.`,
    ]
  return [
    `${database} was never drilled: nobody knows how long a restore takes, or whether one works. Drill it: /restore drill ${database}`,
  ]
}

/** Of pgBackRest's repository and Supabase's, others decide. */
function unencrypted({ policy: { database, engine } }: Chapter): string[] {
  const plain = engine.driver === 'native' || ('storage' in engine && engine.storage.encryption === null)
  return plain ? [`${database} is stored unencrypted: whoever reads its storage reads the data.`] : []
}

function unscheduled({ policy: { database, schedule, engine } }: Chapter): string[] {
  const taken = schedule.full ?? schedule.differential ?? schedule.incremental
  if (taken !== null || engine.driver === 'supabase') return []
  return [`Nothing backs up ${database} by itself: there is no schedule.`]
}

function notLive({ policy }: Chapter): string[] {
  if (policy.restore || isSet(policy) || policy.database === ownDatabase) return []
  return [
    `Restored data of ${policy.database} goes live by hand only: the operator’s file has no restore for it (docs/operations/restores.md).`,
  ]
}
