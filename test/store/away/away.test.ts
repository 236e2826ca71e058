import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '../../../src/log.js'
import { openStore, type Store } from '../../../src/store/connect.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'
import { order } from '../orders.js'

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

const noon = new Date('2026-03-02T12:00:00Z')
const rita = { kind: 'person', id: 'U0RITA', name: 'Rita', memberList: noon.toISOString() } as const

test('the member list is kept, and an older one never replaces a newer', async () => {
  expect(await store.memberLists.last()).toBeNull()
  const list = { team: 'T0', readAt: noon, people: [{ id: 'U0RITA', name: 'Rita' }], groups: { admins: ['U0RITA'] } }
  await store.memberLists.keep(list)
  await store.memberLists.keep({ ...list, readAt: new Date('2026-03-02T11:00:00Z'), people: [] })
  expect(await store.memberLists.last()).toEqual(list)
})

test('who took over, why and by which member list stands on the run, in its thread and in its chain', async () => {
  const { run } = await store.desk.submit(order())
  await store.takeovers.begun(rita, 'both machines are gone', [run.id], noon)
  await store.takeovers.ended(rita, [{ run: run.id, state: 'done' }], noon)
  const view = await store.desk.view(run.id)
  expect(view?.run.takenOver).toEqual({ by: rita, reason: 'both machines are gone', at: noon })
  const posts = (await store.telling.pendingPosts(noon, 100)).filter((post) => post.run === run.id)
  expect(posts.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^Rita carries this on .*both machines are gone$/),
  ])
  const last = (await store.audit.of(run.id)).at(-1)
  expect(last).toMatchObject({ act: 'took it over', actor: { id: 'U0RITA', memberList: rita.memberList } })
  expect(JSON.stringify(last)).not.toContain('machines')
  const outside = (await store.audit.of(0)).map(({ act }) => act)
  expect(outside).toEqual(['began a takeover', 'ended a takeover'])
  expect((await store.audit.verify()).broken).toEqual([])
})

test('a worker is seen from the moment it stands by, with the runs it carries, and no longer once it is gone', async () => {
  const worker = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  await worker.standBy()
  expect(await store.takeovers.workers()).toMatchObject([{ runs: [] }])
  const { run } = await store.desk.submit(order())
  await worker.runs.claim(run.id)
  expect(await store.takeovers.workers()).toMatchObject([{ runs: [run.id] }])
  expect(await store.runs.claim(run.id)).toBeNull()
  await worker.close()
  const left = (await store.takeovers.workers()).filter(({ runs }) => runs.includes(run.id))
  expect(left).toEqual([])
})

test('vital signs are read only after a row was written', async () => {
  const signs = await store.vitalSigns(noon)
  expect(signs.untold.cards).toBeGreaterThan(0)
  expect(signs.untold.since).toBeInstanceOf(Date)
})
