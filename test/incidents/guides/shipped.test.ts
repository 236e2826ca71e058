import { expect, test } from 'vitest'
import { checkGuide } from '../../../src/incidents/guides/check-guide.js'
import { shownGuideMistake } from '../../../src/incidents/guides/mistakes.js'
import { guidesAgainst } from '../../../src/incidents/guides/suggest-guides.js'
import { readGuideFolder } from '../../../src/integrations/guide-folder.js'
import { planGuide } from '../../../src/jobs/guide-plan.js'
import { realAbilities } from '../../support/real-abilities.js'

const knownAbilities = await realAbilities()
const { guides, broken } = await readGuideFolder()

test('every guide that comes with Shipmate reads, and there is one for each situation', () => {
  expect(broken.map(({ path, error }) => `${path}: ${error.message}`)).toEqual([])
  expect(guides.map(({ guide }) => guide.name)).toEqual([
    'backup-failed',
    'bad-migration',
    'cache-failure',
    'certificate-expiring',
    'connection-pool-exhausted',
    'database-locks',
    'disk-filling',
    'error-spike-after-deploy',
    'external-service-down-n8n',
    'external-service-down-stack-auth',
    'external-service-down-stripe',
    'external-service-down-supabase',
    'failed-deploy',
    'leaked-secret',
    'lost-data',
    'queue-stuck',
    'replica-lag',
    'service-down',
    'slow-application',
    'traffic-flood',
  ])
})

test.each([
  ['postgres.locks', ['database-locks']],
  ['postgres.reachable', ['service-down']],
  ['postgres.connections', ['connection-pool-exhausted']],
  ['redis.reachable', ['cache-failure']],
  ['tls.certificate', ['certificate-expiring']],
  ['host.disk', ['disk-filling']],
  ['queue.backlog', ['queue-stuck']],
  ['postgres.invariants', []],
])('what %s finds is repaired by the guide whose act it proves', (check, names) => {
  const found = guidesAgainst(
    check,
    guides.map(({ guide }) => guide),
  )
  expect(found.map(({ name }) => name)).toEqual(names)
})

test.each(guides)('$guide.name names only checks, actions and jobs that exist, with input they accept', ({ guide }) => {
  expect(checkGuide(guide, knownAbilities).map((mistake) => shownGuideMistake(guide.name, mistake))).toEqual([])
})

test.each(guides)(
  '$guide.name can be found, says when to stop, what to tell people, and proves that it helped',
  ({ guide }) => {
    expect(guide.severity).not.toBeNull()
    expect(guide.for.symptoms.length).toBeGreaterThan(2)
    expect(guide.prose).toContain('**Stop and escalate**')
    expect(guide.steps.some(({ verb }) => verb === 'say')).toBe(true)
    const lastDo = guide.steps.findLastIndex(({ verb }) => verb === 'do')
    const proves = guide.steps.some(
      (step, at) => at > lastDo && (step.verb === 'check' || step.key === 'proof' || step.key === 'compare'),
    )
    expect(proves, 'a look after the last change').toBe(true)
  },
)

test.each(guides)('$guide.name becomes a plan whose steps need and ask for nothing that is not in it', ({ guide }) => {
  const responders = { groups: ['on-call'], people: [], requester: 'counts' as const }
  const { steps, pinned } = planGuide(guide, { incident: 31, service: 'storefront', environment: 'prod', responders })
  const keys = steps.map(({ key }) => key)
  expect(new Set(keys).size).toBe(keys.length)
  steps.forEach((step, at) => {
    const before = keys.slice(0, at)
    for (const need of step.needs ?? []) expect(before).toContain(need)
  })
  expect(JSON.stringify({ steps, pinned })).not.toMatch(/\{\{/)
})

// Its card has a button for that: see test/slack/incidents/drawings.test.ts.
test.each(['lost-data', 'bad-migration'])('%s has a step that is the restore itself, and not only its name', (name) => {
  const responders = { groups: ['on-call'], people: [], requester: 'counts' as const }
  const guide = guides.find((one) => one.guide.name === name)?.guide
  if (!guide) throw new Error(`there is no guide ${name}`)
  const { pinned } = planGuide(guide, { incident: 31, service: 'storefront', environment: 'prod', responders })
  expect(pinned.commands).toMatchObject({ restore: '/restore' })
})
