import { sealPlan } from '../../../src/runs/plan.js'
import type { RunView, StepRecord } from '../../../src/runs/run.js'
import type { Step } from '../../../src/runs/step.js'

/** One deploy of the storm: when it changes, in ms since the storm began; the last change is its end. */
export type StormRun = { id: number; changes: number[]; good: boolean }

export const changesOfRun = 20

/** Runs that begin within two seconds and take 60 to 300 s; the same for the same seed. */
export function storm(runs: number, seed: number): StormRun[] {
  const random = randomFrom(seed)
  return Array.from({ length: runs }, (_, index) => {
    const begins = random() * 2_000
    const takes = 60_000 + random() * 240_000
    const middle = Array.from({ length: changesOfRun - 2 }, () => begins + random() * takes).sort((a, b) => a - b)
    return { id: index + 1, changes: [begins, ...middle, begins + takes], good: random() > 0.1 }
  })
}

/** The run after that many changes, 1 to 20; its text says which one it is. */
export function viewAt({ id, good }: StormRun, change: number, startedAt: Date, now: Date): RunView {
  const ended = change === changesOfRun
  const told = `state ${change}!`
  return {
    run: {
      id,
      team: 'T1',
      intent: { job: 'deploy', service: `shop-${id}`, environment: 'prod', input: { version: 'v1.8.0' } },
      state: ended ? (good ? 'done' : 'failed') : 'running',
      epoch: 1,
      resources: [`shop-${id}/prod`],
      priority: 0,
      requestedBy: { kind: 'person', id: 'U0ADA', name: 'Ada' },
      via: 'slack',
      parent: null,
      plan: plan(id),
      planRound: 1,
      planChanges: [],
      reason: ended && !good ? { code: 'step-failed', text: told } : null,
      ahead: 0,
      stopRequested: null,
      wakeAt: null,
      lockedBy: null,
      holdsLocks: !ended,
      createdAt: startedAt,
      plannedAt: startedAt,
      startedAt,
      endedAt: ended ? now : null,
    },
    steps: steps.map((step, position) => record(id, step, position, change, told)),
    answers: [],
  }
}

const steps: Step[] = Array.from({ length: 7 }, (_, index) => ({
  key: `step-${index}`,
  title: `Part ${index + 1} of the deploy`,
  verb: 'do',
  action: 'bench.part',
  with: {},
  timeout: 60_000,
  onFailure: 'stop',
}))

const plans = new Map<number, ReturnType<typeof sealPlan>>()

function plan(id: number) {
  const words = { from: 'v1.7.3', to: 'v1.8.0', changes: [], migrations: [], risk: 'low' as const, notes: [], undo: '' }
  const headline = { job: 'deploy', service: `shop-${id}`, environment: 'prod', ...words }
  const known = plans.get(id) ?? sealPlan({ headline, pinned: {}, steps, observe: false, result: null })
  plans.set(id, known)
  return known
}

function record(run: number, step: Step, position: number, change: number, told: string): StepRecord {
  const current = Math.min(steps.length - 1, Math.floor((change / changesOfRun) * steps.length))
  const state = change === changesOfRun || position < current ? 'passed' : position === current ? 'running' : 'pending'
  return {
    run,
    key: step.key,
    position,
    step,
    state,
    round: 1,
    attempt: state === 'pending' ? 0 : 1,
    evidence: null,
    output: {},
    progress: state === 'running' ? { done: change, total: changesOfRun, text: told } : null,
    startedAt: null,
    endedAt: null,
    deadline: null,
    wakeAt: null,
    undoes: null,
    taken: null,
  }
}

/** Park and Miller's generator: enough for a schedule. */
export function randomFrom(seed: number): () => number {
  let state = seed % 2147483647 || 1
  return () => {
    state = (state * 16807) % 2147483647
    return (state - 1) / 2147483646
  }
}
