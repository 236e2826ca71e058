import { afterAll, beforeAll, expect, test } from 'vitest'
import { command, event, interaction, post, type Sending } from '../slack/front-door/doorway.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { atFullSize } from '../support/parts.js'
import { type StormProcess, startStormFront } from '../support/storm-programs.js'
import { commandKey, effect, executedAgain, historyOf, recordHistory, violations } from './history.js'
import { rests } from './rest.js'
import { newTrigger } from './traffic.js'

const payloads = atFullSize('duplicates') ? 10_000 : 400
const atOnce = 40

let database: TestDatabase
let fronts: StormProcess[] = []
beforeAll(async () => {
  database = await freshDatabase()
  await recordHistory(database.url)
  fronts = await Promise.all([1, 2].map(() => startStormFront({ databaseUrl: database.url, port: 0 })))
})
afterAll(async () => {
  for (const { kill } of fronts) await kill()
  await database?.drop()
})

const urls = () => fronts.map(({ said }) => `http://127.0.0.1:${said}/slack/events`) as [string, string]

type Delivered = { key: string; body: string; copies: number }

/** Most come two to four times: commands, buttons and events by name, and some by nothing but their bytes. */
function delivered(index: number): Delivered {
  const copies = index % 5 === 0 ? 1 : 2 + (index % 3)
  if (index % 3 === 0) {
    const body = event()
    return { key: `event ${JSON.parse(body).event_id}`, body, copies }
  }
  const trigger = newTrigger()
  if (index % 3 === 1) return { key: commandKey(trigger), body: command({ trigger_id: trigger }), copies }
  const body = interaction({
    type: 'block_actions',
    trigger_id: trigger,
    actions: [{ type: 'button', action_id: 'a' }],
  })
  return { key: `action ${trigger}`, body, copies }
}

test('of everything that is delivered again and again, at two fronts and in one batch, each is executed once', async () => {
  const [one, two] = urls()
  const all = Array.from({ length: payloads }, (_, index) => delivered(index))
  const statuses = new Map<number, number>()
  let sent = 0
  for (let from = 0; from < all.length; from += atOnce) {
    const copies = all.slice(from, from + atOnce).flatMap(({ body, copies }, index) =>
      Array.from({ length: copies }, async (_, retry) => {
        // The first two at one front in one batch, the others at the other front at the same moment.
        const { status } = await post(retry < 2 === (index % 2 === 0) ? one : two, body, retrying(retry))
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        sent += 1
      }),
    )
    await Promise.all(copies)
  }
  await rests(database.url)
  const happened = await historyOf(database.url)
  console.log(`${payloads} payloads in ${sent} deliveries, answered ${JSON.stringify([...statuses])}`)
  expect([...statuses.keys()]).toEqual([200])
  expect(
    violations(
      all.map(({ key }) => effect(key)),
      happened,
    ),
  ).toEqual([])
  expect(executedAgain(happened)).toEqual([])
  expect(happened.effects).toHaveLength(payloads)
}, 900_000)

test('a request that is replayed byte by byte is answered like the first and does nothing more, at any front', async () => {
  const [one, two] = urls()
  const key = newTrigger()
  const body = command({ trigger_id: key })
  const at = Math.floor(Date.now() / 1000)
  for (const url of [one, two, one, two, two]) expect((await post(url, body, { at })).status).toBe(200)
  await rests(database.url)
  const { effects } = await historyOf(database.url)
  expect(effects.filter((row) => row.key === commandKey(key))).toEqual([{ key: commandKey(key), times: 1 }])
})

test('a request whose time is more than five minutes off, either way, has no row and no effect', async () => {
  const [one] = urls()
  const now = Math.floor(Date.now() / 1000)
  const trigger = newTrigger()
  for (const at of [now - 310, now + 310, now + 3_600, now + 315_360_000, 'NaN', '1e9'])
    expect((await post(one, command({ trigger_id: trigger }), { at })).status).toBe(401)
  const { parcels, effects } = await historyOf(database.url)
  expect([...parcels, ...effects].filter(({ key }) => key === commandKey(trigger))).toEqual([])
})

const retrying = (retry: number): Sending =>
  retry === 0 ? {} : { headers: { 'x-slack-retry-num': String(retry), 'x-slack-retry-reason': 'http_timeout' } }
