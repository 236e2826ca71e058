// How long a run stands still when the process that carries it is killed, and whether one that is only slow is left alone.
// `--quick` is for development: fewer kills.
import { setTimeout as pause } from 'node:timers/promises'
import { silentLog } from '../../src/log.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { type EngineWorker, startEngineWorker, type WorkerSays } from '../support/engine-worker-words.js'
import { benchDatabase } from './parts/bench-database.js'
import { percentile, printFigures } from './parts/figures.js'
import { orderFor } from './parts/step-plan.js'

const quick = process.argv.includes('--quick')
const size = quick ? { kills: 10, blocks: 1 } : { kills: 100, blocks: 3 }
const blockMs = 10_000
const alive = 3

const database = await benchDatabase()
const store = await openStore({ ownerUrl: database.url, log: silentLog })
const workers = new Set<EngineWorker>()
try {
  for (let number = 0; number < alive; number++) workers.add(await start())
  const times: number[] = []
  for (let number = 0; number < size.kills; number++) times.push(await killed(number))
  console.log(`${times.length} kills: ${times.map((ms) => ms.toFixed(0)).join(' ')} ms`)
  let falseTakeovers = 0
  for (let number = 0; number < size.blocks; number++) falseTakeovers += await blocked(number)
  printFigures('resume', {
    'p50-ms': percentile(times, 0.5),
    'p99-ms': percentile(times, 0.99),
    'max-ms': Math.max(...times),
    'false-takeovers': falseTakeovers,
  })
} finally {
  await Promise.all([...workers].map((worker) => worker.kill()))
  await store.close()
  await database.stop()
}

function start(): Promise<EngineWorker> {
  return startEngineWorker({ databaseUrl: database.url, takeOver: true })
}

/** From the kill to the commit of the new epoch's first write, in ms. */
async function killed(number: number): Promise<number> {
  const { run, worker, epoch } = await held(`kill-${number}`)
  const resumed = nextEpoch(store, run, epoch)
  // Anywhere between two looks of the survivors.
  await pause((number * 37) % 250)
  const at = performance.now()
  const dead = worker.kill()
  workers.delete(worker)
  const ms = (await resumed) - at
  await dead
  while ((await store.desk.view(run))?.run.state !== 'done') await pause(10)
  workers.add(await start())
  return ms
}

/** How often a worker whose event loop stands still for ten seconds loses its run. */
async function blocked(number: number): Promise<number> {
  const { run, worker, epoch } = await held(`block-${number}`)
  worker.tell({ blockMs })
  await worker.says((said): said is { blocked: number } => 'blocked' in said)
  worker.heard.splice(0)
  const after = (await store.desk.view(run))?.run.epoch ?? 0
  await worker.kill()
  workers.delete(worker)
  workers.add(await start())
  return after === epoch ? 0 : 1
}

/** A run inside its step, and who holds it. */
async function held(environment: string): Promise<{ run: number; worker: EngineWorker; epoch: number }> {
  const { run } = await store.desk.submit(orderFor(environment, {}))
  const holds = (said: WorkerSays): said is { holding: number; epoch: number } =>
    'holding' in said && said.holding === run.id
  const each = [...workers].map(async (worker) => ({ worker, said: await worker.says(holds) }))
  // The others end without having held it.
  for (const one of each) one.catch(() => {})
  const { worker, said } = await Promise.race(each)
  return { run: run.id, worker, epoch: said.epoch }
}

function nextEpoch({ signals }: Store, run: number, before: number): Promise<number> {
  return new Promise((resolve) => {
    const quiet = signals.onRun((changed) => {
      if (changed.run !== run || changed.epoch === null || changed.epoch <= before) return
      quiet()
      resolve(performance.now())
    })
  })
}
