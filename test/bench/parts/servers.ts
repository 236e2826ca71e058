import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type BenchServer = {
  name: string
  port: number
  /** How many commands its listeners have handled so far. */
  handled(): Promise<number>
  /** Processor time it has used, in ms. */
  cpuMs(): number
  stop(): Promise<void>
}

type Said = { port?: number; handled?: number }

/** A server in a process of its own. It tells its port when it is ready, and answers 'handled'. */
export async function startServer(
  name: string,
  file: string,
  env: { [name: string]: string } = {},
): Promise<BenchServer> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = fork(path, [], { env: { ...process.env, NODE_ENV: 'production', ...env } })
  const { port = 0 } = await said(child)
  return {
    name,
    port,
    handled: async () => {
      child.send('handled')
      return (await said(child)).handled ?? 0
    },
    cpuMs: () => cpuMs(child.pid ?? 0),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

function said(child: ChildProcess): Promise<Said> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`a server of the benchmark ended with ${child.exitCode ?? child.signalCode}`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message as Said)
    })
  })
}

/** Time in user and system mode; the kernel counts it in hundredths of a second. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** The other side: says it is ready on `port`, and how many it has handled whenever it is asked. */
export function ready(port: number, handled: () => number): void {
  process.on('message', () => process.send?.({ handled: handled() }))
  process.once('disconnect', () => process.exit(0))
  process.send?.({ port })
}
