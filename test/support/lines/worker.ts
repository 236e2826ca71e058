// A worker in a process of its own, joined as the application joins it: it carries runs of one short act, until killed.
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import { openQueue } from '../../../src/queue/queue.js'
import { defineAction, gatherAbilities } from '../../../src/runs/abilities.js'
import { createEngine } from '../../../src/runs/engine.js'
import { startWorking } from '../../../src/runs/working.js'
import { openStore } from '../../../src/store/connect.js'
import { shortPlan, type Task } from './short-plan.js'

const { databaseUrl, redisUrl, sweepEvery }: Task = JSON.parse(process.argv[2] ?? '{}')

const act = defineAction({
  name: 'world.act',
  input: z.object({ ms: z.number() }),
  fence: 'key',
  run: async ({ ms }, { signal }) => {
    await pause(ms, undefined, { signal })
    return { evidence: { summary: 'acted' } }
  },
})
const store = await openStore({ ownerUrl: databaseUrl, log: silentLog })
const queue = await openQueue({ databaseUrl, redisUrl, log: silentLog })
const engine = createEngine({
  store,
  abilities: gatherAbilities([], [act]),
  plan: async (run) => shortPlan(run),
  wakes: queue,
  clock: systemClock,
  log: silentLog,
  sweepEvery,
})
const { signals, keepLocks } = store
startWorking(engine, { queue, signals, keepLocks, concurrency: 20, clock: systemClock })
process.once('disconnect', () => process.exit(0))
process.stdout.write('ready\n')
