import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../src/log.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { waitFor } from '../support/wait-for.js'
import { claimed, holds, letsGo, order, person, plan, step } from './orders.js'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
})
afterAll(async () => {
  await store?.close()
  await database?.drop()
})

/** Runs in one line of their own, with these priorities. */
async function line(...priorities: number[]): Promise<{ resource: string; runs: number[] }> {
  const resource = `shop/line-${Math.random()}`
  const runs: number[] = []
  for (const priority of priorities)
    runs.push((await store.desk.submit(order({ resources: [resource], priority }))).run.id)
  return { resource, runs }
}

const ahead = async (runs: number[]) => Promise.all(runs.map(async (run) => (await store.desk.view(run))?.run.ahead))
const dueOf = async (runs: number[]) => (await store.runs.due(new Date())).filter((run) => runs.includes(run))

function turns(): number[] {
  const heard: number[] = []
  onTestFinished(store.signals.onTurn(({ run }) => heard.push(run)))
  return heard
}

async function end(run: number): Promise<void> {
  const claim = await claimed(store, run)
  await store.runs.write(claim, { ended: { state: 'done', reason: null, at: new Date() } })
  await store.runs.release(claim)
}

describe('a line', () => {
  test('is in the order of asking, and moves up when its head ends', async () => {
    const { runs } = await line(0, 0, 0)
    expect(await ahead(runs)).toEqual([0, 1, 2])
    expect(await dueOf(runs)).toEqual([runs[0]])
    const heard = turns()
    await end(runs[0] ?? 0)
    expect(await ahead(runs)).toEqual([0, 0, 1])
    await waitFor('the next one is told', () => heard.includes(runs[1] ?? 0))
    expect(heard).not.toContain(runs[2])
  })

  test('lets a higher priority go first, but not past one that holds the locks', async () => {
    const { runs } = await line(0, 0)
    const [first = 0] = runs
    const resources = (await store.desk.view(first))?.run.resources ?? []
    const claim = await claimed(store, first)
    expect((await store.runs.lock(claim)).ok).toBe(true)
    const rollback = (await store.desk.submit(order({ resources, priority: 1 }))).run.id
    expect(await ahead([...runs, rollback])).toEqual([1, 2, 1])
    await store.runs.release(claim)
    await end(first)
    expect(await ahead([...runs, rollback])).toEqual([0, 1, 0])
  })

  test('keeps an earlier run of the same priority before, even while it only waits for people', async () => {
    const { runs, resource } = await line(0, 0)
    const claim = await claimed(store, runs[0] ?? 0)
    await store.runs.write(claim, { plan: { plan: plan([step('a')]), changes: [] }, state: 'waiting' })
    await store.runs.release(claim)
    expect(await ahead(runs)).toEqual([0, 1])
    const rollback = (await store.desk.submit(order({ resources: [resource], priority: 1 }))).run.id
    expect(await ahead([...runs, rollback])).toEqual([1, 2, 0])
  })

  test('is crossed by runs that share only one of their resources', async () => {
    const { resource, runs } = await line(0)
    const both = (await store.desk.submit(order({ resources: ['elsewhere', resource] }))).run.id
    expect(await ahead([...runs, both])).toEqual([0, 1])
  })
})

describe('a run that was refused its lock', () => {
  async function waiting(run: number): Promise<void> {
    const claim = await claimed(store, run)
    expect(await store.runs.lock(claim)).toMatchObject({ ok: false })
    await store.runs.write(claim, { state: 'waiting', wakeAt: null, reason: { code: 'lock-held', text: 'waits' } })
    await store.runs.release(claim)
  }

  test('is told when a lock held by hand is let go, and is not due before', async () => {
    const { resource, runs } = await line(0)
    const [run = 0] = runs
    await holds(store, resource, 'U2', 'looking at the database')
    await waiting(run)
    expect(await dueOf(runs)).toEqual([])
    const heard = turns()
    await letsGo(store, resource, 'U2')
    await waitFor('it is told', () => heard.includes(run))
    expect(await dueOf(runs)).toEqual([run])
    await end(run)
  })

  test('is due when the lock held by hand has expired, and can take it', async () => {
    const { resource, runs } = await line(0)
    const [run = 0] = runs
    await holds(store, resource, 'U2', 'a minute', new Date(Date.now() + 60_000))
    await waiting(run)
    expect(await store.runs.due(new Date(Date.now() + 61_000))).toContain(run)
    await end(run)
  })

  test('is told at once when the lock was let go before it said that it waits', async () => {
    const { resource, runs } = await line(0)
    const [run = 0] = runs
    await holds(store, resource, 'U2', 'short')
    const claim = await claimed(store, run)
    expect(await store.runs.lock(claim)).toMatchObject({ ok: false, holder: { by: person('U2'), reason: 'short' } })
    await letsGo(store, resource, 'U2')
    const heard = turns()
    await store.runs.write(claim, { state: 'waiting', wakeAt: null, reason: { code: 'lock-held', text: 'waits' } })
    await waitFor('it is told', () => heard.includes(run))
    await store.runs.release(claim)
    await end(run)
  })
})

