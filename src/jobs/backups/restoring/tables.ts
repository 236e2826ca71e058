import { z } from 'zod'
import { expectedDuration } from '../../../backups/restoring.js'
import type { PlanDraft } from '../../../runs/plan.js'
import type { Intent } from '../../../runs/run.js'
import type { Step } from '../../../runs/step.js'
import type { Facts } from '../../facts.js'
import { approval, tell, unlocked } from '../../gates.js'
import type { Job } from '../../jobs.js'
import { headlineOf, pinnedOf } from '../database.js'
import { type Asked, askedOf, input as restoreInput } from './asked.js'
import { asJson } from './parts.js'
import { restoreResources } from './restore.js'
import { act, gates, intoScratch, look } from './steps.js'

const input = restoreInput.omit({ confirmed: true }).extend({
  tables: z.array(z.string().min(1).max(130)).min(1).max(20),
  /** Rows that are gone, or these and how changed ones were. */
  merge: z.enum(['gone', 'all']).default('gone'),
})

/** Brings rows of single tables back: into a schema of the live database first, and from there, once others signed off. */
export const tables: Job = {
  name: 'tables',
  input,
  act: 'restore',
  priority: 1,
  resources: (intent) => restoreResources(intent, input.parse(intent.input).database),
  plan: planTables,
}

export async function planTables(intent: Intent, facts: Facts): Promise<PlanDraft> {
  const { tables: named, merge, ...rest } = input.parse(intent.input)
  const asked = await askedOf({ ...intent, input: rest as Intent['input'] }, facts)
  return {
    headline: {
      ...headlineOf(asked, {
        job: 'tables',
        notes: await notesOf(asked, named, merge, facts),
        undo: 'the merge, where nobody changed those rows since',
      }),
      risk: 'medium',
    },
    pinned: pinnedOf(asked, 'restore', { point: asJson(asked.point), tables: named, merge }),
    steps: stepsOf(intent, asked, named, merge),
    observe: asked.environment.mode === 'observe',
    result: null,
  }
}

async function notesOf({ policy, words }: Asked, named: string[], merge: 'gone' | 'all', facts: Facts) {
  const { book } = facts.backups
  const [drills, [newest]] = await Promise.all([book.drills(policy.database, 10), book.backups(policy.database, 1)])
  return [
    `rows of ${named.join(', ')} as they were at ${words}`,
    merge === 'all'
      ? 'rows that are gone come back, changed ones are set back, new ones stay'
      : 'rows that are gone come back; changed and new ones stay as they are',
    `until they can be compared: ${expectedDuration(drills, newest?.databaseBytes ?? 0)}`,
    'the application goes on meanwhile',
  ]
}

function stepsOf(intent: Intent, asked: Asked, named: string[], merge: 'gone' | 'all'): Step[] {
  const { database } = asked.policy
  const on = { database, kind: merge }
  const question = `Bring these rows of ${named.join(', ')} back into ${database} of ${asked.environment.name}?`
  return [
    ...gates(unlocked(intent), database, asked.point, 'tables.able'),
    ...intoScratch(database, asked.point),
    act(
      'review',
      'compare the tables, then and now',
      'tables.review',
      { database, tables: named },
      {
        timeout: longest,
        undo: { title: 'drop the schema of the review', action: 'tables.drop', with: { database }, timeout: 600_000 },
      },
    ),
    look('shown', 'what the merge will do', 'tables.shown', { ...on, found: { from: 'review', field: 'found' } }),
    ...approval(asked, 'restore', question).map((step) =>
      step.verb === 'ask' ? { ...step, about: 'shown', onFailure: 'undo' as const } : step,
    ),
    act('merge', 'bring the rows back', 'tables.merge', on, {
      timeout: longest,
      undo: { title: 'take the merge back', action: 'tables.unmerge', with: { database }, timeout: longest },
    }),
    look('merged', 'the rows are there', 'tables.merged', on, { onFailure: 'warn' }),
    act('clear', 'remove the scratch', 'restore.clear', { database }, { timeout: 600_000, onFailure: 'warn' }),
    tell('note', 'tell the thread', { kind: 'thread' }, note(asked, named)),
  ]
}

const longest = 3_600_000

const note = ({ policy: { database }, words }: Asked, named: string[]) =>
  `Rows of ${named.join(', ')} of ${database} are back as they were at ${words}. What they were before the merge stays in the schema that the card names.`
