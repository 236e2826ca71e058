import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../src/clock.js'
import { silentLog } from '../../src/log.js'
import { defineAction, defineCheck, gatherAbilities } from '../../src/runs/abilities.js'
import { createEngine, type Engine } from '../../src/runs/engine.js'
import { type AnswerRecord, hasEnded, type RunView } from '../../src/runs/run.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { order, person } from '../store/orders.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { acceptedRun, asker, createDeskWorld, shown } from '../support/desk-world.js'
import { atFullSize } from '../support/parts.js'
import { waitFor } from '../support/wait-for.js'
import { type Pinned, type Shipped, shippingPlan, unapproved } from './approvals.js'

const cases = atFullSize('approvals') ? 1_000 : 50
const spoofs = atFullSize('approvals') ? 2_000 : 100
const shortlyMs = 4_000
/** As long as a busy machine takes. */
const calmlyMs = 60_000

let database: TestDatabase
let store: Store
let engine: Engine
/** What is so in the world at this moment, by run. */
const facts = new Map<number, Pinned>()
const shipped: Shipped[] = []

beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  const look = defineCheck({
    name: 'world.look',
    input: z.object({}),
    run: async () => ({ outcome: 'pass', summary: '' }),
  })
  const ship = defineAction({
    name: 'world.ship',
    input: z.object({
      commit: z.string(),
      artifact: z.string(),
      environment: z.string(),
      config: z.string(),
      extra: z.boolean(),
    }),
    fence: 'key',
    run: async (pinned, { run }) => {
      shipped.push({ run, pinned, at: new Date() })
      return { evidence: { summary: 'shipped' } }
    },
  })
  engine = createEngine({
    store,
    abilities: gatherAbilities([look], [ship]),
    plan: async (run) => {
      await pause(Math.random() * 8)
      return shippingPlan(factsOf(run.id), expiresOf(run.id))
    },
    wakes: { wake: async () => {} },
    clock: systemClock,
    log: silentLog,
    sweepEvery: 25,
  })
  engine.sweep()
})
afterAll(async () => {
  await engine?.stop()
  await store?.close()
  await database?.drop()
})

const fresh = (): Pinned => ({
  commit: 'a'.repeat(40),
  artifact: 'sha256:a',
  environment: 'prod',
  config: '1',
  extra: false,
})
const changes: Partial<Pinned>[] = [
  { commit: 'b'.repeat(40) },
  { artifact: 'sha256:b' },
  { environment: 'staging' },
  { config: '2' },
  { extra: true },
]

const kindOf = (run: number) => run % (changes.length + 1)
/** One in six, whose approval nobody gives in time. The first runs are those that the world changes under. */
const isLate = (run: number) => run <= cases && kindOf(run) === changes.length
const expiresOf = (run: number) => (isLate(run) ? shortlyMs : calmlyMs)

function factsOf(run: number): Pinned {
  const known = facts.get(run) ?? fresh()
  facts.set(run, known)
  return known
}

async function view(run: number): Promise<RunView> {
  const seen = await store.desk.view(run)
  if (!seen) throw new Error(`no run ${run}`)
  return seen
}

async function asks(run: number): Promise<RunView> {
  return waitFor(
    `#${run} asks or has ended`,
    async () => {
      const seen = await view(run)
      return hasEnded(seen.run.state) || seen.steps.some(({ key, state }) => key === 'approve' && state === 'waiting')
        ? seen
        : undefined
    },
    calmlyMs,
  )
}

/** A click on the card as it was when that person looked. */
function click(seen: RunView, id: string) {
  const round = seen.steps.find(({ key }) => key === 'approve')?.round ?? 0
  const digest = seen.run.plan?.digest ?? ''
  return store.desk.answer({
    run: seen.run.id,
    step: 'approve',
    round,
    person: person(id),
    answer: 'approve',
    reason: '',
    digest,
    at: new Date(),
  })
}

/** Two people look and click while the world changes at some moment; whoever is asked again looks again. */
async function interleaved(): Promise<AnswerRecord[]> {
  const { run } = await store.desk.submit(order())
  const change = changes[kindOf(run.id)]
  // Some at any moment from the start, most when people are about to click, however long the plan took.
  const near = Math.random() < 0.3 ? Promise.resolve() : asks(run.id)
  const changing =
    change &&
    near.then(() => pause(Math.random() * 120)).then(() => facts.set(run.id, { ...factsOf(run.id), ...change }))
  for (let time = 0; ; time++) {
    const seen = await asks(run.id)
    if (hasEnded(seen.run.state)) break
    if (isLate(run.id) && time === 0) await pause(shortlyMs - Math.random() * 200)
    await Promise.all(['U2', 'U3'].map((id) => pause(Math.random() * 60).then(() => click(seen, id))))
    await pause(40)
  }
  await changing
  return (await ended(run.id)).answers
}

