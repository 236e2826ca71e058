import { z } from 'zod'
import { expectedOf, expectedWords } from '../../backups/proof.js'
import type { PlanDraft } from '../../runs/plan.js'
import type { Intent } from '../../runs/run.js'
import type { CheckStep, DoStep, Step } from '../../runs/step.js'
import type { Facts } from '../facts.js'
import { approval, inOrder } from '../gates.js'
import type { Job } from '../jobs.js'
import { backedUp, drillResources, headlineOf, notDrilled, pinnedOf, unasked } from './database.js'

const input = z.strictObject({ database: z.string().min(1).max(40), because: z.string().max(80).optional() })

/** Restores the latest backup into a scratch server, looks at what came back, measures, and destroys the scratch. */
export const drill: Job = {
  name: 'drill',
  input,
  act: 'backup',
  priority: 0,
  besideLocks: true,
  resources: ({ input }) => drillResources(String(input.database)),
  plan: planDrill,
}

export async function planDrill(intent: Intent, facts: Facts): Promise<PlanDraft> {
  const { database, because } = input.parse(intent.input)
  const place = await backedUp(intent, database, facts)
  if (!place.engine.able.scratch) throw notDrilled(place)
  const people = { ...place, environment: unasked(place.environment, because) }
  const { book } = facts.backups
  const [drills, [newest]] = await Promise.all([book.drills(database, 10), book.backups(database, 1)])
  return {
    headline: headlineOf(place, {
      job: 'drill',
      notes: [
        'the latest moment, into a scratch server',
        'the database itself is not touched',
        expectedWords(expectedOf(drills, newest?.databaseBytes ?? 0)),
      ],
      undo: 'the scratch server is destroyed',
    }),
    pinned: pinnedOf(place, 'backup', {}),
    steps: inOrder(
      [there(database)],
      approval(people, 'backup', `Rehearse a restore of ${database}?`),
      [restore(database), destroy(database), record(database), ...judgements(database)],
      [],
    ),
    observe: place.environment.mode === 'observe',
    result: null,
  }
}

/** Whatever becomes of the restore, its scratch goes. */
const clearing = (database: string) => ({ action: 'drill.clear', with: { database }, timeout: 10 * 60_000 })

const there = (database: string): CheckStep => ({
  key: 'there',
  title: 'there is a backup to restore',
  verb: 'check',
  check: 'backups.there',
  with: { database },
  timeout: 60_000,
  needs: [],
  retries: 2,
  onFailure: 'stop',
})

const restore = (database: string): DoStep => ({
  key: 'restore',
  title: `restore ${database} into a scratch server and look at it`,
  verb: 'do',
  action: 'drill.restore',
  with: { database },
  undo: { title: 'destroy the scratch server', ...clearing(database) },
  timeout: 24 * 3_600_000,
  retries: 1,
  onFailure: 'undo',
})

const destroy = (database: string): DoStep => ({
  key: 'destroy',
  title: 'destroy the scratch server',
  verb: 'do',
  ...clearing(database),
  retries: 3,
  onFailure: 'undo',
})

const found = { from: 'restore', field: 'found' }

/** Before the judgements are shown, so that a drill that failed is remembered as one. */
const record = (database: string): DoStep => ({
  key: 'record',
  title: 'write down the figures',
  verb: 'do',
  action: 'drill.record',
  with: { database, found },
  timeout: 60_000,
  retries: 5,
  onFailure: 'stop',
})

/** Side by side, and then the figures. */
function judgements(database: string): Step[] {
  const questions: [key: string, title: string][] = [
    ['structure', 'tables and indexes are whole'],
    ['rows', 'there are rows'],
    ['orphans', 'every foreign key leads somewhere'],
    ['newest', 'the data is recent'],
    ['invariants', 'what must hold holds'],
  ]
  const shared = { verb: 'check', with: { database, found }, timeout: 60_000, onFailure: 'stop' } as const
  return [
    ...questions.map(
      ([key, title]): CheckStep => ({ key, title, check: `drill.${key}`, needs: ['record'], ...shared }),
    ),
    {
      ...{ key: 'figures', title: 'measured', check: 'drill.figures', needs: questions.map(([key]) => key) },
      ...shared,
    },
  ]
}
