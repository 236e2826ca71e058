import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { failed, ShipmateError } from '../../../errors.js'
import { masked } from '../../../log.js'

export type PipedProgram = {
  program: string
  words: string[]
  /** Where the server is and the password: never among the words, which every user of the machine can read. */
  environment: { [name: string]: string }
  signal: AbortSignal
  /** What it reads; nothing when not given. */
  input?: AsyncIterable<Buffer>
}

const usual = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** What a program writes, part by part; ends with an error when the program did not end well, however much it wrote. */
export async function* pipedFrom(given: PipedProgram): AsyncGenerator<Buffer> {
  const { program, words, environment, signal, input } = given
  const name = program.split('/').at(-1) ?? program
  signal.throwIfAborted()
  const child = spawn(program, words, { cwd: '/', env: { ...usual, ...environment }, stdio: 'pipe' })
  let complaints = ''
  child.stderr.on('data', (part: Buffer) => {
    complaints = (complaints + part).slice(-4_000)
  })
  const stop = () => void child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  const over = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(notStarted(program, error)))
    child.once('close', (code) => resolve(code))
  })
  over.catch(() => {})
  // A program that has enough closes its input; whether it ended well is told by how it ends.
  const fed = input ? pipeline(input, child.stdin) : Promise.resolve(child.stdin.end()).then(() => {})
  let broken: unknown = null
  fed.catch((error: { code?: string }) => {
    // Stopped on its way out, it would seem to have ended badly.
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE') return
    broken = error
    stop()
  })
  try {
    for await (const part of child.stdout as Readable) yield part as Buffer
    const code = await over
    if (signal.aborted) throw new ShipmateError('stopped', 'backup-stopped', `${name} was broken off`)
    await fed.catch(() => {})
    if (broken) throw broken
    if (code !== 0) throw endedBadly(name, code, masked(complaints.trim()))
  } finally {
    signal.removeEventListener('abort', stop)
    if (child.exitCode === null) stop()
  }
}

/** The same, as one text. */
export async function saidBy(given: PipedProgram): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of pipedFrom(given)) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

const notStarted = (program: string, error: NodeJS.ErrnoException) =>
  failed('backup-program-missing', `${program} could not be started`, {
    wanted: `a program at ${program}`,
    came: error.code === 'ENOENT' ? 'it is not there' : error.message,
    next: 'Install it, or set its path in the operator’s file.',
  })

const endedBadly = (name: string, code: number | null, said: string) =>
  failed('dump-failed', `${name} ended with ${code ?? 'a signal'}: ${said.split('\n').at(-1) ?? ''}`, {
    came: said || 'it said nothing',
    next: 'Look at what it says; its version has to be at least the server’s.',
  })
