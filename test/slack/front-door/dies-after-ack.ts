// A front that dies as soon as Slack has its acknowledgement: what it accepted is not handled by it.
import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import { createSocketInlet } from '../../../src/slack/front-door/socket-inlet.js'
import { boltBehind } from '../../support/bolt-behind.js'
import { testInbox } from './test-inbox.js'

const [url = '', apiUrl = ''] = process.argv.slice(2)
const inlet = createSocketInlet({
  inbox: testInbox(url),
  commands: null,
  responseOrigins: [],
  appToken: 'xapp-playground',
  apiUrl,
  clock: systemClock,
  log: silentLog,
})
boltBehind(inlet.receiver).use(async () => {
  process.kill(process.pid, 'SIGKILL')
})
await inlet.start()
process.stdout.write('connected\n')
