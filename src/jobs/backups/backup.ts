import { z } from 'zod'
import { backupKinds } from '../../backups/backup.js'
import type { PlanDraft } from '../../runs/plan.js'
import type { Intent } from '../../runs/run.js'
import type { CheckStep, DoStep } from '../../runs/step.js'
import type { Facts } from '../facts.js'
import { approval, inOrder, tell } from '../gates.js'
import type { Job } from '../jobs.js'
import { costStep } from './cost.js'
import { backedUp, backupResources, headlineOf, kindToTake, pinnedOf, unasked } from './database.js'

const input = z.strictObject({
  database: z.string().min(1).max(40),
  kind: z.enum(backupKinds),
  /** Why Shipmate itself asks: `schedule`, or the run that needs it. Left out: a person does. */
  because: z.string().max(80).optional(),
})

/** Takes one backup, reads it back, and lets go of what the policy does not keep. */
export const backup: Job = {
  name: 'backup',
  input,
  act: 'backup',
  priority: 0,
  besideLocks: true,
  resources: ({ input }) => backupResources(String(input.database)),
  plan: planBackup,
}

/** No backup of a database that one machine holds takes longer. */
const longest = 24 * 3_600_000
const gateTimeout = 60_000

export async function planBackup(intent: Intent, facts: Facts): Promise<PlanDraft> {
  const { database, kind: wanted, because } = input.parse(intent.input)
  const place = await backedUp(intent, database, facts)
  const { kind, why } = await kindToTake(place, wanted, facts)
  const people = { ...place, environment: unasked(place.environment, because) }
  return {
    headline: headlineOf(place, {
      job: 'backup',
      notes: [`${kind}${why ? ` instead of ${wanted}` : ''}, with ${place.engine.name}`, ...(why ? [why] : [])],
      undo: 'what is half done is cleaned away',
    }),
    pinned: pinnedOf(place, 'backup', { kind }),
    steps: inOrder(
      [ready(database), room(database, kind)],
      approval(people, 'backup', `Back up ${database} (${kind})?`),
      [
        take(database, kind),
        readBack(database),
        costStep(database),
        ...(place.engine.able.expires ? [rotate(database)] : []),
      ],
      because === undefined
        ? [
            tell(
              'note',
              'tell the thread',
              { kind: 'thread' },
              `The backup of ${database} is stored and was read back.`,
            ),
          ]
        : [],
    ),
    observe: place.environment.mode === 'observe',
    result: null,
  }
}

export const ready = (database: string): CheckStep => ({
  key: 'ready',
  title: `${database} can be backed up`,
  verb: 'check',
  check: 'backups.ready',
  with: { database },
  timeout: gateTimeout,
  needs: [],
  retries: 2,
  onFailure: 'stop',
})

const room = (database: string, kind: string): CheckStep => ({
  key: 'room',
  title: 'the storage has room',
  verb: 'check',
  check: 'backups.room',
  with: { database, kind },
  timeout: gateTimeout,
  needs: [],
  retries: 2,
  onFailure: 'stop',
})

const take = (database: string, kind: string): DoStep => ({
  key: 'take',
  title: `back up ${database} (${kind})`,
  verb: 'do',
  action: 'backups.take',
  with: { database, kind },
  undo: {
    title: 'clean away what is half done',
    action: 'backups.clean',
    with: { database },
    timeout: 10 * 60_000,
  },
  timeout: longest,
  retries: 2,
  onFailure: 'undo',
})

const readBack = (database: string): CheckStep => ({
  key: 'read-back',
  title: 'read it back',
  verb: 'check',
  check: 'backups.read-back',
  with: { database, label: { from: 'take', field: 'label' } },
  timeout: longest,
  retries: 2,
  // It stays as it is, marked as damaged: somebody may want to look at it.
  onFailure: 'stop',
})

const rotate = (database: string): DoStep => ({
  key: 'rotate',
  title: 'let go of old ones',
  verb: 'do',
  action: 'backups.rotate',
  with: { database },
  timeout: 3_600_000,
  retries: 2,
  onFailure: 'warn',
})