/** Approved means executed or visibly not: no run is left that says approved and does nothing. */
const ended = (run: number): Promise<RunView> =>
  waitFor(
    `#${run} ends`,
    async () => {
      const seen = await view(run)
      return hasEnded(seen.run.state) ? seen : undefined
    },
    calmlyMs,
  )

test('whatever changes between an approval and its execution, nothing is shipped but what was approved', async () => {
  const answers: AnswerRecord[] = []
  const ends = new Map<string, number>()
  let left = cases
  const work = async () => {
    while (left-- > 0) answers.push(...(await interleaved()))
  }
  await Promise.all(Array.from({ length: 10 }, work))
  for (const run of facts.keys()) {
    const { state } = (await view(run)).run
    ends.set(state, (ends.get(state) ?? 0) + 1)
    const times = shipped.filter((one) => one.run === run).length
    expect(`#${run} ${state} ${times}`).toBe(`#${run} ${state} ${state === 'done' ? 1 : 0}`)
  }
  expect(unapproved(shipped, answers, expiresOf)).toEqual([])
  expect(ends.get('done')).toBeGreaterThan(cases / 2)
  // Or nothing was changed at the moments that matter.
  const rounds = await Promise.all([...facts.keys()].map(async (run) => (await view(run)).run.planRound))
  expect(rounds.filter((round) => round > 1).length).toBeGreaterThan(cases / 20)
  const one = shipped[0]
  if (!one) throw new Error('nothing was shipped')
  const planted = { ...one, pinned: { ...one.pinned, commit: 'c'.repeat(40) } }
  expect(unapproved([planted], answers, expiresOf)).toEqual([expect.stringContaining('that nobody approved')])
  expect(unapproved([one], answers.slice(0, 0), expiresOf)).toHaveLength(1)
}, 420_000)

test('of a hundred clicks at the same moment each person counts once, and it is shipped once', async () => {
  const { run } = await store.desk.submit(order())
  const seen = await asks(run.id)
  const clicks = Array.from({ length: 100 }, (_, number) =>
    click(seen, number % 4 === 0 ? 'U1' : `U${1 + (number % 4)}`),
  )
  const results = await Promise.all(clicks)
  const { answers, run: after } = await ended(run.id)
  expect(after.state).toBe('done')
  expect(new Set(answers.map(({ person: { id } }) => id)).size).toBe(answers.length)
  expect(results.filter(({ accepted }) => accepted)).toHaveLength(answers.length)
  expect(shipped.filter((one) => one.run === run.id)).toHaveLength(1)
})

test('a button whose contents were changed in any way has no effect', async () => {
  const world = await createDeskWorld()
  onTestFinished(world.close)
  const asked = await world.asks(acceptedRun(await world.desk.say('prod v1.8.0', 'deploy', asker('U0RITA'))))
  const honest = { name: 'approve', ...shown(asked) } as const
  const word = fc.string({ minLength: 1, maxLength: 40 })
  const changed = fc.oneof(
    fc.integer({ min: -3, max: 9_999 }).map((run) => ({ run })),
    word.map((step) => ({ step })),
    fc.constantFrom('unlocked', 'start', 'shift', '__proto__', 'constructor').map((step) => ({ step })),
    fc.integer({ min: -3, max: 99 }).map((round) => ({ round })),
    fc
      .oneof(word, fc.constant(''), fc.constant(honest.digest.toUpperCase()), fc.constant(honest.digest.slice(1)))
      .map((digest) => ({ digest })),
  )
  await fc.assert(
    fc.asyncProperty(changed, async (edit) => {
      const press = { ...honest, ...edit }
      fc.pre(JSON.stringify(press) !== JSON.stringify(honest))
      const reply = await world.desk.press(press, asker('U0MARCO')).catch(() => ({ kind: 'refused' as const }))
      expect(reply.kind).toBe('refused')
    }),
    { numRuns: spoofs },
  )
  const left = await world.store.desk.view(asked.run.id)
  expect(left?.answers).toEqual([])
  expect(left?.run.state).toBe('waiting')
  expect(world.world.state.serving).toBe('v1.7.3')
}, 300_000)
