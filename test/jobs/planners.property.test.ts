import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ShipmateError } from '../../src/errors.js'
import { createHostsTarget } from '../../src/integrations/hosts/target.js'
import { ownChecks } from '../../src/jobs/checks.js'
import { jobOf, planIntent } from '../../src/jobs/jobs.js'
import { silentLog } from '../../src/log.js'
import type { Release } from '../../src/releases/release.js'
import type { TargetState } from '../../src/releases/target.js'
import { type Abilities, gatherAbilities } from '../../src/runs/abilities.js'
import { type Plan, type PlanDraft, sealPlan } from '../../src/runs/plan.js'
import type { Intent } from '../../src/runs/run.js'
import type { Step } from '../../src/runs/step.js'
import {
  factsOf,
  intent,
  migration,
  release,
  type Situation,
  served,
  serving,
  shopCatalogue,
  shopText,
} from '../support/shop.js'

/** What is backed up first stands in test/jobs/deploy.test.ts: the abilities here are those of hosts. */
const hostsText = shopText.replace('beforeMigrations: unsafe', 'beforeMigrations: false')

const versions = ['v1.7.2', 'v1.7.3', 'v1.8.0', 'v1.8.1', 'v1.9.0', 'v2.0.0']
const someVersion = fc.constantFrom(...versions)

const releases: fc.Arbitrary<Release[]> = fc
  .array(fc.record({ version: someVersion, migrations: fc.array(fc.boolean(), { maxLength: 2 }) }), { maxLength: 6 })
  .map((all) => all.toSorted((a, b) => (a.version < b.version ? 1 : -1)))
  .map((all) => all.filter(({ version }, at) => version !== all[at - 1]?.version))
  .map((all) =>
    all.map(({ version, migrations }) =>
      release(version, { migrations: migrations.map((safe, at) => migration(`${version}-${at}`, safe)) }),
    ),
  )

const state: fc.Arbitrary<TargetState> = fc
  .record({ version: fc.option(someVersion), count: fc.integer({ min: 1, max: 5 }), idle: fc.option(someVersion) })
  .map(({ version, count, idle }) => {
    const now = serving(version, count)
    const left =
      idle === null ? [] : serving(idle, 1).instances.map((one) => ({ ...one, id: `${one.id}-idle`, weight: 0 }))
    return { ...now, instances: [...now.instances, ...left] }
  })

const catalogueText = fc
  .record({
    strategy: fc.constantFrom('blue-green', 'rolling'),
    shares: fc.constantFrom('[]', '[50]', '[10, 50]'),
    quorum: fc.constantFrom('0', '1', '2'),
    mode: fc.constantFrom('act', 'observe'),
    requester: fc.constantFrom('excluded', 'counts', 'self with confirmation'),
  })
  .map(({ strategy, shares, quorum, mode, requester }) =>
    hostsText
      .replace('strategy: blue-green\n', `strategy: ${strategy}\n`)
      .replace('shares: [50]', strategy === 'rolling' ? 'shares: []' : `shares: ${shares}`)
      .replace('quorum: 1', `quorum: ${quorum}`)
      .replace('mode: act', `mode: ${mode}`)
      .replace('requester: excluded', `requester: ${requester}`),
  )

const situation: fc.Arbitrary<Situation> = fc.record({
  catalogue: catalogueText.map((text) => shopCatalogue(text)),
  releases,
  state,
  history: fc.array(someVersion, { maxLength: 4 }).map((all) => all.map((version, at) => served(version, 9 - at))),
})

/** Mostly of what there is, so that most are planned and not refused. */
const askedOf = ({ releases = [] }: Situation): fc.Arbitrary<Intent> => {
  const there = releases.length > 0 ? fc.constantFrom(...releases.map(({ version }) => version)) : someVersion
  const version = fc.option(fc.oneof({ arbitrary: there, weight: 4 }, someVersion))
  return fc.oneof(changeOf(version), scaling)
}

const changeOf = (version: fc.Arbitrary<string | null>): fc.Arbitrary<Intent> =>
  fc
    .record({ job: fc.constantFrom('deploy', 'rollback'), version, where: fc.boolean() })
    .map(({ job, version, where }) => intent(job, version === null ? {} : { version }, where ? 'prod' : 'staging'))

const scaling: fc.Arbitrary<Intent> = fc
  .record({ instances: fc.integer({ min: 1, max: 6 }), where: fc.boolean() })
  .map(({ instances, where }) => intent('scale', { instances }, where ? 'prod' : 'staging'))

const scene = situation.chain((from) => fc.tuple(askedOf(from), fc.constant(from)))

/** The plan, or null where the planner refuses with a way forward. */
async function planned(what: Intent, from: Situation): Promise<Plan | null> {
  try {
    return sealPlan(await planIntent(what, factsOf(from)))
  } catch (thrown) {
    if (!(thrown instanceof ShipmateError) || thrown.kind !== 'refused' || !thrown.next) throw thrown
    return null
  }
}

const catalogue = shopCatalogue(hostsText)
const hosts = createHostsTarget({ targets: catalogue.targets, secret: async () => '', log: silentLog })
const target = () => hosts.target
const abilities = gatherAbilities(
  [
    ...hosts.checks,
    ...ownChecks({
      locks: { holders: async () => [] },
      runs: { view: async () => null, list: async () => [] },
      target,
    }),
  ],
  hosts.actions,
)

/** What cannot be taken back by another step, and is done last or harmlessly: said here so that a new one is noticed. */
const withoutUndo = ['hosts.migrate', 'hosts.retire', 'hosts.stop']

