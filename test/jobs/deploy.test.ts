import { expect, test } from 'vitest'
import { planDeploy } from '../../src/jobs/deploy.js'
import { sealPlan } from '../../src/runs/plan.js'
import type { Step } from '../../src/runs/step.js'
import { factsOf, intent, migration, release, served, serving, shopCatalogue, shopText } from '../support/shop.js'

const told = (step: Step) => `${step.verb} ${step.key}: ${step.title}`

test('a deploy to prod reads like its runbook', async () => {
  const plan = await planDeploy(intent('deploy', { version: 'v1.8.0' }), factsOf())
  expect(plan.steps.map(told)).toEqual([
    'check unlocked: prod is not locked',
    'check serving: v1.7.3 serves',
    'check artifact: v1.8.0 is on the hosts',
    'ask approve: prod needs 1 of @release-managers',
    'do migrate: Run 1 migration',
    'do start-alpha-1: Start v1.8.0 on alpha',
    'do start-beta-1: Start v1.8.0 on beta',
    'check healthy: 2 × v1.8.0 healthy',
    'do shift-50: 50 % of traffic to v1.8.0',
    'check verify-50: Watch v1.8.0 at 50 %',
    'do shift-100: All traffic to v1.8.0',
    'check verify-100: Watch v1.8.0',
    'do retire: Stop v1.7.3',
    'say release-note: post the release note',
  ])
})

test('where the repository is named, people compare what serves with what comes, and read each commit', async () => {
  const text = shopText.replace('    releases:\n', '    repository: https://github.com/acme/shop\n    releases:\n')
  const plan = await planDeploy(intent('deploy', { version: 'v1.8.0' }), factsOf({ catalogue: shopCatalogue(text) }))
  const [from, to] = [release('v1.7.3').commit, release('v1.8.0').commit]
  expect(plan.headline.links).toEqual({
    repository: 'https://github.com/acme/shop',
    compare: `https://github.com/acme/shop/compare/${from}...${to}`,
  })
  // An address is no part of what is approved.
  const plain = await planDeploy(intent('deploy', { version: 'v1.8.0' }), factsOf())
  expect(sealPlan(plan).digest).toBe(sealPlan(plain).digest)
})

test('nothing begins before every gate has held and people have approved', async () => {
  const { steps } = await planDeploy(intent('deploy', { version: 'v1.7.4' }), factsOf({ releases: noMigration }))
  const needs = Object.fromEntries(steps.map(({ key, needs }) => [key, needs]))
  expect(needs).toMatchObject({
    unlocked: [],
    serving: [],
    artifact: [],
    approve: ['unlocked', 'serving', 'artifact'],
    'start-alpha-1': ['approve'],
    'start-beta-1': ['approve'],
  })
})

test('where nobody has to approve, the work still waits for every gate', async () => {
  const plan = await planDeploy(intent('deploy', { version: 'v1.7.4' }, 'staging'), factsOf({ releases: noMigration }))
  expect(plan.steps.filter(({ verb }) => verb === 'ask')).toEqual([])
  const first = plan.steps.find(({ verb }) => verb === 'do')
  expect(first?.needs).toEqual(['unlocked', 'serving', 'artifact'])
})

const noMigration = [release('v1.7.4'), release('v1.7.3')]

test('without a version the newest release is meant, with all that it brings', async () => {
  const plan = await planDeploy(intent('deploy'), factsOf())
  expect(plan.headline).toMatchObject({ from: 'v1.7.3', to: 'v1.9.0', risk: 'medium', undo: 'traffic back to v1.7.3' })
  expect(plan.headline.changes.map(({ subject }) => subject)).toEqual(['work on v1.9.0', 'work on v1.8.0'])
  expect(plan.headline.migrations.map(({ name }) => name)).toEqual(['004'])
  expect(plan.headline.notes).toContain('also brings v1.8.0')
  expect(plan.result).toEqual({
    service: 'storefront',
    environment: 'prod',
    version: 'v1.9.0',
    instances: 2,
    replaced: 'v1.7.3',
  })
})

test('an approval binds to commit, artifact, migrations, the release replaced and the slice of the file', async () => {
  const { pinned } = await planDeploy(intent('deploy', { version: 'v1.8.0' }), factsOf())
  expect(pinned).toMatchObject({
    version: 'v1.8.0',
    commit: release('v1.8.0').commit,
    artifact: release('v1.8.0').artifact,
    replaces: 'v1.7.3',
    instances: 2,
    migrations: [{ name: '004', safe: true }],
  })
  const digest = async (facts = factsOf()) =>
    sealPlan(await planDeploy(intent('deploy', { version: 'v1.8.0' }), facts)).digest
  const stricter = shopCatalogue(shopText.replace('maxErrors: 1', 'maxErrors: 2'))
  expect(await digest()).toBe(await digest())
  expect(await digest(factsOf({ catalogue: stricter }))).not.toBe(await digest())
  expect(await digest(factsOf({ state: serving('v1.7.2') }))).not.toBe(await digest())
})

