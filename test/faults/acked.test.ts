import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../src/free-port.js'
import { type StandIn, startStandIn } from '../bench/parts/stand-in.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { atFullSize } from '../support/parts.js'
import { startStormFront } from '../support/storm-programs.js'
import { effect, historyOf, recordHistory, violations } from './history.js'
import { rests } from './rest.js'
import { newTrigger, signedCommands } from './traffic.js'

const kills = atFullSize('acked') ? 500 : 8
const perSecond = atFullSize('acked') ? 200 : 60
/** A front lives at most so long after it was ready. */
const lifeMs = 1_000

let database: TestDatabase
let slack: StandIn
beforeAll(async () => {
  database = await freshDatabase()
  await recordHistory(database.url)
  slack = await startStandIn()
})
afterAll(async () => {
  slack?.stop()
  await database?.drop()
})

test('what was acknowledged has one row and its effect, however often the front is killed', async () => {
  const task = { databaseUrl: database.url, port: await freePort(), apiUrl: slack.apiUrl }
  let front = await startStormFront(task)
  onTestFinished(() => front.kill())
  const traffic = signedCommands(() => [`http://127.0.0.1:${task.port}/slack/events`], perSecond)
  onTestFinished(traffic.stop)
  const stream = socketStream(slack)
  for (let round = 1; round <= kills; round++) {
    await pause(Math.random() * lifeMs)
    await front.kill()
    front = await startStormFront(task)
    if (round % 50 === 0) console.log(`${round} kills, ${traffic.acknowledged.length} acknowledged over HTTP`)
  }
  await traffic.stop()
  const sent = await stream.stop()
  await rests(database.url)

  const told = [...traffic.acknowledged, ...sent].map(effect)
  const happened = await historyOf(database.url)
  const again = happened.effects.filter(({ times }) => times > 1).length
  console.log(
    `${kills} kills: ${traffic.acknowledged.length} acknowledged over HTTP and ${sent.length} over the socket, ` +
      `${again} handled more than once with one effect, answered otherwise: ${JSON.stringify(traffic.refused)}`,
  )
  expect(traffic.acknowledged.length).toBeGreaterThan(kills)
  expect(sent.length).toBeGreaterThan(kills)
  expect(violations(told, happened)).toEqual([])
}, 3_600_000)

/** Envelopes over Socket Mode, each sent until it is acknowledged, as long as it is not stopped. */
function socketStream({ deliver }: StandIn) {
  let stopped = false
  const sent: string[] = []
  const streaming = (async () => {
    while (!stopped) {
      const envelopes = Array.from({ length: 20 }, () => {
        const trigger = newTrigger()
        sent.push(`command ${trigger}`)
        return { type: 'slash_commands', payload: { team_id: 'T1', command: '/deploy', text: '', trigger_id: trigger } }
      })
      await deliver(envelopes, 10)
      await pause(100)
    }
  })()
  return {
    stop: async () => {
      stopped = true
      await streaming
      return sent
    },
  }
}
