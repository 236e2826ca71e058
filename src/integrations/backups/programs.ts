import { spawn } from 'node:child_process'
import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { failed, ShipmateError, timedOut } from '../../errors.js'
import { masked } from '../../log.js'

/** Whom a program runs as when we are root; undefined means as we do. */
export type RunsAs = { uid: number; gid: number } | undefined

export type ProgramCall = {
  program: string
  words: string[]
  /** Aborted, the program and all that it started are asked to end, and ended when they do not. */
  signal: AbortSignal
  withinMs?: number
  as?: RunsAs
  /** Beyond where programs are and a language that can be parsed. */
  environment?: { [name: string]: string }
  /** The output as it is, for programs that write no lines; none of it is kept then. */
  onBytes?(part: Buffer): void
  /** Each line of either output as it comes. */
  onLine?(line: string): void
  /** Lines of the output that are kept; the end of it. */
  keepLines?: number
}

/** How a program ended. An exit code alone proves nothing: whoever called it looks at what is so. */
export type ProgramEnd = { code: number; output: string; complaints: string }

// Nothing of our own environment, which holds secrets.
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }
const endsWithinMs = 15_000

/**
 * Runs a program, never through a shell, in a process group of its own that does not outlive us where the machine can
 * promise that. Rejects when it could not be started, was broken off or is too slow; every exit code is an answer.
 */
export function runProgram(call: ProgramCall): Promise<ProgramEnd> {
  const { signal, withinMs, onLine, onBytes, keepLines = 50_000 } = call
  const name = call.program.split('/').at(-1) ?? call.program
  if (signal.aborted) return Promise.reject(brokenOff(name))
  return new Promise((resolve, reject) => {
    const child = started(call)
    const [output, complaints]: [string[], string[]] = [[], []]
    const keep = (kept: string[]) => (line: string) => {
      kept.push(line)
      if (kept.length > keepLines) kept.shift()
      onLine?.(line)
    }
    const lines = (input: Readable) => createInterface({ input, crlfDelay: Infinity })
    if (onBytes) child.stdout.on('data', onBytes)
    else lines(child.stdout).on('line', keep(output))
    lines(child.stderr).on('line', keep(complaints))

    let late = false
    const timers: NodeJS.Timeout[] = []
    const end = () => {
      endGroup(child.pid, 'SIGTERM')
      timers.push(setTimeout(() => endGroup(child.pid, 'SIGKILL'), endsWithinMs))
    }
    if (withinMs !== undefined)
      timers.push(
        setTimeout(() => {
          late = true
          end()
        }, withinMs),
      )
    signal.addEventListener('abort', end, { once: true })
    const over = () => {
      for (const timer of timers) clearTimeout(timer)
      signal.removeEventListener('abort', end)
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      over()
      reject(notStarted(call.program, error))
    })
    child.once('close', (code, killedBy) => {
      over()
      if (signal.aborted) return reject(brokenOff(name))
      if (late) return reject(tooSlow(name, withinMs ?? 0, complaints))
      const ended = { code: code ?? 128, output: output.join('\n'), complaints: masked(complaints.join('\n')) }
      if (killedBy !== null) ended.complaints = `${ended.complaints}\n${name} was ended by ${killedBy}`.trim()
      resolve(ended)
    })
  })
}

function started({ program, words, as, environment: more }: ProgramCall) {
  const guard = deathGuard()
  const [first, ...rest] = guard ? [...guard, program, ...words] : [program, ...words]
  return spawn(first ?? program, rest, {
    ...as,
    cwd: '/',
    detached: true,
    env: { ...environment, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

const setpriv = '/usr/bin/setpriv'

/** Where util-linux is, the kernel ends a program when whoever started it is gone: kill -9 of us leaves none behind. */
const deathGuard = (): string[] | null => (canRun(setpriv) ? [setpriv, '--pdeathsig', 'TERM', '--'] : null)

export function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** The user of that name when we are root, who may become anybody; undefined when we are somebody else already. */
export function runsAs(name: string): RunsAs {
  if (process.getuid?.() !== 0) return undefined
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((user) => user.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  throw failed('backup-user-missing', `there is no user ${name} on this machine to run backups as`, {
    wanted: `a system user named ${name}`,
    came: '/etc/passwd has none',
    next: 'Name the user that PostgreSQL runs as in the operator’s file, or start Shipmate as that user.',
  })
}

function endGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined || pid <= 1) return
  try {
    process.kill(-pid, name)
  } catch {
    // It ended by itself.
  }
}

const brokenOff = (name: string) => new ShipmateError('stopped', 'backup-stopped', `${name} was broken off`)

const tooSlow = (name: string, withinMs: number, complaints: string[]) =>
  timedOut('backup-program-slow', `${name} did not end within ${Math.round(withinMs / 1000)} s`, {
    came: masked(complaints.slice(-5).join('\n')) || 'no word',
    next: 'Look whether the machine, its disk or its network is overloaded, then try again.',
  })

const notStarted = (program: string, error: NodeJS.ErrnoException) =>
  failed('backup-program-missing', `${program} could not be started`, {
    wanted: `a program at ${program}`,
    came: error.code === 'ENOENT' ? 'it is not there' : error.message,
    next: 'Install it, or set its path in the operator’s file.',
  })
