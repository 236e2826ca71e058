import { expect, test } from 'vitest'
import { planScale } from '../../src/jobs/scale.js'
import { factsOf, intent, serving } from '../support/shop.js'

const keys = async (instances: number) =>
  (await planScale(intent('scale', { instances }), factsOf())).steps.map(({ verb, key }) => `${verb} ${key}`)

test('scaling up starts instances before it gives them traffic', async () => {
  expect(await keys(3)).toEqual([
    'check unlocked',
    'check serving',
    'check reachable',
    'do start-alpha-1',
    'check healthy',
    'do shift-100',
    'check verify-100',
    'say note',
  ])
})

test('scaling down takes traffic away before it stops instances', async () => {
  expect(await keys(1)).toEqual([
    'check unlocked',
    'check serving',
    'check reachable',
    'do shift-100',
    'do retire',
    'say note',
  ])
})

test('the same version goes on, with so many instances', async () => {
  const plan = await planScale(intent('scale', { instances: 4 }), factsOf())
  expect(plan.headline).toMatchObject({ from: 'v1.7.3', to: 'v1.7.3', risk: 'low', undo: 'back to 2' })
  expect(plan.headline.notes).toEqual(['2 → 4 instances', "at most 4 by the operator's file"])
  expect(plan.result).toEqual({
    service: 'storefront',
    environment: 'prod',
    version: 'v1.7.3',
    instances: 4,
    replaced: null,
  })
})

test.each([
  [
    5,
    {},
    'storefront in prod may have at most 4 instances.',
    'Ask for fewer, or ask the operator to raise maxInstances.',
  ],
  [2, {}, 'storefront in prod already has 2 instances.', 'Nothing to do.'],
  [
    3,
    { state: serving(null) },
    'Nothing of storefront serves prod, so there is nothing to scale.',
    'Deploy it first: /deploy storefront prod',
  ],
])('to %i instances is refused with a way forward', async (instances, facts, message, next) => {
  const planned = planScale(intent('scale', { instances }), factsOf(facts))
  await expect(planned).rejects.toMatchObject({ kind: 'refused', message, next })
})
