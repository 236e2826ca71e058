import type { Json } from '../../src/json.js'
import { type Headline, sealPlan } from '../../src/runs/plan.js'
import type { Actor, AnswerRecord, RunRecord, RunView, StepRecord } from '../../src/runs/run.js'
import type { Step, StepState } from '../../src/runs/step.js'

/** A small world with names, from which the tests of the face draw. */
export const at = (minutes: number, seconds = 0) => new Date(Date.UTC(2026, 10, 23, 14, minutes, seconds))
export const person = (id: string, name: string): Actor => ({ kind: 'person', id, name })
export const ada = person('U0ADA', 'Ada')
export const rita = person('U0RITA', 'Rita')
export const max = person('U0MAX', 'Max')

const base = { timeout: 60_000, onFailure: 'undo' as const }
export const check = (key: string, title: string): Step => ({
  ...base,
  key,
  title,
  verb: 'check',
  check: key,
  with: {},
})
export const act = (key: string, title: string, undo?: string): Step => ({
  ...base,
  key,
  title,
  verb: 'do',
  action: key,
  with: {},
  ...(undo ? { undo: { title: undo, action: `un-${key}`, with: {}, timeout: 60_000 } } : {}),
})

export const approval: Step = {
  ...base,
  key: 'approve',
  title: 'Approval',
  verb: 'ask',
  of: { groups: ['release-managers'], people: [], requester: 'excluded' },
  question: 'Ship storefront v1.8.0 to prod?',
  answers: [
    { label: 'Approve', value: 'approve', style: 'primary' },
    { label: 'Reject…', value: 'reject', style: 'danger', reason: true },
  ],
  quorum: 2,
  expires: 1_800_000,
}

export const deploySteps: Step[] = [
  check('ci', 'CI is green'),
  check('signed', 'artifact is the one that was built'),
  check('size', 'bundle size'),
  check('sentry', 'Sentry'),
  approval,
  act('migrate', 'migrate shop'),
  act('start', 'start green ×2', 'stop green'),
  check('health', 'check health'),
  act('move', 'move traffic', 'traffic back to blue'),
  check('verify', 'verify 3 min'),
  act('stop', 'stop blue'),
]

export const headline: Headline = {
  job: 'deploy',
  service: 'storefront',
  environment: 'prod',
  from: 'v1.7.3',
  to: 'v1.8.0',
  changes: [
    { sha: '3f1c2ab9d0', author: 'Ben', subject: 'cache prices' },
    { sha: '8a0de1140c', author: 'Cleo', subject: 'show delivery dates' },
    { sha: 'c0ffee1234', author: 'Ben', subject: 'fix the basket on phones' },
    { sha: 'd00d5a5a5a', author: 'Dan', subject: 'tidy up' },
  ],
  migrations: [{ name: '007-delivery', what: 'adds a column', safe: true }],
  risk: 'low',
  notes: [],
  undo: 'traffic back to blue',
}

type Told = Partial<Omit<StepRecord, 'key' | 'step' | 'run'>>
export type Scene = {
  run?: Partial<RunRecord>
  headline?: Partial<Headline>
  pinned?: { [name: string]: Json }
  steps?: Step[]
  told?: { [key: string]: Told | StepState }
  undos?: { [key: string]: Told | StepState }
  answers?: AnswerRecord[]
  observe?: boolean
}

/** A deploy of storefront to prod in the state the scene tells; what it leaves open is pending. */
export function scene({
  run = {},
  headline: head = {},
  pinned = {},
  steps = deploySteps,
  told = {},
  undos = {},
  answers = [],
  observe = false,
}: Scene = {}): RunView {
  const plan = sealPlan({
    headline: { ...headline, ...head },
    pinned: { commit: '3f1c2ab9d0', ...pinned },
    steps,
    observe,
    result: null,
  })
  const records = steps.map((step, position) => recordOf(step, position, told[step.key], null))
  const back = Object.entries(undos).map(([key, state], index) =>
    recordOf(undoStep(steps, key), steps.length + index, state, key),
  )
  const record: RunRecord = {
    id: 482,
    team: 'T0SHOP',
    intent: { job: 'deploy', service: 'storefront', environment: 'prod', input: { version: 'v1.8.0' } },
    state: 'waiting',
    epoch: 1,
    resources: ['storefront/prod'],
    priority: 0,
    requestedBy: ada,
    via: 'slack',
    parent: null,
    plan,
    planRound: 1,
    planChanges: [],
    reason: null,
    ahead: 0,
    stopRequested: null,
    wakeAt: null,
    lockedBy: null,
    holdsLocks: false,
    createdAt: at(0),
    plannedAt: at(0, 2),
    startedAt: null,
    endedAt: null,
    ...run,
  }
  return { run: record, steps: run.plan === null ? [] : [...records, ...back], answers }
}

