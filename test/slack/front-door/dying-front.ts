// A front with a listener that leaves one row for each delivery it handled, until it is killed.
import pg from 'pg'
import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import { createHttpInlet } from '../../../src/slack/front-door/http-inlet.js'
import { boltBehind, secret } from './bolt-behind.js'
import { testInbox } from './test-inbox.js'

const [url = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url })
const inlet = createHttpInlet({
  inbox: testInbox(url),
  secrets: [{ secret }],
  commands: null,
  responseOrigins: [],
  port: 0,
  clock: systemClock,
  log: silentLog,
})
boltBehind(inlet.receiver).command('/deploy', async ({ ack, command }) => {
  await ack()
  await pool.query(
    'insert into handled (trigger_id, times) values ($1, 1) on conflict (trigger_id) do update set times = handled.times + 1',
    [command.trigger_id],
  )
})
await inlet.start()
process.stdout.write(`${inlet.port()}\n`)
