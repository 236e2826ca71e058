import { afterAll, beforeAll, expect, test } from 'vitest'
import { startVisitors } from '../../../playground/visitors/visitors.js'
import type { Place } from '../../../src/releases/target.js'
import { type TestFloor, testFloor } from '../../playground/test-floor.js'
import { atFullSize } from '../../support/parts.js'
import { waitFor } from '../../support/wait-for.js'
import { replace } from './scenes.js'

let floor: TestFloor
beforeAll(async () => {
  floor = await testFloor()
})
afterAll(() => floor?.end())

const ten = ['v1.8.0', 'v1.7.3', 'v1.8.1', 'v1.8.0', 'v1.7.3', 'v1.8.1', 'v1.7.3', 'v1.8.0', 'v1.8.1', 'v1.7.3']
const versions = atFullSize('switches') ? ten : ten.slice(0, 3)

/** Changes of version under at least 200 requests a second, and what the visitors say afterwards. */
async function switches(more: Partial<Place>) {
  const visitors = startVisitors({ url: floor.proxy.public, rate: 220, agents: 40 })
  await waitFor('visitors', () => visitors.counts().requests > 100)
  const outcomes: (string | null)[] = []
  for (const version of versions) {
    const { failure, after } = await replace(floor, version, {
      verify: { for: 100, maxErrors: 0, minRequests: 1 },
      ...more,
    })
    outcomes.push(failure === null ? after.serving : failure.summary)
  }
  await visitors.stop()
  return { counts: visitors.counts(), outcomes }
}

test(`${versions.length} blue-green switches under 200 requests a second fail nobody and reset no idle connection`, async () => {
  const { counts, outcomes } = await switches({ strategy: 'blue-green', shares: [50] })
  expect(outcomes).toEqual(versions)
  expect(counts.failures).toEqual([])
  expect({ failed: counts.failed, resets: counts.resets }).toEqual({ failed: 0, resets: 0 })
  expect(counts.requests).toBeGreaterThan(1000)
  expect(Object.keys(counts.byVersion).sort()).toEqual(['v1.7.3', 'v1.8.0', 'v1.8.1'])
})

test(`${versions.length} rolling switches under 200 requests a second fail nobody and reset no idle connection`, async () => {
  const { counts, outcomes } = await switches({ strategy: 'rolling' })
  expect(outcomes).toEqual(versions)
  expect(counts.failures).toEqual([])
  expect({ failed: counts.failed, resets: counts.resets }).toEqual({ failed: 0, resets: 0 })
  expect(counts.requests).toBeGreaterThan(1000)
})
