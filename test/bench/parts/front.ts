// Shipmate's front door before Bolt; with BENCH_ACCEPT_ALONE nothing stands behind it.
import bolt from '@slack/bolt'
import { systemClock } from '../../../src/clock.js'
import { createLog } from '../../../src/log.js'
import { createHttpInlet } from '../../../src/slack/front-door/http-inlet.js'
import { createInbox } from '../../../src/store/inbox.js'
import { appRole } from '../../../src/store/migrate.js'
import { signingSecret } from './commands.js'
import { ready } from './servers.js'

const url = process.env.BENCH_DATABASE_URL ?? ''
const log = createLog('warn')
const inlet = createHttpInlet({
  inbox: createInbox((name) => ({ url, name, role: appRole }), systemClock, log),
  secrets: [{ secret: signingSecret }],
  commands: ['/deploy'],
  responseOrigins: [],
  port: 0,
  clock: systemClock,
  log,
})
let handled = 0
if (process.env.BENCH_ACCEPT_ALONE) {
  inlet.receiver.init({
    processEvent: async () => {
      handled += 1
    },
  } as unknown as bolt.App)
} else {
  const app = new bolt.App({
    receiver: inlet.receiver,
    // As in src/slack/app.ts.
    convoStore: false,
    authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B0', botUserId: 'U0' }),
  })
  app.command('/deploy', async ({ ack }) => {
    await ack()
    handled += 1
  })
}
await inlet.start()
ready(inlet.port() ?? 0, () => handled)
