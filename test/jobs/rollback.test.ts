import { expect, test } from 'vitest'
import { planRollback } from '../../src/jobs/rollback.js'
import { factsOf, intent, migration, release, served, serving } from '../support/shop.js'

test('a rollback brings back the version before: no migrations, no shares, a short look', async () => {
  const plan = await planRollback(intent('rollback'), factsOf())
  expect(plan.steps.map(({ verb, key }) => `${verb} ${key}`)).toEqual([
    'check unlocked',
    'check serving',
    'check artifact',
    'do start-alpha-1',
    'do start-beta-1',
    'check healthy',
    'do shift-100',
    'check verify-100',
    'do retire',
    'say note',
  ])
  const verify = plan.steps.find(({ key }) => key === 'verify-100')
  expect(verify?.verb === 'check' && verify.with).toMatchObject({ for: 1_000 })
  expect(plan.headline).toMatchObject({ from: 'v1.7.3', to: 'v1.7.2', risk: 'low', undo: 'traffic back to v1.7.3' })
  expect(plan.result).toMatchObject({ version: 'v1.7.2', replaced: 'v1.7.3' })
})

test('migrations that stay are on the card', async () => {
  const facts = factsOf({ state: serving('v1.8.0'), history: [served('v1.8.0', 8), served('v1.7.3', 7)] })
  const { headline } = await planRollback(intent('rollback'), facts)
  expect(headline).toMatchObject({ to: 'v1.7.3', risk: 'medium', migrations: [] })
  expect(headline.notes).toEqual(['all traffic at once; 1 migration stays applied, v1.7.3 can run on it'])
})

const unsafe = [release('v1.8.0', { migrations: [migration('005', false)] }), release('v1.7.3'), release('v1.7.2')]
const after = { releases: unsafe, state: serving('v1.8.0'), history: [served('v1.8.0', 8), served('v1.7.3', 7)] }

const refusals: [
  why: string,
  version: string | undefined,
  facts: Parameters<typeof factsOf>[0],
  message: string,
  next: string,
][] = [
  [
    'it serves already',
    'v1.7.3',
    {},
    'storefront v1.7.3 already serves prod.',
    'Nothing to do. /ops status shows what runs where.',
  ],
  [
    'it never served there',
    'v1.8.0',
    {},
    'v1.8.0 never served prod, so it cannot be rolled back to.',
    'It can go back to v1.7.2.',
  ],
  ['nobody built it', 'v1.7.1', {}, 'There is no release v1.7.1 of storefront.', 'It can go back to v1.7.2.'],
  [
    'it cannot run on the schema any more',
    'v1.7.3',
    after,
    'storefront cannot go back to v1.7.3: it cannot run on the schema after migration 005 (v1.8.0).',
    'Bring a repaired release: /deploy storefront prod',
  ],
  [
    'nothing can come back',
    undefined,
    after,
    'There is no release to roll storefront in prod back to.',
    'Bring a repaired release: /deploy storefront prod',
  ],
  [
    'its artifact is gone',
    'v1.7.2',
    { releases: [release('v1.7.3')] },
    'storefront cannot go back to v1.7.2: its artifact is gone.',
    'Bring a repaired release: /deploy storefront prod',
  ],
]

test.each(refusals)('a rollback is refused with a way forward when %s', async (_, version, facts, message, next) => {
  const planned = planRollback(intent('rollback', version === undefined ? {} : { version }), factsOf(facts))
  await expect(planned).rejects.toMatchObject({ kind: 'refused', message, next })
})
