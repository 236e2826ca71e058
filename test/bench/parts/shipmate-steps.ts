// Our engine on our store, as the application joins them: whole runs, from the first look at them to their end.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import { defineAction, gatherAbilities } from '../../../src/runs/abilities.js'
import { createEngine } from '../../../src/runs/engine.js'
import { openStore } from '../../../src/store/connect.js'
import { takePart } from './contestant.js'
import { orderFor, planOf } from './step-plan.js'

const stepsPerRun = 250

const noOp = defineAction({
  name: 'bench.no-op',
  input: z.object({}),
  fence: 'key',
  run: async () => ({ evidence: { summary: 'done' }, output: { ok: true } }),
})
const store = await openStore({ ownerUrl: process.env.BENCH_DATABASE_URL ?? '', log: silentLog })
const engine = createEngine({
  store,
  abilities: gatherAbilities([], [noOp]),
  plan: async ({ intent }) => planOf('bench.no-op', Number(intent.input.steps)),
  wakes: { wake: async () => {} },
  clock: systemClock,
  log: silentLog,
  sweepEvery: 250,
})
engine.sweep()

takePart(async (count) => {
  for (let done = 0; done < count; done += stepsPerRun) await carried(Math.min(stepsPerRun, count - done))
})

async function carried(steps: number): Promise<void> {
  const order = orderFor(`bench-${randomUUID()}`, { steps })
  const { run } = await store.desk.submit(order)
  await engine.carry(run.id)
  const end = await store.desk.find(order.team, order.requestKey)
  if (end?.state !== 'done') throw new Error(`the run ended as ${end?.state}: ${end?.reason?.text}`)
}
