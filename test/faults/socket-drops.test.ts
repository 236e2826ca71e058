import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startStandIn } from '../bench/parts/stand-in.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { atFullSize } from '../support/parts.js'
import { startStormFront } from '../support/storm-programs.js'
import { createTcpProxy } from '../support/tcp-proxy.js'
import { commandKey, effect, executedAgain, historyOf, recordHistory, violations } from './history.js'
import { rests } from './rest.js'
import { newTrigger } from './traffic.js'

const full = atFullSize('socket-drops')
const rounds = full ? 20 : 2
/** Longer than it takes to notice that nobody is there any more, at full size. */
const silentMs = full ? 15_000 : 1_000
const inFlight = 10

let database: TestDatabase
beforeAll(async () => {
  database = await freshDatabase()
  await recordHistory(database.url)
})
afterAll(() => database?.drop())

/** Slack's Socket Mode behind a wire that can break. */
async function slackBehindAWire() {
  const slack = await startStandIn()
  const wire = await createTcpProxy({ to: { host: '127.0.0.1', port: Number(new URL(slack.apiUrl).port) } })
  const doors = createServer((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ok: true, url: `ws://127.0.0.1:${wire.port}/link` }))
  })
  doors.listen(0, '127.0.0.1')
  await once(doors, 'listening')
  onTestFinished(async () => {
    slack.stop()
    await wire.close()
    doors.closeAllConnections()
    doors.close()
  })
  return { slack, wire, apiUrl: `http://127.0.0.1:${(doors.address() as AddressInfo).port}/api/` }
}

test('connections dropped, closed, refreshed, reset and silent, ten in flight: each is executed once, none is lost', async () => {
  const { slack, wire, apiUrl } = await slackBehindAWire()
  const front = await startStormFront({ databaseUrl: database.url, port: 0, apiUrl })
  onTestFinished(front.kill)
  await slack.connected(1)
  const breaks = [
    () => slack.breakOne(0),
    () => slack.breakOne(1),
    () => slack.breakOne(2),
    () => wire.cut(),
    async () => {
      wire.stall()
      await pause(silentMs)
      wire.cut()
      wire.resume()
    },
  ]
  const keys: string[] = []
  for (let round = 0; round < rounds; round++) {
    for (const breaking of breaks) {
      const triggers = Array.from({ length: 60 }, newTrigger)
      keys.push(...triggers.map(commandKey))
      const payload = { team_id: 'T1', command: '/deploy', text: '' }
      const envelopes = triggers.map((trigger_id) => ({ type: 'slash_commands', payload: { ...payload, trigger_id } }))
      const half = Math.floor(Math.random() * 50)
      let broken: unknown
      await slack.deliver(envelopes, inFlight, (count) => {
        if (count === half + 1) broken = breaking()
      })
      await broken
    }
  }
  await rests(database.url)
  const happened = await historyOf(database.url)
  console.log(`${keys.length} envelopes over ${rounds * breaks.length} broken connections`)
  expect(violations(keys.map(effect), happened)).toEqual([])
  expect(executedAgain(happened)).toEqual([])
}, 900_000)
