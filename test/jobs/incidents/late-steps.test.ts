import { afterEach, expect, test } from 'vitest'
import type { Chore } from '../../../src/jobs/incidents/keeping.js'
import { lateStepsReminded } from '../../../src/jobs/incidents/late-steps.js'
import type { Actor, RunRecord, RunView, StepRecord } from '../../../src/runs/run.js'
import { after, changed, incidentWith, rita } from '../../support/incident-rows.js'
import { afterwardsWorld } from './afterwards-world.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A guide whose step "ask" waits since minute 1 and may take five; the engine is not the part of this test. */
function guideOf(id: number, taken: Actor | null): RunView {
  const plan = { pinned: { minutes: { ask: 5 } } }
  const run = { id, state: 'waiting', plan, intent: { job: 'guide', input: {} }, endedAt: null }
  const step = { key: 'ask', verb: 'ask', title: 'Is it the bank?' }
  const at = { startedAt: after(1), endedAt: null, taken: taken && { by: taken, at: after(2) } }
  const record = { run: id, key: 'ask', round: 1, state: 'waiting', step, ...at }
  return { run: run as unknown as RunRecord, steps: [record as unknown as StepRecord], answers: [] }
}

test('a step that takes longer than its guide allows reminds whoever is at it once, else the commander', async () => {
  const runs = new Map<number, RunView>()
  const { store, time, look, told, close, runRows } = await afterwardsWorld({ runs })
  closing.push(close)
  const [first, second] = await runRows(2)
  const marco: Actor = { kind: 'person', id: 'U0MARCO', name: 'Marco' }
  const parts = { runs: { view: async (run: number) => runs.get(run) ?? null }, reads: store.incidents.reads }
  const chore: Chore = { name: 'late steps', tend: (view, now) => lateStepsReminded(parts, view, now) }
  const roles = [{ role: 'commander', person: rita, since: after(0) }]
  runs.set(first, guideOf(first, marco))
  runs.set(second, guideOf(second, null))
  const { id } = await incidentWith(store, {}, { set: { guide: first, roles } })
  time.now = after(5)
  await look(id, chore)
  expect(await told(id)).toEqual([])
  for (const minutes of [6, 7, 9]) {
    time.now = after(minutes)
    await look(id, chore)
  }
  await changed(store, id, { set: { guide: second } }, after(9))
  await look(id, chore)
  expect((await told(id)).map(({ text, to, drawing }) => [to.kind, drawing?.data.person, text])).toEqual([
    ['thread', 'U0MARCO', '“Is it the bank?” takes longer than the 5 min its guide allows.'],
    ['thread', 'U0RITA', '“Is it the bank?” takes longer than the 5 min its guide allows.'],
  ])
})
