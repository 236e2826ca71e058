import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../src/log.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { order } from '../store/orders.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import {
  type EngineWorker,
  isAborted,
  startEngineWorker,
  type WorkerSays,
  type WorkerTask,
} from '../support/engine-worker-words.js'
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.js'
import { waitFor } from '../support/wait-for.js'
import { createGenerationWorld, fencingViolations } from './fencing.js'

let database: TestDatabase
let store: Store
let world: Awaited<ReturnType<typeof createGenerationWorld>>
let wire: TcpProxy
let throughWire: string

beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  world = await createGenerationWorld(database.url)
  const url = new URL(database.ownerUrl)
  wire = await createTcpProxy({ to: { host: url.hostname, port: Number(url.port) } })
  url.port = String(wire.port)
  throughWire = url.href
})
afterAll(async () => {
  await wire?.close()
  await store?.close()
  await world?.close()
  await database?.drop()
})

const hungAfterMs = 3_000

async function worker(more: Partial<WorkerTask>): Promise<EngineWorker> {
  const started = await startEngineWorker({ databaseUrl: database.url, hungAfterMs, acts: true, ...more })
  onTestFinished(started.kill)
  return started
}

const holds =
  (run: number, after = 0) =>
  (said: WorkerSays): said is { holding: number; epoch: number } =>
    'holding' in said && said.holding === run && said.epoch > after

async function heldThroughTheWire() {
  const held = await worker({ storeUrl: throughWire })
  const { run } = await store.desk.submit(order())
  const { epoch } = await held.says(holds(run.id))
  return { held, run: run.id, epoch }
}

const ended = (run: number) =>
  waitFor('the run is done', async () => (await store.desk.view(run))?.run.state === 'done')

test('a worker whose connections are reset aborts its call, and takes the run up again under a new epoch', async () => {
  const { held, run, epoch } = await heldThroughTheWire()
  wire.cut()
  expect(await held.says(isAborted)).toEqual({ aborted: run, epoch })
  await held.says(holds(run, epoch))
  held.tell({ finish: true })
  await ended(run)
  expect(fencingViolations(await world.history(run))).toEqual([])
})

test('a worker whose connections fall silent aborts its call though nobody tells it, and another one goes on', async () => {
  const { held, run, epoch } = await heldThroughTheWire()
  const other = await worker({})
  wire.stall()
  onTestFinished(wire.resume)
  expect(await held.says(isAborted)).toEqual({ aborted: run, epoch })
  // The server still believes in it: what is held back has not ended.
  expect((await store.desk.view(run))?.run.epoch).toBe(epoch)
  const { epoch: next } = await other.says(holds(run, epoch))
  wire.resume()
  other.tell({ finish: true })
  await ended(run)
  const history = await world.history(run)
  expect(fencingViolations(history)).toEqual([])
  expect(new Set(history.written.map((row) => row.epoch))).toEqual(new Set([epoch, next]))
})
