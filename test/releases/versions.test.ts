import fc from 'fast-check'
import { expect, test } from 'vitest'
import { brought, isOlder, newestToDeploy, returns, versionBefore } from '../../src/releases/versions.js'
import { migration, minutes, release, served } from '../support/shop.js'

const releases = [release('v4'), release('v3', { migrations: [migration('003')] }), release('v2'), release('v1')]
const history = [served('v3', 3), served('v2', 2, minutes(-10)), served('v1', 1, minutes(-20))]

test('what served before can come back, newest first; what serves now cannot', () => {
  expect(returns(history, releases, 'v3').map(({ version, whyNot }) => [version, whyNot])).toEqual([
    ['v2', null],
    ['v1', null],
  ])
})

test('after a rollback, "the version before" does not lead forward again', () => {
  const back = [served('v2', 4), ...history]
  const choices = returns(back, releases, 'v2')
  expect(choices.map(({ version, whyNot }) => [version, whyNot])).toEqual([
    ['v3', 'it is newer than the one that serves: deploy it instead'],
    ['v1', null],
  ])
  expect(versionBefore(choices)?.version).toBe('v1')
})

test('an unsafe migration cuts off all versions before it, even after a rollback', () => {
  const unsafe = [release('v3', { migrations: [migration('003', false)] }), release('v2'), release('v1')]
  const why = 'it cannot run on the schema after migration 003 (v3)'
  expect(returns(history, unsafe, 'v3').map(({ whyNot }) => whyNot)).toEqual([why, why])
  const back = returns([served('v2', 4), ...history], unsafe, 'v2')
  expect(back.find(({ version }) => version === 'v1')?.whyNot).toBe(why)
})

test('a migration of a release that never served cuts off nothing', () => {
  const ahead = [release('v4', { migrations: [migration('004', false)] }), ...releases.slice(1)]
  expect(versionBefore(returns(history, ahead, 'v3'))?.version).toBe('v2')
})

test('a version without an artifact cannot come back and says so', () => {
  expect(returns(history, [release('v3')], 'v3').map(({ whyNot }) => whyNot)).toEqual([
    'its artifact is gone',
    'its artifact is gone',
  ])
})

test('a deploy over several releases brings all of them', () => {
  expect(brought(releases, 'v1', releases[1] ?? release('')).map(({ version }) => version)).toEqual(['v3', 'v2'])
  expect(brought(releases, null, releases[1] ?? release('')).map(({ version }) => version)).toEqual(['v3'])
  expect(brought(releases, 'unlisted', releases[0] ?? release('')).map(({ version }) => version)).toEqual(['v4'])
})

test('the newest is meant, unless it serves', () => {
  expect(newestToDeploy(releases, 'v3')?.version).toBe('v4')
  expect(newestToDeploy(releases, 'v4')).toBeNull()
  expect(newestToDeploy([], null)).toBeNull()
  expect([isOlder(releases, 'v2', 'v3'), isOlder(releases, 'v4', 'v3'), isOlder(releases, 'v2', null)]).toEqual([
    true,
    false,
    false,
  ])
})

test('what is offered served before, is there, is older than what serves and has no unsafe migration after it', () => {
  const versions = ['v5', 'v4', 'v3', 'v2', 'v1']
  const world = fc.record({
    unsafe: fc.subarray(versions),
    built: fc.subarray(versions),
    past: fc.array(fc.constantFrom(...versions), { minLength: 1, maxLength: 8 }),
  })
  fc.assert(
    fc.property(world, ({ unsafe, built, past }) => {
      const there = built.map((version) =>
        release(version, { migrations: [migration(version, !unsafe.includes(version))] }),
      )
      const rows = past.map((version, at) => served(version, past.length - at, minutes(-at)))
      const serving = past[0] ?? ''
      const newest = versions.find((version) => built.includes(version) && past.includes(version)) ?? ''
      for (const { version, whyNot } of returns(rows, there, serving)) {
        if (whyNot !== null) continue
        expect(past.slice(1)).toContain(version)
        expect(built).toContain(version)
        if (built.includes(serving)) expect(version < serving).toBe(true)
        const between = built.filter((one) => one > version && one <= newest)
        expect(between.filter((one) => unsafe.includes(one))).toEqual([])
      }
    }),
  )
})
