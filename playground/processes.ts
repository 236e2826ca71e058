import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'

/** A process that is meant and no other: the number alone comes back for another program some day. */
export const processIdSchema = z.object({ pid: z.number().int().gt(1), startedAt: z.string() })
export type ProcessId = z.infer<typeof processIdSchema>

export type Program = {
  script: string
  args: string[]
  cwd?: string
  /** The whole environment of the process; nothing is inherited. */
  env: { [name: string]: string }
  /** Takes standard output and standard error; appended to. */
  logFile: string
}

/** Starts a Node.js program that outlives us. The start time is null when it ended before we could look. */
export function startDetached({ script, args, cwd, env, logFile }: Program): ProcessId | null {
  mkdirSync(dirname(logFile), { recursive: true })
  const output = openSync(logFile, 'a')
  try {
    const child: ChildProcess = spawn(process.execPath, [script, ...args], {
      ...(cwd === undefined ? {} : { cwd }),
      env,
      detached: true,
      stdio: ['ignore', output, output],
    })
    // A program that cannot be started is noticed as a process that is not there.
    child.on('error', () => {})
    child.unref()
    return child.pid === undefined ? null : identify(child.pid)
  } finally {
    closeSync(output)
  }
}

/** Null when there is no such living process; one that ended and was not collected yet counts as dead. */
export function identify(pid: number): ProcessId | null {
  const startedAt = process.platform === 'linux' ? startOnLinux(pid) : startElsewhere(pid)
  return startedAt === null ? null : { pid, startedAt }
}

export function isAlive(id: ProcessId): boolean {
  return identify(id.pid)?.startedAt === id.startedAt
}

/** The process that has `mark` as one of its arguments. */
export function findByMark(mark: string): ProcessId | null {
  const pids = process.platform === 'linux' ? markedOnLinux(mark) : markedElsewhere(mark)
  for (const pid of pids) {
    const id = pid === process.pid ? null : identify(pid)
    if (id !== null) return id
  }
  return null
}

/** SIGTERM, then after the grace SIGKILL; resolves once it is gone. */
export async function stopProcess(id: ProcessId, graceMs: number): Promise<'gone' | 'killed'> {
  send(id, 'SIGTERM')
  if (await goneWithin(id, graceMs)) return 'gone'
  send(id, 'SIGKILL')
  await goneWithin(id, 5000)
  return 'killed'
}

export function send(id: ProcessId, signal: NodeJS.Signals): void {
  if (!isAlive(id)) return
  try {
    process.kill(id.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function goneWithin(id: ProcessId, ms: number): Promise<boolean> {
  const until = Date.now() + ms
  while (isAlive(id)) {
    if (Date.now() >= until) return false
    await pause(15)
  }
  return true
}

function startOnLinux(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command's name, in parentheses, may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}

function startElsewhere(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    return line === '' || line.startsWith('Z') ? null : line.slice(line.indexOf(' ')).trim()
  } catch {
    return null
  }
}

function markedOnLinux(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => argumentsOf(pid).includes(mark))
}

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function markedElsewhere(mark: string): number[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' }).split('\n')
  return lines.filter((line) => line.split(' ').includes(mark)).map((line) => Number.parseInt(line, 10))
}
