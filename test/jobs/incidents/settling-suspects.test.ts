import { afterEach, expect, test } from 'vitest'
import { incident as command } from '../../../src/commands/incident.js'
import { verdictsProposed } from '../../../src/jobs/incidents/proposing.js'
import type { RunRecord, RunView } from '../../../src/runs/run.js'
import { after, changed, incidentWith, rita } from '../../support/incident-rows.js'
import { afterwardsWorld } from './afterwards-world.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** As far as a rollback is told from it; runs are not the part of this test. */
function runOf(id: number, job: string, parent: number | null): RunView {
  const intent = { job, service: 'storefront', environment: 'prod', input: {} }
  const run = { id, intent, parent, state: 'done', plan: null, reason: null, requestedBy: rita, endedAt: after(8) }
  return { run: { ...run, createdAt: after(5) } as unknown as RunRecord, steps: [], answers: [] }
}

test('a rollback of a suspect after which all turned green asks people once whether it was the cause', async () => {
  const runs = new Map<number, RunView>()
  const world = await afterwardsWorld({ runs })
  closing.push(world.close)
  const { store, time, look, told, catalogue } = world
  const [deploy, back] = await world.runRows(2)
  runs.set(deploy, runOf(deploy, 'deploy', null))
  runs.set(back, runOf(back, 'rollback', deploy))
  const suspect = {
    ...{ key: `run:${deploy}`, kind: 'deploy' as const, text: 'deploy of v1.8.0, 4 min before', evidence: [] },
    ...{ score: 0.9, at: after(-4), run: deploy },
  }
  const { id } = await incidentWith(store, {}, { suspects: [suspect], runs: [{ run: back, part: 'recovery' }] })
  const parts = { runs: { view: async (run: number) => runs.get(run) ?? null }, reads: store.incidents.reads }
  const settings = catalogue.incidents
  const chore = {
    name: 'verdicts',
    tend: (view: Parameters<typeof verdictsProposed>[1], now: Date) =>
      verdictsProposed({ ...parts, settings }, view, now),
  }
  time.now = after(10)
  await look(id, chore)
  expect(await told(id)).toEqual([])
  await changed(store, id, { set: { state: 'resolved', resolvedAt: after(20) } }, after(20))
  time.now = after(21)
  await look(id, chore)
  await look(id, chore)
  expect((await told(id)).map(({ text, drawing }) => [text, drawing])).toEqual([
    [
      `All is well since #${back} rolled it back. Was it the cause: deploy of v1.8.0, 4 min before?`,
      { name: 'suspect', data: { suspect: suspect.key } },
    ],
  ])
})

test('a suspect is settled by its number on the card, in words', () => {
  const known = { services: [], environments: [] } as never
  expect(command.parse(['suspect', '2', 'cleared'], known)).toEqual({
    kind: 'incident act',
    act: { name: 'settle', suspect: 2, verdict: 'cleared' },
  })
  expect(command.parse(['suspect', 'INC-31', '1', 'Confirmed'], known)).toEqual({
    kind: 'incident act',
    act: { name: 'settle', suspect: 1, verdict: 'confirmed', incident: 31 },
  })
  expect(command.parse(['suspect', '1', 'maybe'], known)).toMatchObject({ kind: 'problem' })
})
