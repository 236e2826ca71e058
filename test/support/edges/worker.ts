// A worker in a process of its own that carries one run and kills itself, with SIGKILL, at one edge of one step.
import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import { createEngine } from '../../../src/runs/engine.js'
import type { RunChange, RunStore } from '../../../src/runs/ports.js'
import { isEnded } from '../../../src/runs/step.js'
import { openStore } from '../../../src/store/connect.js'
import { openWorld } from '../world.js'
import { type EdgePlan, edgePlan } from './plans.js'
import { type Edge, edgeAbilities } from './world.js'

export type EdgeTask = { run: number; plan: EdgePlan; step: string; edge: Edge }

const databaseUrl = process.argv[2] ?? ''
const world = openWorld(databaseUrl)
const store = await openStore({ ownerUrl: databaseUrl, log: silentLog })

async function diesAt({ run, step, edge }: EdgeTask, here: { run: number; step: string; edge: Edge }): Promise<void> {
  if (here.run !== run || here.step !== step || here.edge !== edge) return
  process.kill(process.pid, 'SIGKILL')
  await new Promise(() => {})
}

function mortal(runs: RunStore, task: EdgeTask): RunStore {
  const at = async (change: RunChange, when: 'before' | 'when') => {
    for (const { key, state } of change.steps ?? []) {
      const what = state === 'running' ? 'beginning' : state && isEnded(state) ? 'end' : null
      if (what) await diesAt(task, { run: task.run, step: key, edge: `${when} its ${what} is written` })
    }
  }
  return {
    ...runs,
    write: async (claim, change) => {
      await at(change, 'before')
      const written = await runs.write(claim, change)
      await at(change, 'when')
      return written
    },
  }
}

process.once('message', async (task: EdgeTask) => {
  const engine = createEngine({
    store: { ...store, runs: mortal(store.runs, task) },
    abilities: edgeAbilities(world, (run, step, edge) => diesAt(task, { run, step, edge })),
    plan: async () => edgePlan(task.plan),
    wakes: { wake: async () => {} },
    clock: systemClock,
    log: silentLog,
    sweepEvery: 1_000,
  })
  await engine.carry(task.run)
  // It did not come by that edge.
  process.exit(3)
})
process.once('disconnect', () => process.exit(0))
process.send?.('ready')