test('a migration that an older version cannot run on makes it a high risk', async () => {
  const releases = [release('v1.8.0', { migrations: [migration('005', false)] }), release('v1.7.3')]
  expect((await planDeploy(intent('deploy'), factsOf({ releases }))).headline.risk).toBe('high')
})

test('what cannot be undone stands beside what can', async () => {
  const releases = [release('v1.8.0', { migrations: [migration('005', false)] }), release('v1.7.3')]
  const { headline } = await planDeploy(intent('deploy'), factsOf({ releases }))
  expect(headline.undo).toBe('traffic back to v1.7.3; what the migrations take away stays gone')
})

test.each([
  ['unsafe', true, false],
  ['unsafe', false, true],
  ['true', true, true],
  ['false', false, false],
])('with beforeMigrations: %s a migration whose safety is %s is backed up first: %s', async (wanted, safe, first) => {
  const releases = [release('v1.8.0', { migrations: [migration('005', safe)] }), release('v1.7.3')]
  const catalogue = shopCatalogue(shopText.replace('beforeMigrations: unsafe', `beforeMigrations: ${wanted}`))
  const { steps } = await planDeploy(intent('deploy'), factsOf({ releases, catalogue }))
  expect(steps.some(({ key }) => key === 'backup')).toBe(first)
  expect(steps.find(({ key }) => key === 'migrate')?.needs).toEqual([first ? 'backed-up' : 'approve'])
})

test('a version that was replaced once is riskier, and the card says so', async () => {
  const history = [served('v1.7.3', 9), served('v1.8.0', 8)]
  const { headline } = await planDeploy(intent('deploy', { version: 'v1.8.0' }), factsOf({ history }))
  expect(headline.risk).toBe('medium')
  expect(headline.notes).toContain('it served before (#8) and was replaced')
})

test('a deploy takes no capacity away that was added by scaling', async () => {
  const scaled = await planDeploy(intent('deploy'), factsOf({ state: serving('v1.7.3', 3) }))
  expect(scaled.result?.instances).toBe(3)
  const tooMany = await planDeploy(intent('deploy'), factsOf({ state: serving('v1.7.3', 6) }))
  expect(tooMany.result?.instances).toBe(4)
})

test('an environment that observes asks nobody and carries nothing out', async () => {
  const catalogue = shopCatalogue(shopText.replace('mode: act', 'mode: observe'))
  const plan = await planDeploy(intent('deploy'), factsOf({ catalogue }))
  expect(plan.observe).toBe(true)
  expect(plan.steps.filter(({ verb }) => verb === 'ask')).toEqual([])
})

test('a team of one goes alone with a notice to the channel', async () => {
  const text = shopText.replace('requester: excluded', 'requester: self with confirmation')
  const { steps } = await planDeploy(
    intent('deploy', { version: 'v1.8.0' }),
    factsOf({ catalogue: shopCatalogue(text) }),
  )
  expect(steps.map(({ key }) => key).slice(3, 6)).toEqual(['approve', 'notice', 'migrate'])
  expect(steps.find(({ key }) => key === 'migrate')?.needs).toEqual(['notice'])
})

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
    'it is older than what serves',
    'v1.7.2',
    {},
    'v1.7.2 is older than v1.7.3, which serves prod.',
    'That is a rollback: /rollback storefront prod v1.7.2',
  ],
  ['it was never built', 'v1.80', {}, 'There is no release v1.80 of storefront.', 'Did you mean v1.8.0?'],
  ['nothing like it was built', 'banana', {}, 'There is no release banana of storefront.', 'Name one of those.'],
  [
    'the newest serves',
    undefined,
    { state: serving('v1.9.0') },
    'storefront v1.9.0 serves prod; it is the newest release.',
    'For an older one: /rollback storefront prod',
  ],
  ['nothing was built', undefined, { releases: [] }, 'storefront has no release yet.', 'Build one first.'],
]

test.each(refusals)('a deploy is refused with a way forward when %s', async (_, version, facts, message, next) => {
  const planned = planDeploy(intent('deploy', version === undefined ? {} : { version }), factsOf(facts))
  await expect(planned).rejects.toMatchObject({ kind: 'refused', message, next })
})

test('the release note says what is live and cuts what is long', async () => {
  const changes = Array.from({ length: 12 }, (_, at) => ({ sha: `${at}`, author: 'Ada', subject: 'x'.repeat(200) }))
  const releases = [release('v1.8.0', { changes }), release('v1.7.3')]
  const { steps } = await planDeploy(intent('deploy'), factsOf({ releases }))
  const note = steps.at(-1)
  const lines = note?.verb === 'say' ? note.text.split('\n') : []
  expect(lines[0]).toBe('storefront v1.8.0 is live in prod instead of v1.7.3.')
  expect(lines).toHaveLength(12)
  expect(lines.at(-1)).toBe('… and 2 more')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(120)
})
