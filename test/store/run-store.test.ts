import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLog } from '../../src/log.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { claimed, order, plan, step } from './orders.js'

let database: TestDatabase
let one: Store
let two: Store

beforeAll(async () => {
  database = await freshDatabase()
  one = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  two = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
})
afterAll(async () => {
  await Promise.all([one?.close(), two?.close()])
  await database?.drop()
})

describe('a claim', () => {
  test('is given to one of two workers, and to the other after it was let go', async () => {
    const { run } = await one.desk.submit(order())
    const claim = await claimed(one, run.id)
    expect(await two.runs.claim(run.id)).toBeNull()
    expect(await one.runs.claim(run.id)).toBeNull()
    await one.runs.release(claim)
    const next = await claimed(two, run.id)
    expect(next.epoch).toBeGreaterThan(claim.epoch)
    await two.runs.release(next)
  })

  test('that was taken over cannot write any more', async () => {
    const { run } = await one.desk.submit(order())
    const old = await claimed(one, run.id)
    await one.runs.release(old)
    const fresh = await claimed(two, run.id)
    expect(await one.runs.write(old, { state: 'planning' })).toBe(false)
    expect(await two.runs.write(fresh, { state: 'planning' })).toBe(true)
    expect((await one.runs.load(run.id))?.run.state).toBe('planning')
  })

  test('of an ended run is refused', async () => {
    const { run } = await one.desk.submit(order())
    const claim = await claimed(one, run.id)
    await one.runs.write(claim, { ended: { state: 'done', reason: null, at: new Date() } })
    await one.runs.release(claim)
    expect(await one.runs.claim(run.id)).toBeNull()
    expect(await two.runs.claim(run.id)).toBeNull()
  })
})

describe('a write', () => {
  test('keeps the plan, its steps, what they became, and leaves the rest as it was', async () => {
    const { run } = await one.desk.submit(order())
    const claim = await claimed(one, run.id)
    const at = new Date('2026-03-01T10:00:00.123Z')
    await one.runs.write(claim, { state: 'planning' })
    await one.runs.write(claim, { state: 'running', plan: { plan: plan([step('a'), step('b')]), changes: [] } })
    await one.runs.write(claim, {
      startedAt: at,
      steps: [
        {
          key: 'a',
          state: 'running',
          attempt: 1,
          startedAt: at,
          deadline: at,
          progress: { done: 1, total: 2, text: 'x' },
        },
      ],
    })
    await one.runs.write(claim, {
      steps: [{ key: 'a', state: 'passed', evidence: { summary: 'ok \0 \ud800 ✓' }, progress: null, endedAt: at }],
      newSteps: [{ step: step('undo-a'), undoes: 'a' }],
    })
    const view = await one.runs.load(run.id)
    expect(view?.run).toMatchObject({ state: 'running', planRound: 1, startedAt: at, epoch: claim.epoch })
    expect(view?.run.plan?.digest).toBe(plan([step('a'), step('b')]).digest)
    expect(view?.steps.map(({ key, state, position }) => [key, state, position])).toEqual([
      ['a', 'passed', 0],
      ['b', 'pending', 1],
      ['undo-a', 'pending', 2],
    ])
    expect(view?.steps[0]).toMatchObject({
      attempt: 1,
      startedAt: at,
      deadline: at,
      endedAt: at,
      progress: null,
      round: 1,
    })
    expect(view?.steps[0]?.evidence).toEqual({ summary: 'ok \ufffd \ufffd ✓' })
    await one.runs.release(claim)
  })
})
