// Shipmate's front door over Socket Mode, before Bolt.
import { App } from '@slack/bolt'
import { systemClock } from '../../../src/clock.js'
import { createLog } from '../../../src/log.js'
import { createSocketInlet } from '../../../src/slack/front-door/socket-inlet.js'
import { createInbox } from '../../../src/store/inbox.js'
import { appRole } from '../../../src/store/migrate.js'
import { ready } from './servers.js'

const url = process.env.BENCH_DATABASE_URL ?? ''
const log = createLog('warn')
const inlet = createSocketInlet({
  inbox: createInbox((name) => ({ url, name, role: appRole }), systemClock, log),
  commands: ['/deploy'],
  responseOrigins: [],
  appToken: 'xapp-bench',
  apiUrl: process.env.BENCH_API_URL ?? '',
  clock: systemClock,
  log,
})
const app = new App({
  receiver: inlet.receiver,
  // As in src/slack/app.ts.
  convoStore: false,
  authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B0', botUserId: 'U0' }),
})
let handled = 0
app.command('/deploy', async ({ ack }) => {
  await ack()
  handled += 1
})
app.event('app_mention', async () => {
  handled += 1
})
await inlet.start()
ready(0, () => handled)
