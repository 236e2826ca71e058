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
import { atFullSize } from '../support/parts.js'
import { waitFor } from '../support/wait-for.js'
import { createGenerationWorld, fencingViolations } from './fencing.js'

let database: TestDatabase
let store: Store
let world: Awaited<ReturnType<typeof createGenerationWorld>>

beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  world = await createGenerationWorld(database.url)
})
afterAll(async () => {
  await store?.close()
  await world?.close()
  await database?.drop()
})

async function worker(more: Partial<WorkerTask> = {}): Promise<EngineWorker> {
  const started = await startEngineWorker({ databaseUrl: database.url, acts: true, ...more })
  onTestFinished(started.kill)
  return started
}

/** A minute, as it is shipped, at full size. */
const hungAfterMs = atFullSize('zombie-worker') ? 60_000 : 3_000

const holds =
  (run: number, after = 0) =>
  (said: WorkerSays): said is { holding: number; epoch: number } =>
    'holding' in said && said.holding === run && said.epoch > after

async function asked(): Promise<number> {
  return (await store.desk.submit(order())).run.id
}

const stateOf = async (run: number) => (await store.desk.view(run))?.run.state
const ended = (run: number) => waitFor('the run is done', async () => (await stateOf(run)) === 'done')

test('a frozen worker is taken over after the limit, writes nothing when it wakes, and then works again', async () => {
  const frozen = await worker({ hungAfterMs })
  const run = await asked()
  const { epoch } = await frozen.says(holds(run))
  const other = await worker({ hungAfterMs })
  frozen.signal('SIGSTOP')
  const taken = await other.says(holds(run, epoch))
  frozen.signal('SIGCONT')
  expect(await frozen.says(isAborted)).toEqual({ aborted: run, epoch })
  other.tell({ finish: true })
  await ended(run)

  const { written, done } = await world.history(run)
  expect(fencingViolations({ written, done })).toEqual([])
  expect(new Set(written.map((row) => row.epoch))).toEqual(new Set([epoch, taken.epoch]))
  expect(done.some((act) => act.epoch === taken.epoch && act.accepted)).toBe(true)
  expect((await store.audit.verify(run)).broken).toEqual([])

  await other.kill()
  const next = await asked()
  await frozen.says(holds(next))
  frozen.tell({ finish: true })
  await ended(next)
})

/** One worker freezes right before its act, another takes over and has not acted yet, and the first one wakes. */
async function wokenRightBeforeItsAct(more: Partial<WorkerTask>) {
  const frozen = await worker({ hungAfterMs, freezes: true })
  const run = await asked()
  const { epoch } = await frozen.says(holds(run))
  const other = await worker({ hungAfterMs, patient: true, ...more })
  const taken = await other.says(holds(run, epoch))
  frozen.signal('SIGCONT')
  const late = await waitFor('the woken worker acts', async () => (await world.history(run)).done[0])
  other.tell({ finish: true })
  await ended(run)
  return { late, epoch, taken: taken.epoch, history: await world.history(run) }
}

test('a worker frozen right before its act is refused when it wakes, for the one that took over said so first', async () => {
  const { late, epoch, taken, history } = await wokenRightBeforeItsAct({})
  expect(late).toEqual({ epoch, accepted: false, late: true })
  expect(history.done.filter(({ accepted }) => accepted).map((act) => act.epoch)).toEqual([taken])
  expect(fencingViolations(history)).toEqual([])
})

test('the checker sees that act when the one that takes over does not say so', async () => {
  const { epoch, history } = await wokenRightBeforeItsAct({ mute: true })
  expect(fencingViolations(history)).toEqual([
    `the world took an act of epoch ${epoch} after a newer worker had written`,
  ])
})

test('a worker that loses the session of its claims aborts its calls, and the run goes on under a new epoch', async () => {
  const cut = await worker()
  const run = await asked()
  const { epoch } = await cut.says(holds(run))
  await world.client.query(`select pg_terminate_backend(l.pid) from pg_locks l
    join shipmate.runs r on r.carrier = l.objid::bigint and r.id = ${run}
    where l.locktype = 'advisory' and l.classid = 1936222576
      and l.database = (select oid from pg_database where datname = current_database())`)
  expect(await cut.says(isAborted)).toEqual({ aborted: run, epoch })
  await cut.says(holds(run, epoch))
  cut.tell({ finish: true })
  await ended(run)
  expect(fencingViolations(await world.history(run))).toEqual([])
})

test('the checker sees a late write and a late act, and nothing where an older worker was refused', () => {
  const written = [
    { position: 1, epoch: 5 },
    { position: 2, epoch: 9 },
  ]
  const done = [
    { epoch: 5, accepted: true, late: false },
    { epoch: 9, accepted: true, late: false },
    { epoch: 5, accepted: false, late: true },
  ]
  expect(fencingViolations({ written, done })).toEqual([])
  expect(fencingViolations({ written: [...written, { position: 3, epoch: 5 }], done })).toEqual([
    'epoch 5 wrote row 3 after a newer one',
  ])
  expect(fencingViolations({ written, done: [...done, { epoch: 5, accepted: true, late: true }] })).toEqual([
    'the world took an act of epoch 5 after one of a newer epoch',
    'the world took an act of epoch 5 after a newer worker had written',
  ])
})

test('the checker sees what is planted in real rows', async () => {
  const one = await worker()
  const run = await asked()
  const { epoch } = await one.says(holds(run))
  one.tell({ finish: true })
  await ended(run)
  expect(fencingViolations(await world.history(run))).toEqual([])
  await world.client.query(
    `insert into public.acts (run, epoch, accepted, late) values (${run}, ${epoch - 1}, true, true)`,
  )
  expect(await world.history(run).then(fencingViolations)).not.toEqual([])
})
