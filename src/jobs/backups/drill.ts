import { z } from 'zod'
import { isFilesEngine } from '../../backups/files.js'
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
  const words = isFilesEngine(place.engine) ? ofFiles : ofDatabase
  const [drills, [newest]] = await Promise.all([book.drills(database, 10), book.backups(database, 1)])
  return {
    headline: headlineOf(place, {
      job: 'drill',
      notes: [...words.notes, expectedWords(expectedOf(drills, newest?.databaseBytes ?? 0))],
      undo: `the scratch ${words.scratch} is destroyed`,
    }),
    pinned: pinnedOf(place, 'backup', {}),
    steps: inOrder(
      [there(database)],
      approval(people, 'backup', `Rehearse a restore of ${database}?`),
      [restore(database, words), destroy(database, words), record(database), ...judgements(database, words)],
      [],
    ),
    observe: place.environment.mode === 'observe',
    result: null,
  }
}

type Words = {
  notes: string[]
  /** What it is put into. */
  scratch: string
  questions: [key: string, title: string][]
}

const ofDatabase: Words = {
  notes: ['the latest moment, into a scratch server', 'the database itself is not touched'],
  scratch: 'server',
  questions: [
    ['structure', 'tables and indexes are whole'],
    ['rows', 'there are rows'],
    ['orphans', 'every foreign key leads somewhere'],
    ['newest', 'the data is recent'],
    ['invariants', 'what must hold holds'],
  ],
}

const ofFiles: Words = {
  notes: ['files of the latest backup, into a scratch folder', 'the files themselves are not touched'],
  scratch: 'folder',
  questions: [
    ['structure', 'what came back is what was stored'],
    ['rows', 'there are files'],
    ['newest', 'how old the youngest is'],
    ['invariants', 'what must hold of them holds'],
  ],
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

const restore = (database: string, { scratch }: Words): DoStep => ({
  key: 'restore',
  title: `restore ${database} into a scratch ${scratch} and look at it`,
  verb: 'do',
  action: 'drill.restore',
  with: { database },
  undo: { title: `destroy the scratch ${scratch}`, ...clearing(database) },
  timeout: 24 * 3_600_000,
  retries: 1,
  onFailure: 'undo',
})

const destroy = (database: string, { scratch }: Words): DoStep => ({
  key: 'destroy',
  title: `destroy the scratch ${scratch}`,
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
function judgements(database: string, { questions }: Words): Step[] {
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
