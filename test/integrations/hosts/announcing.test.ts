import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Action } from '../../../src/runs/abilities.js'
import { type TestFloor, testFloor } from '../../playground/test-floor.js'
import { contextFor } from '../../releases/carry-out.js'
import { driverFor, nextEpoch, place } from './scenes.js'

let floor: TestFloor
beforeAll(async () => {
  floor = await testFloor()
}, 60_000)
afterAll(() => floor?.end())

const there = { target: 'shop', service: 'storefront', environment: 'prod' }
const on = (host: string) => ({ id: 'web-late', host, version: 'v1.7.3' })

/** How many orders of older workers each part has refused, as it says itself. */
async function refused(): Promise<number[]> {
  const parts = [...floor.hosts.map(({ url }) => url), floor.proxy.admin]
  const answers = await Promise.all(parts.map((url) => floor.call('GET', `${url}/generations/storefront-prod`)))
  return answers.map(({ body }) => Number(body.refused))
}

test('a worker whose successor announced itself is refused by hosts and proxy alike, and nothing is changed', async () => {
  const driver = driverFor(floor)
  const [first = '', second = ''] = floor.hosts.map(({ name }) => name)
  const inputs: { [action: string]: object } = {
    'hosts.migrate': { ...there, host: first, version: 'v1.7.3', artifact: 'sha256:x' },
    'hosts.start': { ...there, ...on(second), artifact: null, ready: 0 },
    'hosts.shift': { ...there, upstreams: [], version: null, all: false },
    'hosts.retire': { ...there, instances: [on(first), on(second)], drain: 0 },
  }
  const before = await driver.target.look(place())
  for (const [name, given] of Object.entries(inputs)) {
    const action = driver.actions.find((one) => one.name === name) as Action & { fence: 'generation' }
    const input = action.input.parse(given)
    const [old, fresh] = [nextEpoch(), nextEpoch()]
    await action.announce(input, { ...contextFor('late', { epoch: fresh }) })
    await expect(action.announce(input, contextFor('late', { epoch: old }))).rejects.toMatchObject({ kind: 'lost' })
    if (name === 'hosts.retire') continue
    await expect(action.run(input, contextFor('late', { epoch: old }))).rejects.toMatchObject({ code: 'fenced' })
  }
  // One announcement and one act of an older worker each; stopping what is not there is no change.
  expect(await refused()).toEqual([3, 3, 2])
  expect(await driver.target.look(place())).toEqual(before)
})
