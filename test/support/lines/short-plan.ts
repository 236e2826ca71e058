import type { PlanDraft } from '../../../src/runs/plan.js'
import type { RunRecord } from '../../../src/runs/run.js'
import { type StormProcess, startProgram } from '../storm-programs.js'

export type Task = { databaseUrl: string; redisUrl: string | null; sweepEvery: number }

/** One act that takes 2 to 20 ms, by the run's number. */
export function shortPlan({ id, intent }: RunRecord): PlanDraft {
  const { service, environment } = intent
  const names = { job: 'act', service, environment, from: 'v1', to: 'v2' }
  const step = { key: 'act', title: 'Act', verb: 'do' as const, action: 'world.act', with: { ms: 2 + (id % 19) } }
  return {
    headline: { ...names, changes: [], migrations: [], risk: 'low', notes: [], undo: 'nothing' },
    pinned: {},
    steps: [{ ...step, timeout: 60_000, onFailure: 'stop' }],
    observe: false,
    result: null,
  }
}

/** Starts a worker process and waits until it carries. */
export const startLineWorker = (task: Task): Promise<StormProcess> => startProgram('test/support/lines/worker.js', task)
