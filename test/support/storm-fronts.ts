import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { compiled } from '../../playground/floor/compiled.js'
import { plainEnv } from './stage.js'

export type StormFrontTask = {
  databaseUrl: string
  /** 0 for any free one. */
  port: number
  /** Of the workspace whose socket it opens; without it signed HTTP only. */
  apiUrl?: string
}

export type StormProcess = {
  /** What it said when it was ready. */
  said: string
  signal(name: NodeJS.Signals): void
  running(): boolean
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>
}

export const startStormFront = (task: StormFrontTask): Promise<StormProcess> =>
  startProgram('test/support/storm-front.js', task)

/** Starts a compiled program of the tests and waits for its first line. */
export async function startProgram(path: string, task: object): Promise<StormProcess> {
  const child = spawn(process.execPath, [compiled(path), JSON.stringify(task)], {
    env: plainEnv(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(child, 'exit')
  const failed = gone.then(([code, signal]) => {
    throw new Error(`${path} ended with ${code ?? signal} before it was ready`)
  })
  failed.catch(() => {})
  const line = once(createInterface({ input: child.stdout }), 'line')
  const [said] = (await Promise.race([line, failed])) as [string]
  return processOf(child, said, gone)
}

function processOf(child: ChildProcess, said: string, gone: Promise<unknown>): StormProcess {
  const running = () => child.exitCode === null && child.signalCode === null
  return {
    said,
    running,
    signal: (name) => void child.kill(name),
    kill: async () => {
      if (running()) child.kill('SIGKILL')
      await gone
    },
  }
}
