import { planIntent } from '../jobs/jobs.js'
import { createEngine } from '../runs/engine.js'
import { startWorking } from '../runs/working.js'
import type { AppParts, Ground } from './parts.js'

/** How often runs left lying are looked for: what a dead worker's run waits at most before another takes it up. */
const sweepEvery = 250
const workerConcurrency = 20

/** Carries runs until it is stopped. */
export function startWorker({ clock, log }: AppParts, { store, queue, world }: Ground) {
  const engine = createEngine({
    store,
    abilities: world.abilities,
    plan: (run) => planIntent(run.intent, world.facts()),
    wakes: queue,
    clock,
    log,
    sweepEvery,
  })
  const { signals, keepLocks } = store
  const stop = startWorking(engine, { queue, signals, keepLocks, concurrency: workerConcurrency, clock })
  return { engine, stop }
}
