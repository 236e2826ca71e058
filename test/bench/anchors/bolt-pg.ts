// Bolt that keeps each command in PostgreSQL before it acknowledges.
import bolt from '@slack/bolt'
import pg from 'pg'
import { signingSecret } from '../parts/commands.js'
import { ready } from '../parts/servers.js'

const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE_URL })
await pool.query(
  'create table if not exists commands (trigger_id text primary key, body jsonb not null, at timestamptz default now())',
)
const receiver = new bolt.HTTPReceiver({ signingSecret })
const app = new bolt.App({
  receiver,
  authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B0', botUserId: 'U0' }),
})
let handled = 0
app.command('/deploy', async ({ ack, body }) => {
  await pool.query('insert into commands (trigger_id, body) values ($1, $2) on conflict do nothing', [
    body.trigger_id,
    body,
  ])
  await ack()
  handled += 1
})
const server = await receiver.start(0)
const address = server.address()
ready(typeof address === 'object' && address ? address.port : 0, () => handled)
