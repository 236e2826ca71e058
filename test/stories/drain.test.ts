import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { commandFields } from '../bench/parts/commands.js'
import { type SlackSink, startSlackSink } from '../bench/parts/slack-sink.js'
import { post } from '../slack/front-door/doorway.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { startShipmate } from '../support/shipmate-process.js'
import { shopEnv } from '../support/shop.js'
import { waitFor } from '../support/wait-for.js'

const secret = 'the-signing-secret'
const burst = 500
const senders = 25

let database: TestDatabase
let sink: SlackSink
let rows: pg.Client
const dir = mkdtempSync(join(tmpdir(), 'shipmate-drain-'))

beforeAll(async () => {
  database = await freshDatabase()
  sink = await startSlackSink()
  rows = new pg.Client({ connectionString: database.url })
  await rows.connect()
})
afterAll(async () => {
  sink?.stop()
  await rows?.end()
  await database?.drop()
  rmSync(dir, { recursive: true, force: true })
})

async function front() {
  const process = startShipmate(
    {
      ...shopEnv,
      DATABASE_URL: database.url,
      SHIPMATE_DIR: dir,
      SHIPMATE_CONFIG: 'playground/shipmate.yml',
      SLACK_API_URL: sink.apiUrl,
      SLACK_BOT_TOKEN: 'xoxb-drained',
      SLACK_SIGNING_SECRET: secret,
      LOG_LEVEL: 'info',
    },
    'front',
  )
  onTestFinished(() => void process.kill())
  await waitFor('it is ready', () => process.out().includes('http://'), 40_000)
  const port = /"port":(\d+),"msg":"Slack may send to/.exec(process.err())?.[1]
  return { ...process, url: `http://127.0.0.1:${port}/slack/events` }
}

it('a front told to stop in a burst acknowledges nothing that it drops, ends well, and the next one goes on', async () => {
  const first = await front()
  const answers: { trigger: string; status: number }[] = []
  let sent = 0
  let stopped: Promise<number | null> | null = null
  const sending = Array.from({ length: senders }, async () => {
    while (sent++ < burst) {
      const fields = commandFields({ command: '/ops', text: 'help', response_url: sink.responseUrl })
      const body = new URLSearchParams(fields).toString()
      const { status } = await post(first.url, body, { secret }).catch(() => ({ status: 0 }))
      answers.push({ trigger: fields.trigger_id ?? '', status })
      if (answers.length === 150) stopped = first.stop()
    }
  })
  await Promise.all(sending)
  expect(await stopped).toBe(0)
  const acknowledged = answers.filter(({ status }) => status === 200).map(({ trigger }) => trigger)
  expect(new Set(answers.map(({ status }) => status).filter((status) => ![0, 200, 503].includes(status)))).toEqual(
    new Set(),
  )
  expect(acknowledged.length).toBeGreaterThanOrEqual(140)
  expect(acknowledged.length).toBeLessThan(burst)

  await front()
  const open = async () =>
    (await rows.query<{ open: number }>('select count(*)::int as open from shipmate.inbox where done_at is null'))
      .rows[0]?.open
  await waitFor('all of it is handled', async () => (await open()) === 0, 30_000)
  const kept = await rows.query<{ key: string; outcome: string }>('select key, outcome from shipmate.inbox')
  const outcome = new Map(kept.rows.map(({ key, outcome }) => [key.replace('command ', ''), outcome]))
  const dropped = (given: string[]) => given.filter((trigger) => outcome.get(trigger) !== 'handled')
  expect(dropped(acknowledged)).toEqual([])
  expect(dropped(['1.2.planted'])).toEqual(['1.2.planted'])
  expect(sink.answers()).toBeGreaterThanOrEqual(acknowledged.length)
}, 120_000)
