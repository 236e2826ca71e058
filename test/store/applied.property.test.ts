import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLog } from '../../src/log.js'
import { applied } from '../../src/runs/applied.js'
import { sealPlan } from '../../src/runs/plan.js'
import type { NewStep, RunChange, StepChange } from '../../src/runs/ports.js'
import type { RunView } from '../../src/runs/run.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { act, ask, look, plan } from '../runs/world.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { order } from './orders.js'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
})
afterAll(async () => {
  await store.close()
  await database.drop()
})

const steps = [look('gate'), ask('approval'), act('start'), act('shift')]
const moments = fc.integer({ min: 1, max: 1_000_000 }).map((minutes) => new Date(minutes * 60_000))
const stepChange: fc.Arbitrary<StepChange> = fc.record(
  {
    key: fc.constantFrom('gate', 'approval', 'start', 'shift', 'undo-start'),
    state: fc.constantFrom('running' as const, 'waiting' as const, 'passed' as const, 'failed' as const),
    round: fc.integer({ min: 1, max: 5 }),
    attempt: fc.integer({ min: 0, max: 3 }),
    evidence: fc.option(fc.record({ summary: fc.string({ unit: 'grapheme-ascii' }) })),
    output: fc.dictionary(fc.constantFrom('a', 'b'), fc.integer()),
    progress: fc.option(fc.record({ done: fc.nat(), total: fc.nat(), text: fc.string({ unit: 'grapheme-ascii' }) })),
    startedAt: fc.option(moments),
    endedAt: fc.option(moments),
    deadline: fc.option(moments),
  },
  { requiredKeys: ['key'] },
)
const undo: NewStep = { step: act('undo-start', { undo: undefined, needs: [] }), undoes: 'start' }
const change: fc.Arbitrary<RunChange> = fc.record(
  {
    state: fc.constantFrom('planning' as const, 'waiting' as const, 'running' as const, 'undoing' as const),
    reason: fc.option(fc.record({ code: fc.constant('x'), text: fc.string({ unit: 'grapheme-ascii' }) })),
    wakeAt: fc.option(moments),
    plan: fc.constant({ plan: sealPlan(plan(steps)), changes: ['something'] }),
    startedAt: moments,
    steps: fc.uniqueArray(stepChange, { selector: ({ key }) => key, maxLength: 3 }),
    newSteps: fc.constant([undo]),
  },
  { requiredKeys: [] },
)

describe('what the engine believes after a change', () => {
  it('is what the rows say', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const { run } = await store.desk.submit(order())
        const claim = await store.runs.claim(run.id)
        let believed = await store.runs.load(run.id)
        if (!claim || !believed) throw new Error('the run was not claimed')
        let undone = false
        for (const next of changes) {
          // An undo joins a run once, and only a run that has the step it undoes.
          const allowed = { ...next }
          if (undone || (!believed.run.plan && !next.plan)) delete allowed.newSteps
          undone = next.plan ? allowed.newSteps !== undefined : undone || allowed.newSteps !== undefined
          expect(await store.runs.write(claim, allowed)).toBe(true)
          believed = applied(believed, allowed)
        }
        expect(comparable(await store.runs.load(run.id))).toEqual(comparable(believed))
        await store.runs.release(claim)
      }),
      { numRuns: 60 },
    )
  })
})

/** Where it stands in line and when it was planned are the rows' own business. */
function comparable(view: RunView | null) {
  if (!view) throw new Error('the run is gone')
  const { ahead: _ahead, plannedAt: _plannedAt, ...run } = view.run
  return { run, steps: view.steps, answers: view.answers }
}