function undoStep(steps: Step[], key: string): Step {
  const step = steps.find((one) => one.key === key)
  const title = step?.verb === 'do' && step.undo ? step.undo.title : `undo ${key}`
  return act(`undo-${key}`, title)
}

function recordOf(step: Step, position: number, told: Told | StepState | undefined, undoes: string | null): StepRecord {
  const more: Told = typeof told === 'string' ? { state: told } : (told ?? {})
  const begun = more.state !== undefined && more.state !== 'pending' && more.state !== 'skipped'
  return {
    run: 482,
    key: step.key,
    position,
    step,
    state: 'pending',
    round: 1,
    attempt: begun ? 1 : 0,
    evidence: null,
    output: {},
    progress: null,
    startedAt: null,
    endedAt: null,
    deadline: null,
    wakeAt: null,
    undoes,
    taken: null,
    ...more,
  }
}

/** An answer to the open approval under the plan that is shown. */
export function answered(view: RunView, by: Actor, answer: string, when: Date, reason = ''): AnswerRecord {
  return {
    run: view.run.id,
    step: 'approve',
    round: 1,
    person: by,
    answer,
    reason,
    digest: view.run.plan?.digest ?? '',
    at: when,
  }
}

export const passedGates = {
  ci: 'passed',
  signed: 'passed',
  size: { state: 'warned', evidence: { summary: 'main.js +9 %' } },
  sentry: { state: 'skipped', evidence: { summary: 'Sentry not set up' } },
} as const satisfies Scene['told']

