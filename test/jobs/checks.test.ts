import { expect, test } from 'vitest'
import { ownChecks } from '../../src/jobs/checks.js'
import { silentLog } from '../../src/log.js'
import type { StepContext } from '../../src/runs/abilities.js'
import type { LockHolder } from '../../src/runs/ports.js'
import { minutes, noon, serving, shopCatalogue, targetIn } from '../support/shop.js'

const context: StepContext = {
  run: 1,
  step: 'gate',
  key: '1/gate/1',
  epoch: 1,
  attempt: 1,
  signal: new AbortController().signal,
  clock: { now: () => noon, sleep: async () => {} },
  log: silentLog,
  progress: () => {},
}
const lock: LockHolder = {
  resource: 'storefront/prod',
  run: null,
  by: { kind: 'person', id: 'U0MINA', name: 'Mina' },
  reason: 'exam week',
  since: minutes(-5),
  expires: minutes(55),
}

const unlocked = (holders: LockHolder[]) => run('jobs.unlocked', { resource: 'storefront/prod' }, holders)

test('a lock by hand fails the gate and says who, how long, why, and how to end it', async () => {
  expect(await unlocked([lock])).toMatchObject({
    outcome: 'fail',
    summary: 'prod is locked by Mina, for 5 min, 55 min left: exam week',
    next: 'Ask Mina, or: /ops unlock storefront prod because …',
  })
})

test.each([
  ['of another place', { ...lock, resource: 'storefront/staging' }],
  ['that is over', { ...lock, expires: noon }],
  ['of a run', { ...lock, run: 7 }],
])('a lock %s does not stand in the way', async (_, holder) => {
  expect(await unlocked([holder])).toMatchObject({ outcome: 'pass' })
})

test('what serves is looked at again; anything else than planned fails', async () => {
  const place = shopCatalogue().services.storefront?.environments.prod
  expect(await run('jobs.serving', { place, version: 'v1.7.3' })).toMatchObject({ outcome: 'pass' })
  expect(await run('jobs.serving', { place, version: 'v1.7.2' })).toMatchObject({
    outcome: 'fail',
    summary: 'v1.7.3 serves, not v1.7.2',
  })
})

function run(name: string, input: unknown, holders: LockHolder[] = []) {
  const target = targetIn(shopCatalogue(), async () => serving('v1.7.3'))
  const check = ownChecks({
    locks: { holders: async () => holders },
    runs: { view: async () => null, list: async () => [] },
    target: () => target,
  }).find((one) => one.name === name)
  return check?.run(check.input.parse(input), context)
}
