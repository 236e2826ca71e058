import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startVisitors } from '../../../playground/visitors/visitors.js'
import type { ShipmateError } from '../../../src/errors.js'
import { type TestFloor, testFloor } from '../../playground/test-floor.js'
import { contextFor } from '../../releases/carry-out.js'
import { driverFor, nextEpoch, place, releaseOf, replace, scale } from './scenes.js'

let floor: TestFloor
beforeAll(async () => {
  floor = await testFloor()
  await replace(floor, 'v1.8.0')
})
afterAll(() => floor?.end())

test('a release that answers errors is taken back at its first share, with figures, and the old one serves', async () => {
  const visitors = startVisitors({ url: floor.proxy.public, rate: 200 })
  const verify = { for: 15_000, maxErrors: 0.01, minRequests: 60 }
  const { failure, story, after, before } = await replace(floor, 'v2.0.0-rc.2', { shares: [50], verify })
  await visitors.stop()
  expect(failure?.key).toBe('verify-50')
  expect(failure?.summary).toMatch(
    /^errors rose to [\d.]+ % \(limit 1 %\) at 50 % traffic: \d+ failed of [\d,]+ requests in/,
  )
  expect(story.slice(-3)).toEqual(['undo-shift-50', 'undo-start-beta-1', 'undo-start-alpha-1'])
  expect(after).toEqual(before)
})

test('a failure in the second round of a rolling deploy starts the stopped old instance again', async () => {
  const { failure, story, after } = await replace(
    floor,
    'v1.8.1',
    { strategy: 'rolling' },
    {
      before: (step) => {
        if (step.key === 'verify-2') (step as { check: string }).check = 'hosts.nothing'
      },
    },
  )
  expect(failure?.key).toBe('verify-2')
  expect(story).toContain('undo-retire-1')
  expect(after.serving).toBe('v1.8.0')
  expect(after.instances.map(({ version, ready, weight }) => ({ version, ready, weight }))).toEqual(
    Array(2).fill({ version: 'v1.8.0', ready: true, weight: 50 }),
  )
})

test('what is not ready says why, in the words of the instance', async () => {
  const { failure, progress } = await replace(floor, 'v2.0.0-rc.1', { healthy: 6000 })
  expect(failure?.summary).toMatch(/^0 of 2 ready; alpha: the search index does not load: .+ \(waited [\d.]+ s\)$/)
  expect(progress.some((text) => text.startsWith('0 of 2 ready'))).toBe(true)
})

test('progress tells the share and the figures', async () => {
  const visitors = startVisitors({ url: floor.proxy.public, rate: 100 })
  const { progress } = await replace(floor, 'v1.8.1', {
    shares: [50],
    verify: { for: 1000, maxErrors: 1, minRequests: 1 },
  })
  await visitors.stop()
  expect(progress).toContain('50 % on v1.8.1')
  expect(progress.some((text) => /^100 % on v1.8.1, 0 failed of \d+$/.test(text))).toBe(true)
})

test('an instance that gets traffic is not stopped, whoever asks', async () => {
  const driver = driverFor(floor)
  const { instances } = await driver.target.look(place())
  const action = driver.actions.find(({ name }) => name === 'hosts.stop')
  const input = { target: 'shop', service: 'storefront', environment: 'prod', drain: 100, instances }
  const attempt = action?.run(action.input.parse(input), contextFor('stop', { epoch: nextEpoch() }))
  await expect(attempt).rejects.toMatchObject({ code: 'instance-serves' })
})

test('an artifact that was changed after it was planned is not started', async () => {
  const { artifact } = await releaseOf(floor, 'v1.9.0')
  const file = join(floor.releases, 'v1.9.0', 'shop.json')
  const original = readFileSync(file)
  writeFileSync(file, `${original} `)
  const driver = driverFor(floor)
  const input = { target: 'shop', service: 'storefront', environment: 'prod', version: 'v1.9.0', artifact }
  const check = driver.checks.find(({ name }) => name === 'hosts.artifact')
  expect(await check?.run(input, contextFor('artifact', { epoch: 1 }))).toMatchObject({ outcome: 'fail' })
  const start = driver.actions.find(({ name }) => name === 'hosts.start')
  const order = { ...input, host: 'alpha', id: 'storefront-prod-v1.9.0-alpha-1', ready: 0 }
  await expect(start?.run(order, contextFor('start', { epoch: nextEpoch() }))).rejects.toThrow(/alpha answered 422/)
  writeFileSync(file, original)
  expect(await check?.run(input, contextFor('artifact', { epoch: 1 }))).toMatchObject({ outcome: 'pass' })
})

test('a worker that was overtaken has no effect and is told so', async () => {
  const driver = driverFor(floor)
  const before = await driver.target.look(place())
  const old = nextEpoch()
  await scale(floor, 2)
    .then(() => scale(floor, 3))
    .then(() => scale(floor, 2))
  const shift = driver.actions.find(({ name }) => name === 'hosts.shift')
  const input = { target: 'shop', service: 'storefront', environment: 'prod', upstreams: [], version: null, all: true }
  const late = shift?.run(input, contextFor('shift', { epoch: old }))
  await expect(late).rejects.toMatchObject({ kind: 'lost', code: 'fenced' } satisfies Partial<ShipmateError>)
  expect((await driver.target.look(place())).serving).toBe(before.serving)
})

test('hosts that do not answer are named, with what to do', async () => {
  const driver = driverFor({
    ...floor,
    settings: { ...floor.settings, proxy: { ...floor.settings.proxy, admin: 'http://127.0.0.1:9' } },
  })
  const check = driver.checks.find(({ name }) => name === 'hosts.reachable')
  const input = { target: 'shop', service: 'storefront', environment: 'prod' }
  expect(await check?.run(input, contextFor('reachable', { epoch: 1 }))).toMatchObject({
    outcome: 'fail',
    summary: 'the proxy of shop cannot be reached (ECONNREFUSED)',
    next: 'Check that the proxy of shop runs and can be reached at 127.0.0.1:9.',
  })
})
