import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export type Contestant = {
  name: string
  /** Carries out so many steps, one after the other; answers how many milliseconds they took. */
  steps(count: number): Promise<number>
  stop(): Promise<void>
}

/** A program in a process of its own that carries out durable steps when it is asked to. */
export async function startContestant(name: string, file: string, databaseUrl: string): Promise<Contestant> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = fork(path, [], { env: { ...process.env, NODE_ENV: 'production', BENCH_DATABASE_URL: databaseUrl } })
  await said(child)
  return {
    name,
    steps: async (count) => {
      child.send(count)
      return said(child)
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

function said(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`a contestant ended with ${child.exitCode ?? child.signalCode}`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(Number(message))
    })
  })
}

/** The other side: says it is ready, and takes the time of `steps` whenever it is asked. */
export function takePart(steps: (count: number) => Promise<void>): void {
  process.on('message', async (count) => {
    const began = performance.now()
    await steps(Number(count))
    process.send?.(performance.now() - began)
  })
  process.once('disconnect', () => process.exit(0))
  process.send?.(0)
}
