import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { PlanDraft } from '../../src/runs/plan.js'

export type WorkerTask = {
  databaseUrl: string
  /** Where its store is, when that is not the way the world goes. */
  storeUrl?: string
  hungAfterMs?: number
  /** It finishes at once what another worker began. */
  takeOver?: boolean
  /** Its action leaves a trace in the world for as long as it holds. */
  acts?: boolean
  /** It freezes itself right before its act, and acts once when it is woken. */
  freezes?: boolean
  /** It acts once, when it is told to finish. */
  patient?: boolean
  /** It does not announce itself to the world when it takes over. */
  mute?: boolean
}
export type WorkerOrder = { blockMs: number } | { finish: true }
export type WorkerSays =
  | { ready: true }
  | { holding: number; epoch: number }
  | { aborted: number; epoch: number }
  | { blocked: number }

export type EngineWorker = {
  pid: number
  heard: WorkerSays[]
  /** Resolves with the first thing it says, from now or before, that fits. */
  says<Said extends WorkerSays>(fits: (said: WorkerSays) => said is Said): Promise<Said>
  tell(order: WorkerOrder): void
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  kill(): Promise<void>
}

/** Starts a worker process and waits until it sweeps. Runs as it is written: from TypeScript or compiled. */
export async function startEngineWorker(task: WorkerTask): Promise<EngineWorker> {
  const here = fileURLToPath(import.meta.url)
  const typescript = here.endsWith('.ts')
  const program = fileURLToPath(new URL(typescript ? './engine-worker.ts' : './engine-worker.js', import.meta.url))
  const child = fork(program, [JSON.stringify(task)], { execArgv: typescript ? ['--import', 'tsx'] : [] })
  const worker = workerOf(child)
  await worker.says((said): said is { ready: true } => 'ready' in said)
  return worker
}

function workerOf(child: ChildProcess): EngineWorker {
  const heard: WorkerSays[] = []
  const listeners = new Set<() => void>()
  child.on('message', (said: WorkerSays) => {
    heard.push(said)
    for (const listener of listeners) listener()
  })
  const gone = once(child, 'exit')
  return {
    pid: child.pid ?? 0,
    heard,
    says: <Said extends WorkerSays>(fits: (said: WorkerSays) => said is Said) =>
      new Promise<Said>((resolve, reject) => {
        const look = () => {
          const found = heard.find(fits)
          if (!found) return
          listeners.delete(look)
          resolve(found)
        }
        listeners.add(look)
        void gone.then(([code, signal]) => reject(new Error(`a worker ended with ${code ?? signal}`)))
        look()
      }),
    tell: (order) => void child.send(order),
    signal: (name) => void child.kill(name),
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

export const isHolding = (said: WorkerSays): said is { holding: number; epoch: number } => 'holding' in said
export const isAborted = (said: WorkerSays): said is { aborted: number; epoch: number } => 'aborted' in said

/** One step that holds on. */
export function holdingPlan(): PlanDraft {
  const names = { job: 'hold', service: 'shop', environment: 'test', from: 'v1', to: 'v2' }
  return {
    headline: { ...names, changes: [], migrations: [], risk: 'low', notes: [], undo: 'nothing' },
    pinned: {},
    steps: [
      {
        key: 'hold',
        title: 'Hold on',
        verb: 'do',
        action: 'world.hold',
        with: {},
        timeout: 300_000,
        onFailure: 'stop',
      },
    ],
    observe: false,
    result: null,
  }
}
