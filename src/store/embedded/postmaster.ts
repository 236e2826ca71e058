import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { systemClock } from '../../clock.js'
import type { Log } from '../../log.js'

export type Postmaster = { pid: number; port: number }

/** The server that postmaster.pid names, if that process is really a PostgreSQL on this data folder. */
export function runningPostmaster(data: string, log: Log): Postmaster | null {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return null
  const [pid = 0, , , port = 0] = readFileSync(file, 'utf8').split('\n').map(Number)
  // An empty file reads as pid 0, which would be our own process group.
  if (pid > 1 && isAlive(pid) && commandOf(pid).includes(resolve(data))) return { pid, port }
  log.info({ pid }, 'removed the pid file of a PostgreSQL that is gone')
  rmSync(file, { force: true })
  return null
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
  }
  // Killed and not yet collected by its parent counts as gone.
  return !/^\d+ \(.*\) Z/.test(readOr(`/proc/${pid}/stat`, ''))
}

function commandOf(pid: number): string {
  const found = readOr(`/proc/${pid}/cmdline`, '')
  if (found || existsSync('/proc/self')) return found
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

/** True when the server behind the url answers and serves this very data folder. */
export async function answersFor(url: string, data: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ folder: string }>(`select current_setting('data_directory') as folder`)
    return rows[0]?.folder === resolve(data)
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/** Looks every 20 ms until it holds; false when it did not within `ms`. */
export async function became(ms: number, holds: () => boolean | Promise<boolean>): Promise<boolean> {
  const until = systemClock.now().getTime() + ms
  while (!(await holds())) {
    if (systemClock.now().getTime() > until) return false
    await systemClock.sleep(20)
  }
  return true
}
