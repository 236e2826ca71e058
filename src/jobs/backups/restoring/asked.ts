import { z } from 'zod'
import type { RestorePoint } from '../../../backups/backup.js'
import { momentBefore } from '../../../backups/restoring.js'
import { pointWords, secondIn } from '../../../backups/window.js'
import { wallClock, zonedMoment } from '../../../clock.js'
import { refused } from '../../../errors.js'
import { isSet } from '../../../releases/backups/backup-policy.js'
import type { RestorePolicy } from '../../../releases/backups/restore-policy.js'
import type { Intent } from '../../../runs/run.js'
import type { Facts } from '../../facts.js'
import { type BackedUp, backedUp } from '../database.js'
import { changeOf } from './changes.js'
import { pointShape } from './parts.js'

/** A run's number stands for the last moment before it changed the database. */
const wanted = z.union([
  pointShape,
  z.object({ kind: z.literal('before'), run: z.number().int().positive() }),
  /** As the clocks of the operator's zone show it; without a day the last time that they did. */
  z.object({ kind: z.literal('clock'), day: z.string().nullable(), time: z.string().max(8) }),
])

export const input = z.strictObject({
  database: z.string().min(1).max(40),
  point: wanted,
  /** The name, typed once more by whoever asks in a form. */
  confirmed: z.string().max(40).optional(),
})

export type Asked = BackedUp & { restore: RestorePolicy; point: RestorePoint; words: string }

/** What is restored, where to and how it goes live; throws with what is missing in the operator's file. */
export async function askedOf(intent: Intent, facts: Facts): Promise<Asked> {
  const { database, point: meant, confirmed } = input.parse(intent.input)
  const place = await backedUp(intent, database, facts)
  const { restore } = place.policy
  if (confirmed !== undefined && confirmed.trim() !== database) throw notConfirmed(database, confirmed)
  if (!place.engine.able.scratch) throw notHere(place)
  if (isSet(place.policy)) throw byHand(database)
  if (place.policy.home) throw ownDatabase(database)
  if (!restore) throw notSetUp(database)
  const point = await pointOf(meant, facts)
  if (!place.engine.able.pointInTime && point.kind !== 'latest' && point.kind !== 'backup')
    throw refused('restore-no-point', `${place.engine.name} brings back the ends of backups only.`, {
      wanted: 'a moment between backups',
      came: pointWords(point, facts.catalogue.zone),
      next: 'Choose one that /backup list shows.',
    })
  const shown = secondIn(facts.catalogue.zone)
  const words =
    meant.kind === 'before' && point.kind === 'time'
      ? `${pointWords(point, facts.catalogue.zone)}, just before #${meant.run}`
      : pointWords(point, facts.catalogue.zone)
  if (point.kind === 'time' && point.at > facts.now)
    throw refused('restore-in-future', `${shown(point.at)} is in the future.`, { next: 'Choose a moment that was.' })
  return { ...place, restore, point, words }
}

async function pointOf(meant: z.output<typeof wanted>, facts: Facts): Promise<RestorePoint> {
  if (meant.kind === 'before') return before(meant.run, facts)
  if (meant.kind === 'clock') return { kind: 'time', at: clockMoment(meant, facts) }
  return meant as RestorePoint
}

const dayMs = 86_400_000

function clockMoment({ day, time }: { day: string | null; time: string }, { catalogue: { zone }, now }: Facts): Date {
  const at = (named: string) => {
    const seconds = Number(time.slice(6)) || 0
    return new Date(zonedMoment(named, time.slice(0, 5), zone).getTime() + seconds * 1_000)
  }
  const dayOf = (moment: Date) => wallClock(moment, zone).slice(0, 10)
  if (day !== null) return at(day)
  const today = at(dayOf(now))
  return today <= now ? today : at(dayOf(new Date(now.getTime() - dayMs)))
}

async function before(run: number, facts: Facts): Promise<RestorePoint> {
  const change = changeOf(await facts.runs.view(run))
  if (change) return { kind: 'time', at: momentBefore(change) }
  throw refused('restore-no-change', `#${run} did not change a database.`, {
    wanted: 'a run that began a migration',
    came: `#${run}`,
    next: 'Name a moment instead: /restore shop 14:02:11',
  })
}

export const notSetUp = (database: string) =>
  refused('restore-not-set-up', `Nothing says how restored data of ${database} goes live.`, {
    wanted: `restore under backups.${database} in the operator’s file`,
    came: 'none',
    next: `Ask the operator to add it; docs/operations/restores.md says how. To rehearse: /restore drill ${database}`,
  })

const byHand = (set: string) =>
  refused('restore-by-hand', `${set} is a set of files, which nothing puts into place by itself.`, {
    wanted: 'a database',
    came: set,
    next: `Take its label from /backup list ${set}, then restore it by hand; docs/integrations/restic.md says how.`,
  })

const ownDatabase = (database: string) =>
  refused('restore-by-hand', `${database} is Shipmate’s own database: no run of Shipmate can put it into place.`, {
    wanted: 'a database of an application',
    came: database,
    next: 'Stop Shipmate, then on its machine: npx shipmate restore-self. docs/operations/restore-self.md says how.',
  })

const notConfirmed = (database: string, came: string) =>
  refused('restore-not-confirmed', 'Nothing was asked for: the name of the database was not typed as it is.', {
    wanted: database,
    came: came.slice(0, 40) || 'nothing',
    next: `Type ${database} to confirm.`,
  })

const notHere = ({ policy, engine }: BackedUp) =>
  refused('restore-impossible', `${engine.name} cannot restore ${policy.database} into a scratch server.`, {
    wanted: 'an engine whose files a scratch server can start on',
    came: engine.name,
    next: engine.able.cannot[0] ?? 'Restore it with its provider’s own means.',
  })
