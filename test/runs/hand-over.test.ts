import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../src/clock.js'
import { silentLog } from '../../src/log.js'
import { defineAction, gatherAbilities } from '../../src/runs/abilities.js'
import { createEngine } from '../../src/runs/engine.js'
import { startWorking } from '../../src/runs/working.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { holds, letsGo, order } from '../store/orders.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { shortPlan } from '../support/lines/short-plan.js'
import { waitFor } from '../support/wait-for.js'

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

/** A worker that never looks around and has no queue: all it hears is whose turn it is. */
async function deafWorker() {
  const own = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  const acted: number[] = []
  const act = defineAction({
    name: 'world.act',
    input: z.object({ ms: z.number() }),
    fence: 'key',
    run: async (_input, { run }) => {
      acted.push(run)
      return { evidence: { summary: 'acted' } }
    },
  })
  const engine = createEngine({
    store: own,
    abilities: gatherAbilities([], [act]),
    plan: async (run) => shortPlan(run),
    wakes: { wake: async () => {} },
    clock: systemClock,
    log: silentLog,
    sweepEvery: 3_600_000,
  })
  const { signals, keepLocks } = own
  const stop = startWorking(engine, {
    queue: { work: () => {} },
    signals,
    keepLocks,
    concurrency: 1,
    clock: systemClock,
  })
  onTestFinished(async () => {
    await stop()
    await own.close()
  })
  return { engine, acted }
}

const ask = async (...resources: string[]) => (await store.desk.submit(order({ resources }))).run.id
const ended = (run: number) =>
  waitFor(`#${run} is done`, async () => (await store.desk.view(run))?.run.state === 'done')

test('a line is carried from end to end by notifications alone, over two workers, with no sweep and no queue', async () => {
  const [one, two] = [await deafWorker(), await deafWorker()]
  const resource = `shop/line-${Math.random()}`
  const other = `shop/other-${Math.random()}`
  const runs = [
    await ask(resource),
    await ask(resource, other),
    await ask(other),
    await ask(resource),
    await ask(resource),
  ]
  await one.engine.carry(runs[0] ?? 0)
  for (const run of runs) await ended(run)
  expect([...one.acted, ...two.acted].sort((a, b) => a - b)).toEqual(runs)
})

test('a lock held by hand that is let go, or ends, hands over in the same way', async () => {
  await deafWorker()
  const [freed, over] = [`shop/freed-${Math.random()}`, `shop/over-${Math.random()}`]
  await holds(store, freed, 'U2', 'look')
  await holds(store, over, 'U2', 'look', new Date(Date.now() + 200))
  const [first, second] = [await ask(freed), await ask(over)]
  await ended(second)
  expect((await store.desk.view(first))?.run.state).toBe('queued')
  await letsGo(store, freed, 'U2')
  await ended(first)
})
