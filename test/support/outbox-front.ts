// The part of a front that speaks to Slack, in a process of its own. What it is about to send is written down by number.
import { systemClock } from '../../src/clock.js'
import { silentLog } from '../../src/log.js'
import { createOutbox } from '../../src/slack/outbox.js'
import { createSlackWeb, type SlackWeb } from '../../src/slack/web.js'
import { openStore } from '../../src/store/connect.js'
import { openWorld } from './world.js'

export type OutboxFrontTask = {
  front: number
  databaseUrl: string
  apiUrl: string
  token: string
  hungAfterMs: number
  /** A call that Slack has not answered after so long may have been made or not. */
  timeoutMs: number
  channels: { [environment: string]: string }
}

const task: OutboxFrontTask = JSON.parse(process.argv[2] ?? '{}')
const spoken = openWorld(task.databaseUrl, 1)
const store = await openStore({ ownerUrl: task.databaseUrl, log: silentLog, hungAfterMs: task.hungAfterMs })
const slack = createSlackWeb({ token: task.token, apiUrl: task.apiUrl, log: silentLog, timeoutMs: task.timeoutMs })
const web: SlackWeb = {
  call(method, args) {
    const query = 'insert into public.spoken (front, at, method) values ($1, $2, $3)'
    spoken.query(query, [task.front, new Date(), method]).catch(() => {})
    return slack.call(method, args)
  },
}
const outbox = createOutbox({
  telling: store.telling,
  boards: store.boards,
  desk: store.desk,
  signals: store.signals,
  leadership: store.leadership,
  web,
  channelOf: (environment) => task.channels[environment] ?? null,
  groupIds: async () => null,
  clock: systemClock,
  log: silentLog,
})
void outbox.run(new AbortController().signal)
process.stdout.write('ready\n')