describe('a lock held by hand', () => {
  test('has one holder, who may change its reason; another person learns who that is', async () => {
    const place = `shop/hand-${Math.random()}`
    expect(await holds(store, place, 'U2', 'first')).toMatchObject({ ok: true, locks: [{ by: { id: 'U2' } }] })
    expect(await holds(store, place, 'U3', 'second')).toMatchObject({ ok: false, inTheWay: [{ by: { id: 'U2' } }] })
    expect(await holds(store, place, 'U2', 'again')).toMatchObject({ ok: true, locks: [{ reason: 'again' }] })
    expect(await letsGo(store, place, 'U2', 'U3')).toMatchObject({ ok: true, locks: [{ by: { id: 'U2' }, run: null }] })
    expect(await letsGo(store, place, 'U2', 'U3')).toEqual({ ok: true, locks: [] })
  })

  test('covers all that was named or nothing', async () => {
    const [one, two] = [`shop/one-${Math.random()}`, `shop/two-${Math.random()}`]
    await holds(store, two, 'U3', 'mine')
    const both = {
      resources: [one, two],
      environment: 'test',
      by: person('U2'),
      reason: 'both',
      at: new Date(),
      expires: null,
    }
    expect(await store.locks.hold(both)).toMatchObject({ ok: false, inTheWay: [{ resource: two }] })
    expect((await store.locks.holders()).map(({ resource }) => resource)).not.toContain(one)
    await letsGo(store, two, 'U3')
    expect(await store.locks.hold(both)).toMatchObject({ ok: true, locks: [{ resource: one }, { resource: two }] })
    expect(await letsGo(store, one, 'U2')).toMatchObject({ ok: true })
  })

  test('is never a moving run’s lock: neither taken, nor let go, nor handed over', async () => {
    const { resource, runs } = await line(0)
    const claim = await claimed(store, runs[0] ?? 0)
    await store.runs.lock(claim)
    expect(await letsGo(store, resource, 'U1', 'U2')).toEqual({ ok: true, locks: [] })
    expect(await holds(store, resource, 'U1', 'mine')).toMatchObject({ ok: false, inTheWay: [{ run: runs[0] }] })
    const act = { resources: [resource], holders: { [resource]: 'U1' }, by: person('U1'), at: new Date() }
    expect(await store.locks.handOver({ ...act, to: person('U2') })).toMatchObject({ inTheWay: [{ run: runs[0] }] })
    expect(await store.locks.holders()).toContainEqual(expect.objectContaining({ resource, run: runs[0] }))
    await store.runs.release(claim)
  })

  test('keeps runs in line from being planned only to be refused, and calls the first when it is let go', async () => {
    const { resource, runs } = await line(0, 0)
    await holds(store, resource, 'U2', 'exam week')
    expect(await dueOf(runs)).toEqual([])
    expect((await store.desk.view(runs[0] ?? 0))?.run.lockedBy).toMatchObject({ by: { id: 'U2' }, reason: 'exam week' })
    const heard = turns()
    await letsGo(store, resource, 'U2')
    await waitFor('the first is told', () => heard.includes(runs[0] ?? 0))
    expect(heard).not.toContain(runs[1])
    expect(await dueOf(runs)).toEqual([runs[0]])
  })
})
