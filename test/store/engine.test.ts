import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLog } from '../../src/log.js'
import { openQueue, type Queue } from '../../src/queue/queue.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { act, ask, createWorld, look, marco, mina } from '../runs/world.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'

let database: TestDatabase
let store: Store
let queue: Queue

beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  queue = await openQueue({ databaseUrl: database.url, log: silentLog })
})
afterAll(async () => {
  await queue.close()
  await store.close()
  await database.drop()
})

describe('the engine on PostgreSQL', () => {
  it('carries a run from the wake to its end, through an approval, and serves the new version', async () => {
    const world = createWorld({ rows: store, wakes: queue })
    world.plans([look('gate'), ask('approval', 2), act('start'), act('shift')])
    const engine = world.engine()
    queue.work({ carry: engine.carry, concurrency: 4 })
    const run = await world.asked()
    await queue.wake(run)
    await expect.poll(async () => (await world.view(run)).run.state).toBe('waiting')
    for (const person of [marco, mina]) {
      expect(await world.answers(run, 'approval', 'approve', person)).toMatchObject({ accepted: true })
      await queue.wake(run)
    }
    await expect.poll(async () => (await world.view(run)).run.state).toBe('done')
    expect(world.done()).toEqual(['start', 'shift'])
    const [serving] = await store.deployments.history('storefront', 'prod', 1)
    expect(serving).toMatchObject({ version: 'v2', run })
    expect((await store.audit.verify(run)).broken).toEqual([])
    await engine.stop()
  })

  it('finds by sweeping what nobody woke it for: a queued run, an answer, a request to stop', async () => {
    const world = createWorld({ rows: store, wakes: { wake: async () => {} } })
    world.plans([ask('approval'), act('start')])
    const engine = world.engine()
    engine.sweep()
    const run = await world.asked('swept')
    await expect.poll(async () => (await world.view(run)).run.state).toBe('waiting')
    await store.desk.requestStop(run, marco, 'not today', new Date())
    await expect.poll(async () => (await world.view(run)).run.state).toBe('stopped')
    await engine.stop()
  })

  it('lets the next in line have its turn when the one before ends', async () => {
    const world = createWorld({ rows: store, wakes: { wake: async () => {} } })
    world.plans([ask('approval'), act('start')])
    const engine = world.engine()
    engine.sweep()
    const first = await world.asked('first')
    const second = await world.asked('second')
    await expect.poll(async () => (await world.view(first)).run.state).toBe('waiting')
    expect((await world.view(second)).run).toMatchObject({ state: 'queued', ahead: 1 })
    await world.answers(first, 'approval', 'approve')
    await expect.poll(async () => (await world.view(first)).run.state).toBe('done')
    await expect.poll(async () => (await world.view(second)).run.state).toBe('waiting')
    await store.desk.requestStop(second, marco, '', new Date())
    await expect.poll(async () => (await world.view(second)).run.state).toBe('stopped')
    await engine.stop()
  })
})
