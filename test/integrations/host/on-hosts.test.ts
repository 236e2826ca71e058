import { afterAll, beforeAll, expect, test } from 'vitest'
import { startVisitors } from '../../../playground/visitors/visitors.js'
import { systemClock } from '../../../src/clock.js'
import { createWatching } from '../../../src/integrations/watching.js'
import { silentLog } from '../../../src/log.js'
import { parseCatalogue } from '../../../src/releases/catalogue-text.js'
import type { Action } from '../../../src/runs/abilities.js'
import { type TestFloor, testFloor } from '../../playground/test-floor.js'
import { waitFor } from '../../support/wait-for.js'
import { contextOf, hands, where } from '../../support/watched/scene.js'
import { driverFor, nextEpoch, place, replace } from '../hosts/scenes.js'

let floor: TestFloor
beforeAll(async () => {
  floor = await testFloor()
}, 120_000)
afterAll(() => floor?.end())

function watching() {
  const hosts = floor.hosts.map(({ name, url }) => `{ name: ${name}, url: "${url}" }`).join(', ')
  const text = `
targets:
  shop:
    driver: hosts
    hosts: [${hosts}]
    proxy: { admin: "${floor.proxy.admin}", public: "${floor.proxy.public}" }
    token: env:TOKEN
services:
  storefront:
    releases: { driver: folder, path: /releases }
    environments:
      prod: { target: shop, instances: 2, drain: 2s, healthy: 20s, watch: { probe: "${floor.proxy.public}/" } }
environments:
  prod: { channel: C0RELEASES, approvals: { deploy: { quorum: 0 } }, may: {} }`
  const catalogue = parseCatalogue(text, 'shipmate.yml', {})
  return createWatching({
    catalogue,
    secret: async () => floor.token,
    log: silentLog,
    clock: systemClock,
    hosts: driverFor(floor),
  })
}

test('instances are started again one after the other, under traffic, without a failed request; a late worker is refused', async () => {
  const driver = driverFor(floor)
  const before = await driver.target.look(place())
  const restart = watching().actions.find(({ name }) => name === 'service.restart') as Action & { fence: 'generation' }
  const visitors = startVisitors({ url: floor.proxy.public, rate: 100 })
  const [old, epoch] = [nextEpoch(), nextEpoch()]
  await restart.announce(where, { run: epoch, epoch, signal: AbortSignal.timeout(10_000) })
  const { evidence } = await restart.run(where, { ...contextOf(), run: epoch, epoch })
  await visitors.stop()
  const { failed, requests } = visitors.counts()
  const after = await driver.target.look(place())
  expect(evidence.summary).toBe('2 instances of v1.7.3 started again, one after the other')
  expect(after.serving).toBe(before.serving)
  expect(after.instances.filter(({ weight, ready }) => weight > 0 && ready)).toHaveLength(2)
  expect(after.instances.map(({ id }) => id)).not.toContain(before.instances[0]?.id)
  expect(requests).toBeGreaterThan(50)
  expect(failed).toBe(0)
  await expect(restart.run(where, { ...contextOf(), run: old, epoch: old })).rejects.toMatchObject({ code: 'fenced' })
}, 120_000)

test('hosts tell their disks, memory and load through their agents', async () => {
  const { check } = hands(watching())
  const disk = await check('host.disk', { maxShare: 1 })
  expect(disk.summary).toMatch(/^(alpha|beta) \/.*: [\d.]+ [kMGT]B of [\d.]+ [kMGT]B \([\d.]+ %, limit 100 %\)$/)
  expect((await check('host.memory', { maxShare: '99.9 %' })).outcome).not.toBe('skip')
  expect((await check('host.load')).summary).toMatch(/load/)
})

test('errors in the logs of instances are found, sorted and told as a suspect; the probe sees the place', async () => {
  const { check } = hands(watching())
  expect((await check('http.probe')).outcome).toBe('pass')
  expect((await check('logs.errors')).outcome).toBe('pass')
  const verify = { for: 300, maxErrors: 1, minRequests: 0 }
  // It brings the migration that the release with errors needs.
  expect((await replace(floor, 'v1.8.0', { verify })).failure).toBeNull()
  expect((await replace(floor, 'v2.0.0-rc.2', { verify, healthy: 60_000 })).failure).toBeNull()
  const visitors = startVisitors({ url: floor.proxy.public, rate: 60 })
  const found = await waitFor(
    'an error is logged',
    async () => {
      const now = await check('logs.errors')
      return now.outcome === 'fail' && now
    },
    20_000,
  )
  await visitors.stop()
  expect(found).toMatchObject({ outcome: 'fail', limit: 0 })
  expect(found.summary).toContain('price cache: stale generation')
  const clue = watching().clues.find(({ name }) => name === 'errors')
  const now = new Date()
  const looked = await clue?.look({ ...where, since: now, now }, AbortSignal.timeout(4_000))
  expect(looked?.suspects[0]).toMatchObject({ kind: 'error', text: 'new error: price cache: stale generation' })
}, 120_000)
