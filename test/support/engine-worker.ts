// A worker in a process of its own. It sweeps for runs and carries them; its one action holds on, acting on a world that
// compares generations, until the worker is killed, frozen or told to finish. `takeOver`: it finishes what another began.
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { systemClock } from '../../src/clock.js'
import { silentLog } from '../../src/log.js'
import { defineAction, gatherAbilities } from '../../src/runs/abilities.js'
import { createEngine } from '../../src/runs/engine.js'
import { openStore } from '../../src/store/connect.js'
import { holdingPlan, type WorkerOrder, type WorkerSays, type WorkerTask } from './engine-worker-words.js'
import { openWorld } from './world.js'

const task: WorkerTask = JSON.parse(process.argv[2] ?? '{}')
const says = (said: WorkerSays) => new Promise<void>((sent) => void process.send?.(said, () => sent()))
let finishing = false

const world = openWorld(task.databaseUrl)
const hold = defineAction({
  name: 'world.hold',
  input: z.object({}),
  fence: 'generation',
  announce: async (_input, { run, epoch }) => {
    if (task.acts && !task.mute) await world.query('select public.announce($1, $2)', [run, epoch])
  },
  run: async (_input, { run, epoch, attempt, signal }) => {
    const act = () => world.query('select public.act($1, $2)', [run, epoch])
    await says({ holding: run, epoch })
    signal.addEventListener('abort', () => says({ aborted: run, epoch }))
    if (task.freezes) {
      process.kill(process.pid, 'SIGSTOP')
      await act()
    }
    while (!finishing && !(task.takeOver && attempt > 1)) {
      if (task.acts && !task.freezes && !task.patient) await act()
      await pause(20, undefined, { signal })
    }
    if (task.patient) await act()
    return { evidence: { summary: 'held' } }
  },
})

const store = await openStore({
  ownerUrl: task.storeUrl ?? task.databaseUrl,
  log: silentLog,
  ...(task.hungAfterMs && { hungAfterMs: task.hungAfterMs }),
})
const engine = createEngine({
  store,
  abilities: gatherAbilities([], [hold]),
  plan: async () => holdingPlan(),
  wakes: { wake: async () => {} },
  clock: systemClock,
  log: silentLog,
  sweepEvery: 250,
})
process.on('message', (order: WorkerOrder) => {
  if ('blockMs' in order) {
    const until = performance.now() + order.blockMs
    while (performance.now() < until) {
      // The event loop stands still.
    }
    says({ blocked: order.blockMs })
  } else finishing = true
})
process.once('disconnect', () => process.exit(0))
engine.sweep()
says({ ready: true })
