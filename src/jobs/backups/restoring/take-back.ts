import { z } from 'zod'
import { digestOf } from '../../../json.js'
import { swapWords } from '../../../releases/backups/restore-policy.js'
import type { PlanDraft } from '../../../runs/plan.js'
import type { Intent } from '../../../runs/run.js'
import type { CheckStep, DoStep } from '../../../runs/step.js'
import type { Facts } from '../../facts.js'
import { approval, inOrder, tell, unlocked } from '../../gates.js'
import type { Job } from '../../jobs.js'
import { backedUp, headlineOf, pinnedOf } from '../database.js'
import { notSetUp } from './asked.js'
import { restoreResources } from './restore.js'
import { backedUpAfter, closing, within } from './steps.js'

const input = z.strictObject({ database: z.string().min(1).max(40), of: z.number().int().positive() })

/** The way back: the data that a restore replaced is in its place again, and what was restored is kept. */
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

const kept = (database: string, of: number): CheckStep => ({
  key: 'kept',
  title: `what #${of} replaced is kept`,
  verb: 'check',
  check: 'restore.kept',
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
