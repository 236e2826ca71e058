// Bolt as its guide shows it, and nothing else: what it takes to the first acknowledgement.
import bolt from '@slack/bolt'
import { signingSecret } from '../parts/commands.js'

const app = new bolt.App({
  signingSecret,
  authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B0', botUserId: 'U0' }),
})
app.command('/ops', async ({ ack }) => {
  await ack('Hello.')
})
await app.start(Number(process.env.PORT))