/** The states that people meet, by name. */
export function scenes(): { [name: string]: RunView } {
  const waiting = {
    ...passedGates,
    approve: { state: 'waiting', startedAt: at(2), deadline: at(32) },
  } as const satisfies Scene['told']
  const approved = { ...passedGates, approve: 'passed' } as const satisfies Scene['told']
  const moving = {
    ...approved,
    migrate: { state: 'passed', evidence: { summary: '1 migration in 0.4 s' } },
    start: { state: 'passed', evidence: { summary: '2 instances on host-1 and host-2' } },
    health: { state: 'passed', evidence: { summary: 'both healthy' } },
    move: { state: 'running', progress: { done: 50, total: 100, text: '50 % on green, 0 failed of 12,430' } },
  } as const satisfies Scene['told']
  const finished = { ...moving, move: 'passed', verify: 'passed', stop: 'passed' } as const satisfies Scene['told']
  const errors = {
    code: 'step-failed',
    text: 'errors rose to 4.8 % (limit 1 %) at 5 % traffic',
    next: 'Look at commit 3f1c2ab before you try again.',
  }
  const broken = {
    ...moving,
    migrate: 'passed',
    start: 'undone',
    move: 'undone',
    verify: { state: 'failed', evidence: { summary: errors.text } },
  } as const satisfies Scene['told']
  const started = { startedAt: at(20) }
  const view = scene({ told: waiting })
  return {
    queued: scene({ run: { state: 'queued', plan: null, ahead: 2 } }),
    'first in line': scene({ run: { state: 'queued', plan: null } }),
    planning: scene({ run: { state: 'planning', plan: null } }),
    'waiting for approval': { ...view, answers: [answered(view, rita, 'approve', at(19))] },
    'plan changed': scene({
      told: waiting,
      run: { planRound: 2, planChanges: ['replaces: v1.7.2 → v1.7.3', 'step changed: migrate shop'] },
    }),
    observing: scene({ told: waiting, observe: true }),
    observed: scene({
      told: approved,
      observe: true,
      run: {
        state: 'refused',
        endedAt: at(20),
        reason: { code: 'observe-mode', text: 'this environment only observes' },
      },
    }),
    'waiting for a lock': scene({
      told: approved,
      run: { reason: { code: 'lock-held', text: 'Max holds storefront/prod: checking the invoices' } },
    }),
    running: scene({ told: moving, run: { state: 'running', ...started } }),
    verifying: scene({
      told: {
        ...moving,
        move: 'passed',
        verify: { state: 'running', progress: { done: 1, total: 3, text: 'p95 212 ms, limit 300' } },
      },
      run: { state: 'running', ...started },
    }),
    stopping: scene({
      told: moving,
      run: { state: 'running', ...started, stopRequested: { by: max, reason: 'wrong version', at: at(21) } },
    }),
    undoing: scene({
      told: { ...broken, start: 'passed', move: 'passed' },
      undos: { move: 'running', start: 'pending' },
      run: { state: 'undoing', ...started, reason: errors },
    }),
    done: scene({ told: finished, run: { state: 'done', ...started, endedAt: at(23, 20) } }),
    'rolled back': scene({
      headline: { job: 'rollback', from: 'v1.8.0', to: 'v1.7.3', changes: [], migrations: [] },
      told: finished,
      run: {
        intent: { job: 'rollback', service: 'storefront', environment: 'prod', input: {} },
        state: 'done',
        ...started,
        endedAt: at(20, 4),
      },
    }),
    scaled: scene({
      headline: { job: 'scale', from: 'v1.8.0', to: 'v1.8.0', changes: [], migrations: [], notes: ['3 → 5 instances'] },
      told: finished,
      run: {
        intent: { job: 'scale', service: 'storefront', environment: 'prod', input: { instances: 5 } },
        state: 'done',
        ...started,
        endedAt: at(20, 9),
      },
    }),
    undone: scene({
      told: broken,
      undos: { move: 'passed', start: 'passed' },
      run: { state: 'undone', ...started, endedAt: at(20, 48), reason: errors },
    }),
    rejected: withAnswer(
      scene({
        told: { ...passedGates, approve: 'failed' },
        run: { state: 'refused', endedAt: at(20), reason: { code: 'rejected', text: 'rejected: not on a Friday' } },
      }),
      max,
      'reject',
      'not on a Friday',
    ),
    'gate failed': scene({
      told: { ...passedGates, ci: { state: 'failed', evidence: { summary: 'CI is red for 3f1c2ab' } } },
      run: {
        state: 'refused',
        endedAt: at(20),
        reason: { code: 'step-failed', text: 'CI is red for 3f1c2ab', next: 'Mend the build, then try again.' },
      },
    }),
    expired: scene({
      told: { ...passedGates, approve: 'timed out' },
      run: { state: 'timed out', endedAt: at(32), reason: { code: 'step-timed-out', text: 'nobody answered in time' } },
    }),
    failed: scene({
      told: { ...broken, start: 'undone', move: 'passed' },
      undos: { move: { state: 'failed', evidence: { summary: 'the proxy does not answer' } } },
      run: {
        state: 'failed',
        ...started,
        endedAt: at(21),
        reason: {
          code: 'undo-failed',
          text: 'errors rose to 4.8 %; undoing failed too: the proxy does not answer',
          next: 'Left over, to be put right by hand: move traffic.',
        },
      },
    }),
    faulted: scene({
      told: { ...approved, migrate: { state: 'errored', evidence: { summary: 'unexpected' } } },
      run: {
        state: 'faulted',
        ...started,
        endedAt: at(20, 3),
        reason: { code: 'unexpected', text: 'Shipmate broke: no such column' },
      },
    }),
    stopped: scene({
      told: approved,
      run: {
        state: 'stopped',
        endedAt: at(21),
        stopRequested: { by: max, reason: 'wrong version', at: at(21) },
        reason: { code: 'stopped', text: 'wrong version' },
      },
    }),
    lost: scene({ told: moving, run: { state: 'lost', ...started, endedAt: at(40) } }),
  }
}

function withAnswer(view: RunView, by: Actor, answer: string, reason: string): RunView {
  return { ...view, answers: [answered(view, by, answer, at(19), reason)] }
}
