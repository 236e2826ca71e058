import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { silentLog } from '../../src/log.js'
import type { LockNotice } from '../../src/runs/telling.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { waitFor } from '../support/wait-for.js'
import { holds, letsGo, order, person } from './orders.js'

let database: TestDatabase
let store: Store
let other: Store

beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  other = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
})
afterAll(async () => {
  await Promise.all([store?.close(), other?.close()])
  await database?.drop()
})

const place = () => `shop/keep-${Math.random()}`
const minutes = (count: number, from = Date.now()) => new Date(from + count * 60_000)

async function notices(resource: string): Promise<{ to: object; environment: string; notice: LockNotice }[]> {
  const posts = await store.telling.pendingPosts(new Date(), 1_000)
  return posts.flatMap(({ to, environment, notice }) =>
    notice?.resources.includes(resource) ? [{ to, environment, notice }] : [],
  )
}
const kinds = async (resource: string) => (await notices(resource)).map(({ notice }) => notice.kind)
const acts = async () => (await store.audit.of(0)).map(({ act }) => act)

test('a lock that runs out ends: once in the trail, once in the channel, however many look after it', async () => {
  const resource = place()
  await holds(store, resource, 'U2', 'exam week', minutes(60))
  const before = (await acts()).length
  await Promise.all([store, other, store, other].map(({ locks }) => locks.tend(minutes(61))))
  expect((await store.locks.holders()).map((lock) => lock.resource)).not.toContain(resource)
  expect((await acts()).slice(before)).toEqual(['a lock ended'])
  expect((await store.audit.verify(0)).broken).toEqual([])
  expect(await notices(resource)).toEqual([
    {
      to: { kind: 'channel' },
      environment: resource.split('/')[1],
      notice: expect.objectContaining({ kind: 'lock ended', holder: person('U2'), reason: 'exam week' }),
    },
  ])
})

test('its holder is told once that it ends soon, and again only when the end was moved', async () => {
  const resource = place()
  const end = minutes(60)
  await holds(store, resource, 'U2', 'exam week', end)
  const tend = (at: Date) => Promise.all([store, other].map(({ locks }) => locks.tend(at)))
  await tend(minutes(49))
  expect(await kinds(resource)).toEqual([])
  await tend(minutes(51))
  await tend(minutes(52))
  expect(await kinds(resource)).toEqual(['lock ending'])
  await holds(store, resource, 'U2', 'exam week', minutes(120))
  await tend(minutes(111))
  expect(await kinds(resource)).toEqual(['lock ending', 'lock ending'])
  await letsGo(store, resource, 'U2')
  await tend(minutes(121))
  expect(await kinds(resource)).toEqual(['lock ending', 'lock ending'])
})

test('a lock that is over in a moment, or never, is not announced', async () => {
  const [short, endless] = [place(), place()]
  await holds(store, short, 'U2', 'short', minutes(3))
  await holds(store, endless, 'U2', 'endless')
  await store.locks.tend(minutes(2.9))
  expect([...(await kinds(short)), ...(await kinds(endless))]).toEqual([])
  await letsGo(store, short, 'U2')
  await letsGo(store, endless, 'U2')
})

test('locks that were taken together end together, in one line', async () => {
  const resources = [place(), place()].sort()
  const lock = {
    resources,
    environment: 'prod',
    by: person('U2'),
    reason: 'both',
    at: new Date(),
    expires: minutes(30),
  }
  await store.locks.hold(lock)
  await store.locks.tend(minutes(31))
  const told = await notices(resources[0] ?? '')
  expect(told.map(({ environment, notice }) => [environment, notice.kind, notice.resources])).toEqual([
    ['prod', 'lock ended', resources],
  ])
})

test('is handed over with its reason and its end; both are told, and the trail has both', async () => {
  const resource = place()
  const end = minutes(60)
  await holds(store, resource, 'U2', 'exam week', end)
  const act = { resources: [resource], holders: { [resource]: 'U2' }, to: person('U3'), at: new Date() }
  expect(await store.locks.handOver({ ...act, by: person('U9') })).toMatchObject({
    ok: true,
    locks: [{ by: person('U3'), reason: 'exam week', expires: end, run: null }],
  })
  expect((await notices(resource)).map(({ to, notice }) => [to, notice.kind])).toEqual([
    [{ kind: 'person', person: 'U3' }, 'lock handed over'],
    [{ kind: 'person', person: 'U2' }, 'lock handed over'],
  ])
  expect((await store.audit.of(0)).at(-1)).toMatchObject({
    actor: { id: 'U9' },
    act: 'handed over a lock',
    subject: { resources: [resource], holders: ['U2'], to: 'U3' },
  })
  expect(await store.locks.handOver({ ...act, by: person('U2') })).toMatchObject({
    ok: false,
    inTheWay: [{ resource }],
  })
  await letsGo(store, resource, 'U3')
})

test('whose lock somebody else ends is told by whom and why; who ends the own hears nothing', async () => {
  const [own, foreign] = [place(), place()]
  await holds(store, own, 'U2', 'mine')
  await holds(store, foreign, 'U2', 'mine')
  await letsGo(store, own, 'U2')
  const holders = { [foreign]: 'U2' }
  await store.locks.letGo({ resources: [foreign], holders, by: person('U3'), reason: 'he is away', at: new Date() })
  expect(await kinds(own)).toEqual([])
  expect(await notices(foreign)).toMatchObject([
    { to: { person: 'U2' }, notice: { kind: 'lock cleared', by: person('U3'), why: 'he is away', reason: 'mine' } },
  ])
  expect(await letsGo(store, foreign, 'U5')).toEqual({ ok: true, locks: [] })
})

test('the keeper ends a lock at its moment and calls who waits, with nobody looking', async () => {
  const resource = place()
  const stop = new AbortController()
  const keeping = store.keepLocks(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await keeping
  })
  const { run } = await store.desk.submit(order({ resources: [resource] }))
  const heard: number[] = []
  onTestFinished(other.signals.onTurn(({ run }) => heard.push(run)))
  // The keeper sleeps already: it has to hear of the new end.
  await systemClock.sleep(20)
  await holds(other, resource, 'U2', 'short', new Date(Date.now() + 300))
  await waitFor('the run is called', () => heard.includes(run.id))
  expect((await store.locks.holders()).map((lock) => lock.resource)).not.toContain(resource)
})
