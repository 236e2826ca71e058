import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../../clock.js'

export type Postmaster = { pid: number; port: number; socketFolder: string }

/** The server that runs on this data folder; null when postmaster.pid names none, or a process that is something else. */
export function postmasterOn(data: string): Postmaster | null {
  const lines = textOf(join(data, 'postmaster.pid')).split('\n')
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  // An empty file reads as pid 0, which would be our own process group; 1 is the whole machine's.
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid) || !isOurs(pid, data)) return null
  return { pid, port, socketFolder: lines[4]?.trim() ?? '' }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
  }
  // Ended and not yet collected by its parent counts as gone.
  return !/^\d+ \(.*\) Z/.test(textOf(`/proc/${pid}/stat`))
}

/** Numbers of processes are used again: only one whose command line names the folder is the server on it. */
function isOurs(pid: number, data: string): boolean {
  const command = commandOf(pid)
  return command.includes('postgres') && command.split(/[\0\s]+/).includes(data)
}

function commandOf(pid: number): string {
  if (existsSync('/proc/self')) return textOf(`/proc/${pid}/cmdline`)
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

/** Ends its sessions, writes all down and stops; the hard way when it takes too long. */
export async function stopPostmaster(data: string, clock: Clock): Promise<void> {
  for (const [signal, withinMs] of [
    ['SIGINT', 30_000],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 5_000],
  ] as const) {
    const running = postmasterOn(data)
    if (running === null) return
    process.kill(running.pid, signal)
    const until = clock.now().getTime() + withinMs
    while (isAlive(running.pid) && clock.now().getTime() < until) await clock.sleep(20)
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
