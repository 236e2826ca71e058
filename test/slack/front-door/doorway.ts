import { createHmac, randomBytes } from 'node:crypto'
import type { App } from '@slack/bolt'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import { createHttpInlet, type HttpInletParts } from '../../../src/slack/front-door/http-inlet.js'
import { openDatabase } from '../../../src/store/database.js'
import { boltBehind, secret } from '../../support/bolt-behind.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'
import { testInbox } from './test-inbox.js'

export { secret }

/** A database for a test file, and fronts before it. */
export function useDoorway() {
  let database: TestDatabase
  let rows: ReturnType<typeof openDatabase>
  beforeAll(async () => {
    database = await freshDatabase()
    rows = openDatabase({ url: database.url, name: 'test', role: null }, silentLog)
  })
  afterAll(async () => {
    await rows?.close()
    await database?.drop()
  })
  const inbox = () => {
    const made = testInbox(database.url)
    onTestFinished(() => made.close())
    return made
  }
  return {
    inbox,
    url: () => database.url,
    query: <Row extends object>(text: string, values: unknown[] = []) => rows.query<Row>(text, values),
    /** A front with a real Bolt app behind it, listening. */
    front: async (listen: (app: App) => void = () => {}, more: Partial<HttpInletParts> = {}) => {
      const inlet = createHttpInlet({
        inbox: inbox(),
        secrets: [{ secret }],
        commands: ['/deploy', '/ops'],
        responseOrigins: [],
        port: 0,
        clock: systemClock,
        log: silentLog,
        ...more,
      })
      const app = boltBehind(inlet.receiver)
      listen(app)
      await inlet.start()
      onTestFinished(() => inlet.stop())
      return { ...inlet, url: `http://127.0.0.1:${inlet.port()}/slack/events` }
    },
  }
}

const nonce = () => randomBytes(8).toString('hex')

export const command = (more: { [field: string]: string } = {}): string =>
  new URLSearchParams({
    team_id: 'T1',
    channel_id: 'C1',
    user_id: 'U1',
    user_name: 'requester',
    command: '/deploy',
    text: 'prod',
    response_url: 'https://hooks.slack.com/commands/T1/1/abc',
    trigger_id: `1.2.${nonce()}`,
    ...more,
  }).toString()

export const interaction = (payload: object): string =>
  new URLSearchParams({
    payload: JSON.stringify({
      team: { id: 'T1' },
      user: { id: 'U1', team_id: 'T1' },
      trigger_id: `1.2.${nonce()}`,
      ...payload,
    }),
  }).toString()

export const submission = (callback = 'form:deploy') =>
  interaction({
    type: 'view_submission',
    view: { id: 'V1', type: 'modal', callback_id: callback, team_id: 'T1', state: { values: {} } },
  })

export const event = () =>
  JSON.stringify({
    type: 'event_callback',
    team_id: 'T1',
    event_id: `Ev${nonce()}`,
    event: { type: 'app_mention', user: 'U1', text: 'hi', channel: 'C1', ts: '1.1', event_ts: '1.1' },
  })

export type Sending = { at?: number | string; secret?: string; headers?: { [name: string]: string } }

export function signedHeaders(body: string, sending: Sending = {}): { [name: string]: string } {
  const at = String(sending.at ?? Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', sending.secret ?? secret)
    .update(`v0:${at}:${body}`)
    .digest('hex')
  return {
    'content-type': body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': at,
    'x-slack-signature': `v0=${signature}`,
    ...sending.headers,
  }
}

/** Posts as Slack does; the status and what was answered. */
export async function post(url: string, body: string, sending: Sending = {}) {
  const response = await fetch(url, { method: 'POST', body, headers: signedHeaders(body, sending) })
  return { status: response.status, text: await response.text() }
}
