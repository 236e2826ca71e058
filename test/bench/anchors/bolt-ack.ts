// Bolt as its guide shows it: the command is acknowledged, and nothing is kept.
import bolt from '@slack/bolt'
import { signingSecret } from '../parts/commands.js'
import { ready } from '../parts/servers.js'

const receiver = new bolt.HTTPReceiver({ signingSecret })
const app = new bolt.App({
  receiver,
  authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B0', botUserId: 'U0' }),
})
let handled = 0
app.command('/deploy', async ({ ack }) => {
  await ack()
  handled += 1
})
const server = await receiver.start(0)
const address = server.address()
ready(typeof address === 'object' && address ? address.port : 0, () => handled)
