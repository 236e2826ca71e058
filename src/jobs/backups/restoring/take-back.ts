import { z } from 'zod'
import { digestOf } from '../../../json.js'
import { swapWords } from '../../../releases/backups/restore-policy.js'
import type { PlanDraft } from '../../../runs/plan.js'
import type { Intent } from '../../../runs/run.js'
import type { CheckStep, DoStep } from '../../../runs/step.js'
import type { Facts } from '../../facts.js'
import { approval, inOrder, tell, unlocked } from '../../gates.js'
import type { Job } from '../../jobs.js'
import { type BackedUp, backedUp, headlineOf, pinnedOf } from '../database.js'
import { notSetUp } from './asked.js'
import { restoreResources } from './restore.js'
import { backedUpAfter, closing, within } from './steps.js'

const input = z.strictObject({ database: z.string().min(1).max(40), of: z.number().int().positive() })

/**
 * The way back: the data that a restore replaced is in its place again, and what was restored is kept; of a merge of single
 * tables, the rows that it brought go again.
 */
export const takeBack: Job = {
  name: 'take-back',
  input,
  act: 'restore',
  priority: 1,
  resources: (intent) => restoreResources(intent, input.parse(intent.input).database),
  plan: planTakeBack,
}

export async function planTakeBack(intent: Intent, facts: Facts): Promise<PlanDraft> {
  const { database, of } = input.parse(intent.input)
  const place = await backedUp(intent, database, facts)
  const { restore } = place.policy
  if (!restore) throw notSetUp(database)
  const earlier = await facts.runs.view(of)
  if (earlier?.run.intent.job === 'tables') return planUnmerge(intent, place, of)
  return {
    headline: {
      ...headlineOf(place, {
        job: 'take-back',
        notes: [
          `to the data that #${of} replaced`,
          `what was written since #${of} goes from view, and is kept`,
          swapWords(restore, database),
        ],
        undo: 'nothing: what is restored now is kept aside',
      }),
      risk: 'high',
    },
    pinned: pinnedOf(place, 'restore', { of, goingLive: digestOf(restore).slice(0, 16) }),
    steps: inOrder(
      [unlocked(intent), kept(database, of)],
      approval(place, 'restore', `Put back the data of ${database} that #${of} replaced?`),
      [closing(database, restore), putBack(database, of, within(restore)), openToAll(database)],
      [
        backedUpAfter(database),
        tell('note', 'tell the thread', { kind: 'thread' }, `${database} has the data again that #${of} replaced.`),
      ],
    ),
    observe: place.environment.mode === 'observe',
    result: null,
  }
}

/** Rows that were changed since the merge are people's work by now: they stay, and so does what nobody brought back. */
function planUnmerge(intent: Intent, place: BackedUp, of: number): PlanDraft {
  const { database } = place.policy
  return {
    headline: {
      ...headlineOf(place, {
        job: 'take-back',
        notes: [
          `rows that #${of} brought back go again, and those that it set back are as before it`,
          'only where nobody changed them since; the application goes on meanwhile',
          `it needs the schema shipmate_review_${of}, which the merge left in the database`,
        ],
        undo: `nothing: the rows stay in the schema shipmate_review_${of}`,
      }),
      risk: 'medium',
    },
    pinned: pinnedOf(place, 'restore', { of, merged: true }),
    steps: inOrder(
      [unlocked(intent), kept(database, of, 'tables.kept')],
      approval(place, 'restore', `Take the rows out of ${database} again that #${of} brought back?`),
      [unmerge(database, of)],
      [tell('note', 'tell the thread', { kind: 'thread' }, `The merge of #${of} into ${database} is taken back.`)],
    ),
    observe: place.environment.mode === 'observe',
    result: null,
  }
}

const unmerge = (database: string, of: number): DoStep => ({
  key: 'unmerge',
  title: 'take the merge back',
  verb: 'do',
  action: 'tables.unmerge',
  with: { database, of },
  timeout: 3_600_000,
  // One transaction: there is nothing half done to put back.
  onFailure: 'stop',
})

const kept = (database: string, of: number, check = 'restore.kept'): CheckStep => ({
  key: 'kept',
  title: `what #${of} changed is kept`,
  verb: 'check',
  check,
  with: { database, of },
  timeout: 60_000,
  needs: [],
  onFailure: 'stop',
})

const putBack = (database: string, of: number, timeout: number): DoStep => ({
  key: 'back',
  title: 'put the old data back',
  verb: 'do',
  action: 'restore.back',
  with: { database, of },
  timeout,
  onFailure: 'ask',
})

const openToAll = (database: string): DoStep => ({
  key: 'open-all',
  title: 'let everybody in',
  verb: 'do',
  action: 'restore.open',
  with: { database, how: 'all' },
  timeout: 3 * 60_000,
  retries: 2,
  onFailure: 'ask',
})
