import { afterEach, expect, test } from 'vitest'
import type { RunView } from '../../../src/runs/run.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, shown } from '../../support/desk-world.js'
import { shopText } from '../../support/shop.js'
import { waitFor } from '../../support/wait-for.js'

let open: DeskWorld | null = null
afterEach(async () => {
  await open?.close()
  open = null
})

const quietText = `${shopText.replace(/^alerts:\n(?: .*\n|\n)*/m, '')}\nalerts:\n  silence:\n    deploys: true\n`

/** A deploy to prod that is approved and stands at the start of its instances. */
async function starting(text = quietText) {
  open = await createDeskWorld({ text })
  const w = open
  w.world.holdStarts = true
  const view = await w.asks(acceptedRun(await w.desk.say('prod v1.8.0', 'deploy', asker('U0RITA'))))
  const quiet = () => w.store.incidents.silences.inForce(w.clock.now())
  const before = await quiet()
  await w.desk.press({ name: 'approve', ...shown(view) }, asker('U0MARCO'))
  const run = view.run.id
  await w.until(run, 'starts', ({ steps }) => steps.some(({ key, state }) => /start/.test(key) && state === 'running'))
  return { w, run, before, quiet }
}

test('alerts of the place are silent from before the first change of a deploy until after its last', async () => {
  const { w, run, before, quiet } = await starting()
  expect(before).toEqual([])
  expect(await quiet()).toMatchObject([{ run, covers: { kind: 'place', service: 'storefront', environment: 'prod' } }])
  w.world.holdStarts = false
  const { steps } = await w.ended(run, 'done')
  expect(await quiet()).toEqual([])
  const dos = steps.filter(({ step }) => step.verb === 'do').map(({ key }) => key)
  expect([dos[0], dos.at(-1)]).toEqual(['silence', 'unsilence'])
})

test('a deploy that fails is undone, and alerts are told again', async () => {
  const { w, run, quiet } = await starting()
  w.world.startsFail = true
  w.world.holdStarts = false
  const { steps } = await w.ended(run, 'undone')
  expect(await quiet()).toEqual([])
  expect(steps.find(({ undoes }) => undoes === 'silence')?.state).toBe('passed')
})

test('a deploy that people stop leaves no silence behind', async () => {
  const { w, run, quiet } = await starting()
  await w.desk.say(`cancel ${run}`, 'ops', asker('U0RITA'))
  await waitFor('it has ended', async () => ((await w.store.desk.view(run))?.run.endedAt ? true : undefined), 20_000)
  expect(await quiet()).toEqual([])
})

test('a rollback is silent as a deploy is, and leaves nothing behind whether it works or is undone itself', async () => {
  const { w, quiet } = await starting()
  w.world.holdStarts = false
  await waitFor('it has ended', async () => (await w.store.desk.list({ live: true, limit: 1 })).length === 0, 20_000)
  const back = async (ends: 'done' | 'undone') => {
    w.world.holdStarts = true
    w.world.startsFail = ends === 'undone'
    const run = acceptedRun(await w.desk.say('prod', 'rollback', asker('U0MARCO')))
    const starts = ({ steps }: RunView) => steps.some(({ key, state }) => /start/.test(key) && state === 'running')
    await w.until(run, 'starts', starts)
    expect(await quiet()).toMatchObject([{ run, covers: { service: 'storefront', environment: 'prod' } }])
    w.world.holdStarts = false
    await w.ended(run, ends)
    expect(await quiet()).toEqual([])
  }
  await back('undone')
  await back('done')
  // Whatever else could begin once the gates have passed: the silence is first.
  const [run] = await w.store.desk.list({ limit: 1 })
  const { steps } = (await w.store.desk.view(run?.id ?? 0)) ?? { steps: [] }
  const begun = steps.filter(({ step, key }) => step.verb === 'do' && key !== 'silence')
  const silenced = steps.find(({ key }) => key === 'silence')?.endedAt
  expect(silenced).toBeInstanceOf(Date)
  for (const { startedAt } of begun) expect(startedAt?.getTime()).toBeGreaterThanOrEqual(silenced?.getTime() ?? 0)
})

test('where the operator’s file does not ask for it, a deploy silences nothing', async () => {
  const { w, run, quiet } = await starting(shopText)
  expect(await quiet()).toEqual([])
  w.world.holdStarts = false
  await w.ended(run, 'done')
})
