import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type StormProcess, startStormFront } from '../support/storm-programs.js'
import { waitFor } from '../support/wait-for.js'
import { effect, historyOf, violations } from './history.js'
import { createRequesters, type Requesters } from './requesters.js'
import { rests } from './rest.js'
import { besideIt, openStorm, type Storm } from './storm.js'
import { signedCommands, type Traffic } from './traffic.js'

const environments = ['one', 'two']
const told: Traffic['acknowledged'] = []

let storm: Storm
let people: Requesters
let front: StormProcess
let beside: Awaited<ReturnType<typeof besideIt>>
beforeAll(async () => {
  storm = await openStorm({ processes: ['both', 'worker'], environments, stepMs: 250 })
  people = createRequesters(storm)
  beside = await besideIt(storm)
  front = await startStormFront({ databaseUrl: beside.wireUrl, port: 0 })
})
afterAll(async () => {
  await front?.kill()
  await storm?.close()
})

/** Signed commands come in and deploys are being carried out while `trouble` lasts; afterwards every promise was kept. */
async function weathers(trouble: () => Promise<void>): Promise<Traffic> {
  const before = storm.floor.acts.length
  const traffic = signedCommands(() => [`http://127.0.0.1:${front.said}/slack/events`], 50)
  onTestFinished(traffic.stop)
  await Promise.all(environments.map(people.ask))
  await waitFor('a deploy acts', () => storm.floor.acts.length > before, 30_000)
  await trouble()
  const sofar = traffic.acknowledged.length
  await waitFor('commands are acknowledged again', () => traffic.acknowledged.length > sofar + 10, 30_000)
  await traffic.stop()
  await Promise.all([rests(storm.databaseUrl), rests(beside.url)])
  told.push(...traffic.acknowledged)
  console.log(`${traffic.acknowledged.length} acknowledged, otherwise ${JSON.stringify(traffic.refused)}`)
  expect(violations(told.map(effect), await historyOf(beside.url))).toEqual([])
  expect(violations(await people.acknowledged(), await historyOf(storm.databaseUrl), storm.floor.acts)).toEqual([])
  return traffic
}

test('PostgreSQL killed in the middle and back: no false acknowledgement, and everything accepted ends', async () => {
  await weathers(async () => {
    await storm.postgres.kill()
    await pause(500)
    await storm.postgres.start()
  })
})

test('every connection cut, again and again: the same', async () => {
  await weathers(async () => {
    for (let cut = 0; cut < 5; cut++) {
      storm.wire.cut()
      await pause(300)
    }
  })
})

test('PostgreSQL silent for two seconds: what cannot be committed is not acknowledged, the rest ends', async () => {
  await weathers(async () => {
    storm.wire.stall()
    await pause(2_000)
    storm.wire.resume()
  })
})

test('connections that go silent and are cut later: people are told that nothing was taken, not a lie', async () => {
  const { refused } = await weathers(async () => {
    storm.wire.stall()
    await pause(3_500)
    storm.wire.cut()
    storm.wire.resume()
  })
  expect(refused['told that nothing was taken']).toBeGreaterThan(0)
})
