// A front in a process of its own: signed HTTP, and Socket Mode where it is told of a workspace. Its listener has one
// effect for each delivery and counts how often it was asked for it.
import { systemClock } from '../../src/clock.js'
import { createLog } from '../../src/log.js'
import type { DeliveryContext } from '../../src/slack/front-door/handing-on.js'
import { createHttpInlet } from '../../src/slack/front-door/http-inlet.js'
import { createSocketInlet } from '../../src/slack/front-door/socket-inlet.js'
import { openDatabase } from '../../src/store/database.js'
import { createInbox } from '../../src/store/inbox.js'
import { appRole } from '../../src/store/migrate.js'
import { boltBehind, secret } from './bolt-behind.js'
import type { StormFrontTask } from './storm-programs.js'

const task: StormFrontTask = JSON.parse(process.argv[2] ?? '{}')
process.once('disconnect', () => process.exit(0))
const log = createLog('error')
const effects = openDatabase({ url: task.databaseUrl, name: 'effects', role: null }, log, 4)
const common = {
  commands: null,
  responseOrigins: [],
  clock: systemClock,
  log,
}
const inbox = () =>
  createInbox((name) => ({ url: task.databaseUrl, name: `front ${name}`, role: appRole }), systemClock, log)

const http = createHttpInlet({ ...common, inbox: inbox(), secrets: [{ secret }], port: task.port })
const inlets = [http, ...(task.apiUrl ? [createSocketInlet({ ...common, ...socketOf(task.apiUrl) })] : [])]
for (const { receiver } of inlets) {
  const app = boltBehind(receiver)
  const counted = async (context: object) => {
    const { deliveryKey } = context as DeliveryContext
    await effects.query(
      `insert into public.effects (key, times) values ($1, 1)
       on conflict (key) do update set times = effects.times + 1`,
      [deliveryKey],
    )
  }
  app.command(/^\//, async ({ ack, context }) => {
    await ack()
    await counted(context)
  })
  app.action(/.*/, async ({ ack, context }) => {
    await ack()
    await counted(context)
  })
  app.event('app_mention', ({ context }) => counted(context))
}
await Promise.all(inlets.map(({ start }) => start()))
process.stdout.write(`${http.port()}\n`)

function socketOf(apiUrl: string) {
  return { inbox: inbox(), appToken: 'xapp-storm', apiUrl }
}
