import { describe, expect, test } from 'vitest'
import { createHostsTarget } from '../../../src/integrations/hosts/target.js'
import { silentLog } from '../../../src/log.js'
import type { Release } from '../../../src/releases/release.js'
import type { InstanceState, TargetChange, TargetState } from '../../../src/releases/target.js'
import { place } from './scenes.js'

const url = 'http://127.0.0.1:1'
const { target } = createHostsTarget({
  targets: {
    shop: {
      name: 'shop',
      driver: 'hosts',
      hosts: [
        { name: 'web-1', url },
        { name: 'web-2', url },
      ],
      proxy: { admin: url, public: url },
      token: 'env:NONE',
    },
  },
  secret: async () => '',
  log: silentLog,
})

const release = (migrations: number): Release => ({
  service: 'storefront',
  version: 'v2.0.0',
  commit: 'a'.repeat(40),
  artifact: `sha256:${'b'.repeat(64)}`,
  builtAt: new Date(0),
  changes: [],
  migrations: Array.from({ length: migrations }, (_, index) => ({ name: `${index}`, what: 'adds', safe: true })),
})

const serving = (host: string, number = 1): InstanceState => ({
  id: `storefront-prod-v1.0.0-${host}-${number}`,
  host,
  version: 'v1.0.0',
  url: `http://127.0.0.1:${number}`,
  ready: true,
  weight: 50,
})
const state: TargetState = { instances: [serving('web-1'), serving('web-2')], serving: 'v1.0.0' }
const nothing: TargetState = { instances: [], serving: null }

const replace = (more: Parameters<typeof place>[0], migrations = 0): TargetChange => ({
  kind: 'replace',
  place: place(more),
  to: release(migrations),
  from: 'v1.0.0',
})
const keys = (change: TargetChange, now = state) => target.steps(change, now).map(({ key }) => key)
const stepOf = (change: TargetChange, key: string, now = state) => {
  const step = target.steps(change, now).find((candidate) => candidate.key === key)
  if (step === undefined) throw new Error(`no step ${key}`)
  return step
}

describe('blue-green', () => {
  test('has these steps, whose keys must not change while runs with them live', () => {
    expect(keys(replace({ shares: [5] }, 1))).toEqual([
      'artifact',
      'migrate',
      'start-web-1-1',
      'start-web-2-1',
      'healthy',
      'shift-5',
      'verify-5',
      'shift-100',
      'verify-100',
      'retire',
    ])
  })

  test('starts all new instances at once, after the migrations', () => {
    expect(stepOf(replace({}, 1), 'start-web-2-1').needs).toEqual(['migrate'])
    expect(stepOf(replace({}), 'start-web-2-1').needs).toEqual(['artifact'])
    expect(stepOf(replace({}), 'healthy').needs).toEqual(['start-web-1-1', 'start-web-2-1'])
  })

  test('every move of traffic is undone by the exact table from before the first one', () => {
    const undo = (key: string) => {
      const step = stepOf(replace({ shares: [5, 50] }), key)
      return step.verb === 'do' ? step.undo?.with.upstreams : null
    }
    const before = state.instances.map(({ id, host, version, weight, url: at }) => ({
      id,
      host,
      version,
      weight,
      url: at,
    }))
    expect(undo('shift-5')).toEqual(before)
    expect(undo('shift-100')).toEqual(before)
  })

  test('a share is spread over the new instances and the rest over the old ones', () => {
    const step = stepOf(replace({ shares: [5] }), 'shift-5')
    const upstreams = step.verb === 'do' ? (step.with.upstreams as { version: string; weight: number }[]) : []
    expect(upstreams.map(({ version, weight }) => [version, weight])).toEqual([
      ['v2.0.0', 2.5],
      ['v2.0.0', 2.5],
      ['v1.0.0', 47.5],
      ['v1.0.0', 47.5],
    ])
  })

  test('the first deploy of all moves all traffic at once and stops nothing', () => {
    expect(keys(replace({ shares: [5] }), nothing)).toEqual([
      'artifact',
      'start-web-1-1',
      'start-web-2-1',
      'healthy',
      'shift-100',
      'verify-100',
    ])
  })

  test('deploying the version that serves starts fresh instances beside the running ones', () => {
    const change: TargetChange = {
      kind: 'replace',
      place: place(),
      to: { ...release(0), version: 'v1.0.0' },
      from: 'v1.0.0',
    }
    expect(stepOf(change, 'start-web-1-1')).toMatchObject({ with: { id: 'storefront-prod-v1.0.0-web-1-2' } })
  })

  test('more instances than hosts share the hosts', () => {
    expect(keys(replace({ instances: 3 })).filter((key) => key.startsWith('start'))).toEqual([
      'start-web-1-1',
      'start-web-2-1',
      'start-web-1-2',
    ])
  })
})

describe('rolling', () => {
  const rolling = replace({ strategy: 'rolling' })

  test('takes one instance after the other', () => {
    const round = (number: number) => ['start', 'ready', 'shift', 'verify', 'retire'].map((word) => `${word}-${number}`)
    expect(keys(rolling)).toEqual(['artifact', ...round(1), ...round(2)])
  })

  test('an old instance that was stopped is started again when a later one fails', () => {
    expect(stepOf(rolling, 'retire-1')).toMatchObject({
      undo: { action: 'hosts.start', with: { id: 'storefront-prod-v1.0.0-web-1-1', ready: 20_000 } },
    })
  })

  test('going back undoes one round, to the table that round began with', () => {
    const undo = stepOf(rolling, 'shift-2')
    const table = undo.verb === 'do' ? (undo.undo?.with.upstreams as { version: string; weight: number }[]) : []
    expect(table.map(({ version, weight }) => [version, weight])).toEqual([
      ['v2.0.0', 50],
      ['v1.0.0', 50],
    ])
  })

  test('works where nothing serves yet', () => {
    expect(keys(rolling, nothing)).not.toContain('retire-1')
    expect(keys(rolling, nothing)).toContain('shift-2')
  })
})

describe('scaling', () => {
  const to = (instances: number): TargetChange => ({ kind: 'scale', place: place(), instances, version: 'v1.0.0' })

  test('adds on the host with the fewest and spreads the traffic', () => {
    expect(keys(to(3))).toEqual(['reachable', 'start-web-1-1', 'healthy', 'shift-100', 'verify-100'])
    expect(keys(to(1))).toEqual(['reachable', 'shift-100', 'retire'])
  })

  test('below one is refused with the way forward', () => {
    expect(() => target.steps(to(0), state)).toThrow('storefront in prod cannot go below 1 instance')
  })
})
