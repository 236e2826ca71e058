// Bolt over Socket Mode as its guide shows it: acknowledged, and nothing is kept.
import { App, SocketModeReceiver } from '@slack/bolt'
import { ready } from '../parts/servers.js'

const clientOptions = { slackApiUrl: process.env.BENCH_API_URL ?? '' }
const receiver = new SocketModeReceiver({ appToken: 'xapp-bench', installerOptions: { clientOptions } })
const app = new App({ receiver, authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B0', botUserId: 'U0' }) })
let handled = 0
app.command('/deploy', async ({ ack }) => {
  await ack()
  handled += 1
})
await app.start()
ready(0, () => handled)
