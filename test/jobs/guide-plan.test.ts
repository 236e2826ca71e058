import { expect, test } from 'vitest'
import { readGuide } from '../../src/incidents/guides/read-guide.js'
import { planGuide } from '../../src/jobs/guide-plan.js'
import { applied, freshStep } from '../../src/runs/applied.js'
import { type Move, nextMove } from '../../src/runs/next-move.js'
import { sealPlan } from '../../src/runs/plan.js'
import type { RunView } from '../../src/runs/run.js'
import type { StepState } from '../../src/runs/step.js'
import { marco, plan as planWith, rita } from '../runs/world.js'

const markdown = `# Slow

## Check: p95 is under its limit

\`\`\`yaml shipmate
key: p95
check: metrics.latency
minutes: 3
\`\`\`

## Check: nothing waits for a lock

\`\`\`yaml shipmate
key: locks
check: postgres.locks
with: { olderThan: 10s }
alongside: true
\`\`\`

## Ask: Did it begin with a deploy of {{service}}?

- **Yes**: go back
- No

\`\`\`yaml shipmate
key: deploy
\`\`\`

## Do: Roll {{service}} back

\`\`\`yaml shipmate
key: roll-back
when: deploy is Yes
do: rollback
proof: [p95]
\`\`\`

## Do: Cancel what blocks

\`\`\`yaml shipmate
key: cancel
when: locks failed
do: postgres.cancel
with: { pid: { from: locks, field: pid } }
proof: [locks, p95]
\`\`\`

## Look at {{environment}}

\`\`\`sh
ssh {{environment}} top
\`\`\`

\`\`\`yaml shipmate
key: look
when: [roll-back skipped, locks passed]
\`\`\`

## Say: that it is slow

> {{service}} is slow, see {{incident}}.

\`\`\`yaml shipmate
key: say
to: status page
\`\`\`

## Escalate

\`\`\`yaml shipmate
key: escalate
when: cancel failed
\`\`\`
`

const guide = readGuide(markdown, 'slow')
const responders = { groups: ['on-call'], people: [], requester: 'counts' as const }
const planned = planGuide(guide, { incident: 31, service: 'storefront', environment: 'prod', responders })

/** Carries the plan by the engine's pure parts: what checks find and people answer is given, by the key of the step. */
function followed(finds: { [check: string]: StepState }, answers: { [ask: string]: string }) {
  const sealed = sealPlan({ ...planWith(planned.steps), pinned: planned.pinned, result: null })
  const now = new Date('2026-10-20T02:00:00Z')
  let view: RunView = {
    run: {
      id: 7,
      team: 'T0',
      intent: { job: 'guide', service: 'storefront', environment: 'prod', input: {} },
      state: 'running',
      epoch: 1,
      resources: [],
      priority: 0,
      requestedBy: rita,
      via: 'slack',
      parent: null,
      plan: sealed,
      planRound: 1,
      planChanges: [],
      reason: null,
      ahead: 0,
      stopRequested: null,
      wakeAt: null,
      holdsLocks: false,
      lockedBy: null,
      createdAt: now,
      plannedAt: now,
      startedAt: null,
      endedAt: null,
    },
    steps: sealed.steps.map((step, at) => freshStep(7, step, at, null)),
    answers: [],
  }
  const begun: string[][] = []
  for (let moves = 0; moves < 200; moves++) {
    const move: Move = nextMove(view, { inFlight: new Set(), cleared: false, fenceOf: () => 'key' }, now)
    if (move.kind === 'settle') view = applied(view, move.change)
    else if (move.kind === 'start') {
      begun.push(move.steps.map(({ key }) => key))
      // Findings of a check whose failure only warns are warnings of the engine's.
      const steps = move.steps.map(({ key }) => ({ key, state: soft(finds[key] ?? 'passed'), endedAt: now }))
      view = applied(view, { steps })
    } else if (move.kind === 'park') {
      const open = view.steps.filter(({ state }) => state === 'waiting')
      const next = open.find(({ key }) => answers[key] !== undefined && !view.answers.some(({ step }) => step === key))
      if (!next) return { end: 'waits', waiting: open.map(({ key }) => key), begun, states: statesOf(view) }
      begun.push([next.key])
      const answer = {
        run: 7,
        step: next.key,
        round: next.round,
        person: marco,
        reason: '',
        digest: sealed.digest,
        at: now,
      }
      view = { ...view, answers: [...view.answers, { ...answer, answer: answers[next.key] ?? '' }] }
    } else return { end: move.kind === 'end' ? move.state : move.kind, waiting: [], begun, states: statesOf(view) }
  }
  throw new Error('the run does not come to an end')
}

const soft = (state: StepState): StepState =>
  state === 'failed' || state === 'errored' || state === 'timed out' ? 'warned' : state
const statesOf = ({ steps }: RunView) => Object.fromEntries(steps.map(({ key, state }) => [key, state]))

test('a deploy is the cause: it is rolled back once somebody says so, its end is waited for, and p95 is looked at again', () => {
  const run = followed({ p95: 'failed' }, { deploy: 'yes', 'roll-back': 'do', look: 'done', say: 'draft' })
  expect(run.end).toBe('done')
  expect(run.begun).toEqual([
    ['p95', 'locks'],
    ['deploy'],
    ['roll-back'],
    ['roll-back:ended'],
    ['roll-back:proof:p95'],
    ['say'],
  ])
  expect(run.states).toMatchObject({
    cancel: 'skipped',
    'cancel:ended': 'skipped',
    look: 'skipped',
    escalate: 'skipped',
  })
})

