import { afterAll, beforeAll, expect, test } from 'vitest'
import { requirePart } from '../support/parts.js'
import { waitFor } from '../support/wait-for.js'
import { historyOf, violations } from './history.js'
import { createRequesters, type Requesters } from './requesters.js'
import { rests } from './rest.js'
import { openStorm, type Storm } from './storm.js'

const redisServer = requirePart('redis')
const environments = ['one', 'two']

let storm: Storm
let people: Requesters
beforeAll(async () => {
  if (!redisServer) return
  storm = await openStorm({ processes: ['both', 'worker'], environments, redis: true, stepMs: 250 })
  people = createRequesters(storm)
})
afterAll(() => storm?.close())

/** Deploys asked for, the first of them acting already. */
async function underWay(): Promise<void> {
  const before = storm.floor.acts.length
  await Promise.all([...environments, 'one'].map(people.ask))
  await waitFor('a deploy acts', () => storm.floor.acts.length > before + 2, 30_000)
}

async function allKept(): Promise<void> {
  const back = performance.now()
  const acts = storm.floor.acts.length
  const goesOn = waitFor('deploys go on', () => storm.floor.acts.length > acts, 60_000)
  await goesOn
  const goesOnMs = performance.now() - back
  await rests(storm.databaseUrl)
  console.log(`acts again after ${goesOnMs.toFixed(0)} ms: ${JSON.stringify(await people.counts())}`)
  expect(violations(await people.acknowledged(), await historyOf(storm.databaseUrl), storm.floor.acts)).toEqual([])
}

test.skipIf(!redisServer)('Redis killed in the middle of deploys and back empty costs time, never a run', async () => {
  await underWay()
  await storm.redis?.kill()
  await people.ask('one')
  await storm.redis?.restartEmpty()
  await allKept()
})

test.skipIf(!redisServer)('all of Redis flushed in the middle of deploys costs time, never a run', async () => {
  await underWay()
  await storm.redis?.flush()
  await allKept()
})

test.skipIf(!redisServer)('a Shipmate that starts while Redis is away says so, and works once it is back', async () => {
  await underWay()
  await storm.redis?.kill()
  const [ship] = storm.ships
  await ship?.process.kill()
  const problem = await ship?.start().catch((thrown) => String(thrown))
  await storm.redis?.restartEmpty()
  if (problem) {
    expect(problem).toMatch(/queue-unreachable/)
    await ship?.start()
  }
  await people.ask('two')
  await allKept()
})
