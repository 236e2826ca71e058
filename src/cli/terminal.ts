import { createInterface } from 'node:readline/promises'
import { type Clock, systemClock } from '../clock.js'
import type { Env } from '../config.js'

/** Where the program speaks and listens; tests bring their own. */
export type Terminal = {
  /** Standard output: answers only. */
  out(line: string): void
  /** Standard error: everything that is not the answer. */
  err(line: string): void
  /** A person sits in front of it. */
  interactive: boolean
  /** All of standard input, or one line of it when a person types. */
  read(question: string): Promise<string>
  /** Aborts at Ctrl-C. */
  interrupted: AbortSignal
  /** The person's own directory. */
  home: string
  /** Handed to the configuration's reader; undefined means the process's own. */
  env?: Env
  clock: Clock
}

/** The terminal of this process. */
export function processTerminal(home: string): Terminal {
  const interrupt = new AbortController()
  process.on('SIGINT', () => interrupt.abort())
  return {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
    read: readInput,
    interrupted: interrupt.signal,
    home,
    clock: systemClock,
  }
}

async function readInput(question: string): Promise<string> {
  if (process.stdin.isTTY) {
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    const answer = await lines.question(question)
    lines.close()
    return answer
  }
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