test('a lock is the cause: found, cancelled, and both proofs are looked at side by side', () => {
  const run = followed({ p95: 'failed', locks: 'failed' }, { deploy: 'no', cancel: 'do', say: 'skip' })
  expect(run.end).toBe('done')
  expect(run.begun).toEqual([
    ['p95', 'locks'],
    ['deploy'],
    ['cancel'],
    ['cancel:ended'],
    ['cancel:proof:locks', 'cancel:proof:p95'],
    ['say'],
  ])
  expect(run.states).toMatchObject({ 'roll-back': 'skipped', 'roll-back:ended': 'skipped', look: 'skipped' })
})

test('what was started ends badly: nothing is called proven, and the step for that comes', () => {
  const run = followed(
    { locks: 'failed', 'cancel:ended': 'failed' },
    { deploy: 'no', cancel: 'do', say: 'draft', escalate: 'done' },
  )
  expect(run.end).toBe('done')
  expect(run.states).toMatchObject({
    'cancel:proof:locks': 'skipped',
    'cancel:proof:p95': 'skipped',
    escalate: 'passed',
  })
})

test('a do that is skipped with a reason runs nothing, is proven by nothing, and counts as skipped', () => {
  const run = followed({}, { deploy: 'yes', 'roll-back': 'skip', look: 'done', say: 'draft' })
  expect(run.end).toBe('done')
  expect(run.begun.flat()).not.toContain('roll-back:ended')
  expect(run.states).toMatchObject({ 'roll-back:ended': 'skipped', 'roll-back:proof:p95': 'skipped', look: 'passed' })
})

test('a check that is not set up is skipped: neither its trouble nor its passing is believed, and the guide goes on', () => {
  const run = followed({ p95: 'skipped', locks: 'skipped' }, { deploy: 'no', say: 'draft' })
  expect(run.end).toBe('done')
  expect(run.states).toMatchObject({ locks: 'skipped', cancel: 'skipped', look: 'skipped', say: 'passed' })
})

test.each(['failed', 'errored', 'timed out'] as const)('a check that %s opens what is there for it', (found) => {
  expect(followed({ locks: found }, { deploy: 'no' }).waiting).toEqual(['cancel'])
})

test('nothing goes on without people, and what is asked waits', () => {
  expect(followed({}, {})).toMatchObject({ end: 'waits', waiting: ['deploy'] })
  expect(followed({}, { deploy: 'yes' })).toMatchObject({ end: 'waits', waiting: ['roll-back'] })
})

test('what buttons do stands in the plan, at the place of the incident, and its digest covers it', () => {
  expect(planned.pinned).toEqual({
    guide: { name: 'slow', title: 'Slow', digest: guide.digest },
    incident: 31,
    service: 'storefront',
    environment: 'prod',
    acts: {
      'roll-back': { job: 'rollback', with: {} },
      cancel: {
        job: 'operate',
        with: {
          action: 'postgres.cancel',
          with: { service: 'storefront', environment: 'prod', pid: { from: 'locks', field: 'pid' } },
        },
      },
    },
    drafts: { say: { audience: 'status page', text: 'storefront is slow, see INC-31.' } },
    why: {},
    minutes: { p95: 3 },
    commands: { look: 'ssh prod top' },
  })
  const other = planGuide(guide, { incident: 31, service: 'storefront', environment: 'staging', responders })
  const digest = ({ steps, pinned }: typeof planned) => sealPlan({ ...planWith(steps), pinned }).digest
  expect(digest(other)).not.toBe(digest(planned))
})

test('every question goes to those who respond, one is enough, and skipping takes a reason', () => {
  const asks = planned.steps.filter((step) => step.verb === 'ask')
  expect(asks.map(({ key }) => key)).toEqual(['deploy', 'roll-back', 'cancel', 'look', 'say', 'escalate'])
  for (const ask of asks) {
    expect(ask).toMatchObject({ of: responders, quorum: 1 })
    expect(ask.answers.at(-1)).toEqual({ label: 'Skip…', value: 'skip', reason: true })
    expect(ask.answers.some(({ value }) => value === 'reject')).toBe(false)
  }
  expect(asks[0]?.title).toBe('Did it begin with a deploy of storefront?')
  expect(asks[0]?.question).toBe('- **Yes**: go back')
  expect(asks[1]?.answers[0]).toEqual({ label: 'Roll back', value: 'do', style: 'danger' })
  expect(asks[3]?.question).toBe('```\nssh prod top\n```')
  expect(asks[4]?.question).toBe('> storefront is slow, see INC-31.')
})

test('findings never end the run, and a look has time for all its rounds', () => {
  const checks = planned.steps.filter((step) => step.verb === 'check')
  for (const check of checks) {
    expect(check.onFailure).toBe('warn')
    const rounds = check.repeat ? check.repeat.max * check.repeat.every : 0
    expect(check.timeout).toBeGreaterThan(rounds)
  }
  expect(planned.steps.every(({ verb }) => verb === 'check' || verb === 'ask')).toBe(true)
})
