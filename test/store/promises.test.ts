import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLog } from '../../src/log.js'
import type { Claim } from '../../src/runs/ports.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { ask, claimed, order, person, plan, step } from './orders.js'

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

test('the same request key makes one run, even when it comes twenty times at once', async () => {
  const same = order()
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? one : two).desk.submit(same)))
  expect(new Set(answers.map(({ run }) => run.id)).size).toBe(1)
  expect(answers.filter(({ fresh }) => fresh)).toHaveLength(1)
  const later = await one.desk.submit({ ...same, via: 'terminal' })
  expect(later).toMatchObject({ fresh: false, run: { via: 'slack' } })
  expect((await one.audit.of(later.run.id)).map(({ act }) => act)).toEqual(['asked for a run'])
})

test('run numbers have no gaps where requests were repeated', async () => {
  const first = order()
  const { run } = await one.desk.submit(first)
  await one.desk.submit(first)
  await one.desk.submit(first)
  expect((await one.desk.submit(order())).run.id).toBe(run.id + 1)
})

test('two runs never hold one lock, in 200 tries at the same moment', async () => {
  const shared = ['shop/prod', 'database/main']
  const pair = await Promise.all([one, two].map((store) => contender(store, shared)))
  for (let round = 0; round < 200; round++) {
    const results = await Promise.all(pair.map(({ store, claim }) => store.runs.lock(claim)))
    const winners = pair.filter((_, n) => results[n]?.ok)
    expect(winners).toHaveLength(1)
    const loser = results.find((result) => !result.ok)
    expect(loser).toMatchObject({ holder: { run: winners[0]?.claim.run } })
    const held = (await one.locks.holders()).filter(({ resource }) => shared.includes(resource))
    expect(held.map(({ run }) => run)).toEqual([winners[0]?.claim.run, winners[0]?.claim.run])
    // A new plan lets go of the locks.
    await winners[0]?.store.runs.write(winners[0].claim, { plan: { plan: plan([step('a')]), changes: [] } })
  }
}, 60_000)

async function contender(store: Store, resources: string[]): Promise<{ store: Store; claim: Claim }> {
  const { run } = await store.desk.submit(order({ resources: [...resources].reverse() }))
  return { store, claim: await claimed(store, run.id) }
}

describe('an open ask', () => {
  async function opened() {
    const { run } = await one.desk.submit(order())
    const claim = await claimed(one, run.id)
    const made = plan([ask('approve')])
    await one.runs.write(claim, { state: 'planning', plan: { plan: made, changes: [] } })
    const deadline = new Date(Date.now() + 60_000)
    await one.runs.write(claim, { state: 'waiting', steps: [{ key: 'approve', state: 'waiting', deadline }] })
    await one.runs.release(claim)
    const words = { answer: 'approve', reason: '', digest: made.digest, at: new Date() }
    return { run: run.id, step: 'approve', round: 1, ...words }
  }

  test('counts each person once under 50 clicks at the same moment', async () => {
    const answer = await opened()
    const people = ['U2', 'U3', 'U4', 'U5', 'U6'].map(person)
    const clicks = Array.from({ length: 50 }, (_, n) =>
      (n % 2 ? one : two).desk.answer({ ...answer, person: people[n % 5] ?? person('U9') }),
    )
    const results = await Promise.all(clicks)
    expect(results.filter(({ accepted }) => accepted)).toHaveLength(5)
    const others = results.flatMap((result) => (result.accepted ? [] : [result.why]))
    expect(new Set(others)).toEqual(new Set(['already answered']))
    const view = await one.desk.view(answer.run)
    expect(view?.answers.map(({ person: { id } }) => id).sort()).toEqual(['U2', 'U3', 'U4', 'U5', 'U6'])
    expect((await one.audit.of(answer.run)).filter(({ act }) => act === 'answered')).toHaveLength(5)
  })

  test('says what is so to a click on something else', async () => {
    const answer = { ...(await opened()), person: person('U2') }
    const why = async (more: object) => {
      const result = await one.desk.answer({ ...answer, ...more })
      return result.accepted ? 'accepted' : result.why
    }
    expect(await why({ step: 'nothing' })).toBe('no such step')
    expect(await why({ run: 999_999 })).toBe('no such step')
    expect(await why({ digest: 'another' })).toBe('other plan')
    expect(await why({ round: 2 })).toBe('other round')
    expect(await why({ at: new Date(Date.now() + 120_000) })).toBe('closed')
    expect(await why({})).toBe('accepted')
    expect(await why({})).toBe('already answered')
  })

  test('makes its run due, and it stays due until a worker has looked and let go', async () => {
    const answer = { ...(await opened()), person: person('U2') }
    expect(await one.runs.due(new Date())).not.toContain(answer.run)
    await one.desk.answer(answer)
    expect(await two.runs.due(new Date())).toContain(answer.run)
    const claim = await claimed(two, answer.run)
    expect(await one.runs.due(new Date())).not.toContain(answer.run)
    await two.runs.release(claim)
    expect(await two.runs.due(new Date())).not.toContain(answer.run)
  })

  test('that was answered while a worker carried the run is not overlooked', async () => {
    const answer = { ...(await opened()), person: person('U2') }
    const claim = await claimed(two, answer.run)
    await two.runs.load(answer.run)
    await one.desk.answer(answer)
    await two.runs.write(claim, { state: 'waiting', wakeAt: new Date(Date.now() + 60_000) })
    await two.runs.release(claim)
    expect(await one.runs.due(new Date())).toContain(answer.run)
  })
})

test('a stop is asked for once, and makes the run due', async () => {
  const { run } = await one.desk.submit(order())
  const at = new Date()
  const asked = await Promise.all([1, 2, 3].map(() => one.desk.requestStop(run.id, person('U2'), 'wrong version', at)))
  expect(asked.filter(Boolean)).toHaveLength(1)
  expect((await one.desk.view(run.id))?.run.stopRequested).toEqual({ by: person('U2'), reason: 'wrong version', at })
  const claim = await claimed(one, run.id)
  await one.runs.write(claim, { ended: { state: 'stopped', reason: null, at } })
  await one.runs.release(claim)
  expect(await one.desk.requestStop(run.id, person('U3'), 'late', at)).toBe(false)
})

test('whatever two workers write in whatever order, the older claim never lands after the newer one exists', async () => {
  const moves = fc.array(fc.constantFrom('one writes', 'two writes', 'hand over'), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(moves, async (sequence) => {
      const { run } = await one.desk.submit(order())
      const claims: { store: Store; claim: Claim }[] = [{ store: one, claim: await claimed(one, run.id) }]
      const handOver = async () => {
        const now = claims.at(-1)
        if (!now) return
        await now.store.runs.release(now.claim)
        const store = now.store === one ? two : one
        claims.push({ store, claim: await claimed(store, run.id) })
      }
      await handOver()
      for (const [n, move] of sequence.entries()) {
        if (move === 'hand over') await handOver()
        const mine = claims.filter(({ store }) => store === (move === 'one writes' ? one : two))
        for (const { store, claim } of move === 'hand over' ? [] : mine) {
          const newest = claim === claims.at(-1)?.claim
          const written = await store.runs.write(claim, { reason: { code: `${n}`, text: `epoch ${claim.epoch}` } })
          expect(written).toBe(newest)
        }
      }
      const last = claims.at(-1)
      if (last) await last.store.runs.release(last.claim)
    }),
    { numRuns: 40 },
  )
})
