import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { PlanDraft } from '../../../src/runs/plan.js'
import type { RunRecord } from '../../../src/runs/run.js'

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

export type LineWorker = { child: ChildProcess; kill(): Promise<void> }

/** Starts a worker process and waits until it carries. */
export async function startLineWorker(task: Task): Promise<LineWorker> {
  const program = fileURLToPath(new URL('./worker.ts', import.meta.url))
  const child = fork(program, [JSON.stringify(task)], { execArgv: ['--import', 'tsx'] })
  const gone = once(child, 'exit')
  await Promise.race([
    once(child, 'message'),
    gone.then(([code, signal]) => {
      throw new Error(`a worker ended with ${code ?? signal}`)
    }),
  ])
  return {
    child,
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}
