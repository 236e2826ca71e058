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

export type StormShipmateTask = {
  /** All that Shipmate finds in its environment. */
  env: { [name: string]: string }
  floorUrl: string
  /** An act takes at most so long before and after it has its effect. */
  stepMs: number
  clockOffMs: number
}

export type StormProcess = {
  /** What it said when it was ready. */
  said: string
  /** What it wrote to its log so far. */
  log(): string
  signal(name: NodeJS.Signals): void
  /** Sets its clock so far off. */
  shiftClock(ms: number): void
  running(): boolean
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>
}

export const startStormFront = (task: StormFrontTask): Promise<StormProcess> =>
  startProgram('test/support/storm-front.js', task)

export const startStormShipmate = (task: StormShipmateTask): Promise<StormProcess> =>
  startProgram('test/support/storm-shipmate.js', task)

/** Starts a compiled program of the tests and waits for its first line. */
export async function startProgram(path: string, task: object): Promise<StormProcess> {
  const child = spawn(process.execPath, [compiled(path), JSON.stringify(task)], {
    env: plainEnv(),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let log = ''
  child.stderr?.on('data', (text: Buffer) => {
    log += text
  })
  const gone = once(child, 'exit')
  const failed = gone.then(([code, signal]) => {
    throw new Error(`${path} ended with ${code ?? signal} before it was ready:\n${log}`)
  })
  failed.catch(() => {})
  if (!child.stdout) throw new Error('a program without output')
  const line = once(createInterface({ input: child.stdout }), 'line')
  const [said] = (await Promise.race([line, failed])) as [string]
  return processOf(child, { said, log: () => log }, gone)
}

function processOf(
  child: ChildProcess,
  heard: Pick<StormProcess, 'said' | 'log'>,
  gone: Promise<unknown>,
): StormProcess {
  const running = () => child.exitCode === null && child.signalCode === null
  return {
    ...heard,
    running,
    shiftClock: (ms) => {
      if (child.connected) child.send({ clockOffMs: ms }, () => {})
    },
    signal: (name) => void child.kill(name),
    kill: async () => {
      if (running()) child.kill('SIGKILL')
      await gone
    },
  }
}
