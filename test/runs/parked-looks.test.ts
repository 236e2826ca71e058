import { expect, test } from 'vitest'
import { act, ask, createWorld, look, marco, rita } from './world.js'

const far = { every: 30_000, max: 3 }

test('a check whose looks are far apart keeps no worker in between, and ends the moment it passes', async () => {
  const world = createWorld()
  world.finds('quiet', 'fail', 'pass')
  world.plans([look('quiet', { repeat: far }), act('after')])
  const run = await world.asked()
  const engine = world.engine()
  await engine.carry(run)
  const parked = await world.view(run)
  expect(parked.run.state).toBe('waiting')
  expect(parked.steps[0]).toMatchObject({ state: 'waiting', attempt: 1, evidence: { summary: 'quiet fail' } })
  await engine.carry(run)
  expect((await world.view(run)).steps[0]?.attempt).toBe(1)
  world.clock.ahead(31_000)
  await engine.carry(run)
  expect((await world.view(run)).run.state).toBe('done')
  expect(world.done()).toEqual(['after'])
})

test('its last look counts when all are used up', async () => {
  const world = createWorld()
  world.finds('quiet', 'fail')
  world.plans([look('quiet', { repeat: far, onFailure: 'warn' })])
  const run = await world.asked()
  const engine = world.engine()
  for (let at = 0; at < 3; at++) {
    await engine.carry(run)
    world.clock.ahead(31_000)
  }
  expect(await world.states(run)).toEqual({ quiet: 'warned' })
  expect((await world.view(run)).run.state).toBe('done')
})

test('a worker that dies between two looks loses none of them', async () => {
  const world = createWorld()
  world.finds('quiet', 'fail', 'pass')
  world.plans([look('quiet', { repeat: far })])
  const run = await world.asked()
  await world.engine().carry(run)
  world.clock.ahead(31_000)
  await world.engine().carry(run)
  expect((await world.view(run)).run.state).toBe('done')
})

test('a check that has ended is looked at again in its next round, while the run lives', async () => {
  const world = createWorld()
  world.finds('slow', 'fail', 'pass')
  world.plans([look('slow', { onFailure: 'warn' }), ask('on', 1, { onFailure: 'warn' })])
  const run = await world.asked()
  const engine = world.engine()
  await engine.carry(run)
  expect(await world.states(run)).toMatchObject({ slow: 'warned', on: 'waiting' })
  const again = { kind: 'look again' as const, run, step: 'slow', by: rita, at: new Date() }
  const { round = 0 } = (await world.view(run)).steps[0] ?? {}
  expect(await world.store.desk.touch({ ...again, round: round + 5 })).toBe('other round')
  expect(await world.store.desk.touch({ ...again, round })).toBe(null)
  await engine.carry(run)
  expect(await world.states(run)).toMatchObject({ slow: 'passed', on: 'waiting' })
  await world.answers(run, 'on', 'approve')
  await engine.carry(run)
  expect((await world.view(run)).run.state).toBe('done')
  expect(await world.store.desk.touch({ ...again, round: round + 1 })).toBe('closed')
})

test('who is at a step stands on it, and the last one who said so counts', async () => {
  const world = createWorld()
  world.plans([ask('on')])
  const run = await world.asked()
  await world.engine().carry(run)
  const { round = 0 } = (await world.view(run)).steps[0] ?? {}
  for (const by of [rita, marco])
    await world.store.desk.touch({ kind: 'take', run, step: 'on', round, by, at: new Date() })
  expect((await world.view(run)).steps[0]?.taken?.by).toEqual(marco)
})

test('what an answer brings is the output of its ask', async () => {
  const world = createWorld()
  world.plans([ask('which', 1), act('use', { with: { what: { from: 'which', field: 'pick' } } })])
  const run = await world.asked()
  const engine = world.engine()
  await engine.carry(run)
  const view = await world.view(run)
  const { round = 0 } = view.steps[0] ?? {}
  const digest = view.run.plan?.digest ?? ''
  await world.store.desk.answer({
    ...{ run, step: 'which', round, digest, person: marco, answer: 'approve', reason: '', at: new Date() },
    data: { pick: 'blue' },
  })
  await engine.carry(run)
  expect(world.done()).toEqual(['blue'])
})

test('an ask of a guide that nobody answers in time is a warning, and the rest goes on', async () => {
  const world = createWorld()
  world.plans([ask('on', 1, { onFailure: 'warn', expires: 1_000 }), look('after')])
  const run = await world.asked()
  const engine = world.engine()
  await engine.carry(run)
  world.clock.ahead(2_000)
  await engine.carry(run)
  expect(await world.states(run)).toMatchObject({ on: 'warned' })
  expect((await world.view(run)).run.state).toBe('done')
})