/** Everything that is wrong with a plan as data; empty for a plan that can be carried out. */
function faults({ steps }: Pick<PlanDraft, 'steps'>, known: Abilities): string[] {
  const keys = steps.map(({ key }) => key)
  return steps.flatMap((step, at) => [
    ...(keys.indexOf(step.key) === at ? [] : [`${step.key} is there twice`]),
    ...needed(steps, at).flatMap((key) => (keys.slice(0, at).includes(key) ? [] : [`${step.key} needs ${key}`])),
    ...(step.timeout > 0 ? [] : [`${step.key} has no time`]),
    ...carried(step, known),
    ...gatesMissed(steps, at),
  ])
}

const needed = (steps: Step[], at: number): string[] => steps[at]?.needs ?? (at === 0 ? [] : [steps[at - 1]?.key ?? ''])

/** Its check, action and undo exist and take their input; what changes the world can be taken back. */
function carried(step: Step, known: Abilities): string[] {
  if (step.verb === 'check') return taken(step.key, known.check(step.check)?.input, step.with)
  if (step.verb !== 'do') return []
  const { undo } = step
  return [
    ...taken(step.key, known.action(step.action)?.input, step.with),
    ...(undo ? taken(`undo of ${step.key}`, known.action(undo.action)?.input, undo.with) : []),
    ...(undo || withoutUndo.includes(step.action) ? [] : [`${step.key} cannot be undone`]),
  ]
}

function taken(key: string, schema: { safeParse(input: unknown): { success: boolean } } | undefined, input: unknown) {
  if (schema === undefined) return [`${key} is nothing that is known`]
  return schema.safeParse(input).success ? [] : [`${key} is given what it does not take`]
}

/** Gates and asks that a `do` does not wait for. */
function gatesMissed(steps: Step[], at: number): string[] {
  if (steps[at]?.verb !== 'do') return []
  const first = steps.findIndex(({ verb }) => verb === 'do')
  const gates = steps.slice(0, first).filter(({ verb }) => verb === 'check' || verb === 'ask')
  const before = allBefore(steps, at)
  return gates.flatMap(({ key }) => (before.has(key) ? [] : [`${steps[at]?.key} does not wait for ${key}`]))
}

function allBefore(steps: Step[], at: number): Set<string> {
  const all = new Set<string>()
  const look = (index: number) => {
    for (const key of needed(steps, index)) {
      if (all.has(key)) continue
      all.add(key)
      look(steps.findIndex((step) => step.key === key))
    }
  }
  look(at)
  return all
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const item of Object.values(value)) frozen(item)
  }
  return value
}

describe('whatever is asked and whatever is so', () => {
  it('the plan can be carried out, or it is refused with a way forward', async () => {
    let plans = 0
    await fc.assert(
      fc.asyncProperty(scene, async ([what, from]) => {
        const plan = await planned(what, frozen(from))
        if (!plan) return
        plans++
        expect(faults(plan, abilities)).toEqual([])
        const locks = jobOf(what.job).resources(what)
        expect(locks).toEqual([...new Set(locks)].sort())
        expect(JSON.parse(JSON.stringify(plan.steps))).toEqual(plan.steps)
      }),
      { numRuns: 400 },
    )
    expect(plans).toBeGreaterThan(100)
  })

  it('the same facts give the same digest, and a pin that changed gives another', async () => {
    let compared = 0
    await fc.assert(
      fc.asyncProperty(scene, fc.constantFrom('artifact', 'commit', 'serving', 'may'), async ([what, from], pin) => {
        const plan = await planned(what, from)
        if (!plan) return
        expect((await planned(structuredClone(what), from))?.digest).toBe(plan.digest)
        const other = await planned(what, changed(from, pin))
        if (!other || JSON.stringify(other.pinned) === JSON.stringify(plan.pinned)) return
        compared++
        expect(other.digest).not.toBe(plan.digest)
      }),
      { numRuns: 400 },
    )
    expect(compared).toBeGreaterThan(50)
  })
})

function changed(from: Situation, pin: string): Situation {
  if (pin === 'serving') return { ...from, state: serving('v1.7.1', 2) }
  if (pin === 'may') return { ...from, catalogue: shopCatalogue(hostsText.replaceAll('drain: ', 'drain: 1')) }
  const value = pin === 'commit' ? 'f'.repeat(40) : `sha256:${'f'.repeat(64)}`
  return { ...from, releases: (from.releases ?? []).map((one) => ({ ...one, [pin]: value })) }
}

it('the checker of plans sees what is planted', async () => {
  const plan = await planned(intent('deploy', { version: 'v1.8.0' }), {})
  if (!plan) throw new Error('there is no plan')
  const spoilt = (change: (steps: Step[]) => Step[]) => faults({ steps: change(plan.steps) }, abilities)
  const only = (key: string, more: object) => (steps: Step[]) =>
    steps.map((step) => (step.key === key ? ({ ...step, ...more } as Step) : step))
  expect(spoilt((steps) => steps)).toEqual([])
  expect(spoilt((steps) => [...steps, ...steps.slice(-1)])).toEqual(['release-note is there twice'])
  expect(spoilt(only('healthy', { needs: ['nothing'] }))).toContain('healthy needs nothing')
  expect(spoilt(only('shift-50', { undo: undefined }))).toEqual(['shift-50 cannot be undone'])
  expect(spoilt(only('migrate', { needs: ['serving'] }))).toContain('migrate does not wait for approve')
  expect(spoilt(only('migrate', { with: {} }))).toEqual(['migrate is given what it does not take'])
  expect(spoilt(only('migrate', { action: 'hosts.dance' }))).toContain('migrate is nothing that is known')
})
