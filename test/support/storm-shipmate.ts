// The whole product as main.ts joins it, in a process of its own, on places that write down what is done to them. Its
// clock can be set to another time while it runs, as the clock of a machine can.
import { startApp } from '../../src/app.js'
import { systemClock } from '../../src/clock.js'
import { openCatalogue, readConfig } from '../../src/config.js'
import { createLog } from '../../src/log.js'
import { shiftClock } from './shifted-clock.js'
import { stormDriver } from './storm-floor.js'
import type { StormShipmateTask } from './storm-programs.js'

const task: StormShipmateTask = JSON.parse(process.argv[2] ?? '{}')
shiftClock(task.clockOffMs)
process.on('message', (order: { clockOffMs: number }) => shiftClock(order.clockOffMs))
process.once('disconnect', () => process.exit(0))

const app = await startApp({
  config: readConfig(task.env),
  catalogue: await openCatalogue(task.env.SHIPMATE_CONFIG ?? '', task.env),
  env: task.env,
  ports: { slack: 0, http: 0 },
  clock: systemClock,
  log: createLog('warn'),
  driver: stormDriver(task.floorUrl, task.stepMs),
})
process.once('SIGTERM', () => void app.stop().then(() => process.exit(0)))
process.stdout.write('ready\n')
