import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../src/clock.js'
import { freePort } from '../../../src/free-port.js'
import { type RunsAs, runsAs } from '../../../src/integrations/backups/programs.js'
import { stopPostmaster } from '../../../src/integrations/backups/scratch/postmaster.js'
import { waitFor } from '../wait-for.js'
import { rowsOf } from './engine-rig.js'

export type LocalServer = {
  /** A folder that the server's user may write in and everybody may go through; removed at the end. */
  dir: string
  data: string
  /** Its sockets. */
  socketFolder: string
  bin: string
  as: RunsAs
  port: number
  url: string
  stop(): Promise<void>
}

/** The programs of the newest PostgreSQL that Debian installed; null where there is none. */
export function installedPostgres(): string | null {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).map(Number).filter(Number.isInteger) : []
  const bins = versions.sort((a, b) => b - a).map((version) => join(root, String(version), 'bin'))
  return bins.find((bin) => existsSync(join(bin, 'postgres')) && existsSync(join(bin, 'pg_basebackup'))) ?? null
}

export const postgresUser = (): RunsAs => runsAs('postgres')

/** A folder for the server's user, below the temporary one. */
export function folderFor(as: RunsAs, ...path: string[]): string {
  const dir = path.length === 0 ? mkdtempSync(join(tmpdir(), 'shipmate-backup-')) : join(...path)
  mkdirSync(dir, { recursive: true, mode: 0o755 })
  execFileSync('chmod', ['755', dir])
  if (as) chownSync(dir, as.uid, as.gid)
  return dir
}

/** A PostgreSQL of its own with checksums and an archive; `settings` are lines of its configuration. */
export async function startLocalServer(
  bin: string,
  dir: string,
  settings: (server: Omit<LocalServer, 'stop' | 'url'>) => string[],
): Promise<LocalServer> {
  const as = postgresUser()
  const data = folderFor(as, dir, 'data')
  const socketFolder = folderFor(as, dir, 'sockets')
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  const words = [
    '--pgdata',
    data,
    '--username=postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
  ]
  execFileSync(join(bin, 'initdb'), words, { ...as, env, cwd: '/', stdio: 'ignore' })
  const port = await freePort()
  const own = { dir, data, socketFolder, bin, as, port }
  const lines = [
    `port = ${port}`,
    `listen_addresses = '127.0.0.1'`,
    `unix_socket_directories = '${socketFolder}'`,
    'archive_mode = on',
    'wal_level = replica',
    'max_wal_senders = 8',
    `timezone = 'UTC'`,
    ...settings(own),
  ]
  writeFileSync(join(data, 'postgresql.auto.conf'), `${lines.join('\n')}\n`)
  const log = openSync(join(dir, 'server.log'), 'a')
  const server = spawn(join(bin, 'postgres'), ['-D', data], {
    ...as,
    env,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
  })
  server.unref()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  await waitFor(
    'the server answers',
    () =>
      rowsOf(url, 'select 1').then(
        () => true,
        () => false,
      ),
    30_000,
  )
  return {
    ...own,
    url,
    async stop() {
      await stopPostmaster(data, systemClock)
      unmounted(dir)
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** A disk of so many bytes for a storage: memory that is mounted there. False where the machine lets nobody mount. */
export function smallDisk(folder: string, bytes: number, as: RunsAs): boolean {
  const owner = as ? `,uid=${as.uid},gid=${as.gid}` : ''
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=755${owner}`, 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Whatever is mounted in a folder is mounted no more. */
export function unmounted(dir: string): void {
  for (const name of readdirSync(dir)) {
    try {
      execFileSync('umount', [join(dir, name)], { stdio: 'ignore' })
    } catch {
      // Nothing was mounted there.
    }
  }
}
