import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { failed } from '../errors.js'
import { freePort } from '../free-port.js'
import type { Log } from '../log.js'
import { finishPlacing, forgetRestoring, leftRestoring, placeData, refuseWhileRestoring } from './embedded/placing.js'
import {
  findPostgres,
  type PostgresProgram,
  reachableFor,
  type ServerUser,
  serverUser,
  stableFolder,
} from './embedded/postgres-program.js'
import { answersFor, became, isAlive, runningPostmaster } from './embedded/postmaster.js'

export type EmbeddedPostgres = {
  /** Superuser, database `postgres`, on 127.0.0.1. */
  url: string
  stop(): Promise<void>
  /** Where its files are: not the folder asked for when its user cannot reach that one. */
  dir: string
  /** The server was running already: a Shipmate before us was killed, or another one uses it. */
  adopted: boolean
}

/**
 * A PostgreSQL that needs nothing but npm: its data stays in `dir` between starts, it outlives this process, and the next
 * start finds it again. `settings` are names and values for the server, such as `archive_mode=on`.
 */
export async function startEmbeddedPostgres(options: {
  dir: string
  settings?: string[]
  log: Log
}): Promise<EmbeddedPostgres> {
  const { settings = [], log } = options
  const program = findPostgres(log)
  const dir = usableFolder(options.dir, program.user, log)
  refuseWhileRestoring(dir)
  const letOthersStart = await aloneIn(dir)
  try {
    await finished(dir, log)
    return await adoptedOrStarted({ dir, data: join(dir, 'data'), settings, program, log })
  } finally {
    letOthersStart()
  }
}

/** Stops the server on this folder, whoever started it; nothing happens when none runs. */
export function stopEmbeddedPostgres(dir: string, log: Log): Promise<void> {
  return stop(join(usableFolder(dir, serverUser(), log), 'data'), log)
}

/** The folder that `dir` comes to, and the password by which its server lets Shipmate in. */
export function embeddedHome(asked: string, log: Log): { dir: string; password: string; role: string } {
  const dir = usableFolder(asked, serverUser(), log)
  return { dir, password: password({ dir }), role: superuser }
}

/**
 * Puts restored files in the place of the data, while nobody starts a server there: the one before is stopped, and its data
 * kept under the name that is answered; null when there was none. `sure` is asked right before, and throws to stop it.
 */
export async function placeRestored(
  dir: string,
  from: string,
  suffix: string,
  sure: () => Promise<void>,
  log: Log,
): Promise<string | null> {
  const letOthersStart = await aloneIn(dir)
  try {
    await sure()
    await stop(join(dir, 'data'), log)
    return placeData(dir, from, suffix)
  } finally {
    letOthersStart()
  }
}

/** What a restore that was killed left: data half in its place, scratch servers. */
async function finished(dir: string, log: Log): Promise<void> {
  const kept = finishPlacing(dir)
  if (kept) log.warn({ kept }, 'a restore of Shipmate’s database had been cut off; it is finished now')
  for (const data of leftRestoring(dir)) await stop(data, log)
  forgetRestoring(dir)
}

/** Who made the cluster, and whom Shipmate comes as. */
const superuser = 'shipmate'

type Cluster = { dir: string; data: string; settings: string[]; program: PostgresProgram; log: Log }

async function adoptedOrStarted(cluster: Cluster): Promise<EmbeddedPostgres> {
  const { dir, data, log } = cluster
  const url = (port: number) => `postgres://${superuser}:${password(cluster)}@127.0.0.1:${port}/postgres`
  const server = (port: number, adopted: boolean) => ({ url: url(port), dir, adopted, stop: () => stop(data, log) })
  const running = runningPostmaster(data, log)
  if (running && (await became(10_000, async () => !isAlive(running.pid) || answersFor(url(running.port), data)))) {
    if (isAlive(running.pid) && sameSettings(cluster)) return server(running.port, true)
    await stop(data, log)
  }
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(cluster)
  const port = await keptPort(cluster)
  await start(cluster, port, url(port))
  return server(port, false)
}

/** Where the server's user can reach it: the folder asked for, else one that is always the same under the temporary folder. */
function usableFolder(asked: string, user: ServerUser | undefined, log: Log): string {
  const wanted = resolve(asked)
  mkdirSync(wanted, { recursive: true })
  if (user) chmodSync(wanted, 0o711)
  if (reachableFor(user, wanted)) return wanted
  const dir = stableFolder('data', wanted)
  log.warn({ wanted, dir }, 'PostgreSQL’s user cannot reach the data folder; the data is kept elsewhere')
  return dir
}

/** Two starts at the same moment take turns; the second one adopts what the first one started. */
async function aloneIn(dir: string): Promise<() => void> {
  const file = join(dir, 'starting')
  const mine = () => {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return true
    } catch {
      const owner = Number(readFileSync(file, { encoding: 'utf8', flag: 'a+' }))
      if (owner > 1 && !isAlive(owner)) rmSync(file, { force: true })
      return false
    }
  }
  if (await became(30_000, mine)) return () => rmSync(file, { force: true })
  throw failed('embedded-busy', 'another process has been starting the embedded PostgreSQL for 30 seconds', {
    came: `process ${readFileSync(file, 'utf8')} holds ${file}`,
    next: `End that process, or remove ${file} if it is something else.`,
  })
}

/** Made once for each cluster; only our own user can read it. */
function password({ dir }: Pick<Cluster, 'dir'>): string {
  const file = join(dir, 'password')
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 })
  return readFileSync(file, 'utf8')
}

async function keptPort({ dir, log }: Cluster): Promise<number> {
  const file = join(dir, 'port')
  const before = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  const port = await freePort(before)
  if (before && port !== before) log.warn({ before, port }, 'the port of the embedded PostgreSQL is taken; it moved')
  writeFileSync(file, String(port))
  return port
}

const sameSettings = ({ dir, settings }: Cluster) =>
  existsSync(join(dir, 'settings.json')) &&
  readFileSync(join(dir, 'settings.json'), 'utf8') === JSON.stringify(settings)

async function initialise(cluster: Cluster): Promise<void> {
  const { dir, data, program } = cluster
  const passwordFile = join(dir, 'initial-password')
  rmSync(data, { recursive: true, force: true })
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(passwordFile, password(cluster), { mode: 0o600 })
  if (program.user) for (const path of [data, passwordFile]) chownSync(path, program.user.uid, program.user.gid)
  try {
    const flags = [`--username=${superuser}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8']
    const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
    await promisify(execFile)(program.initdb, [`--pgdata=${data}`, ...flags, ...locale], {
      ...program.user,
      cwd: '/',
      env: environment,
    })
  } catch (thrown) {
    throw failed('embedded-init-failed', 'the embedded PostgreSQL could not make its data folder', {
      came: thrown instanceof Error ? thrown.message : String(thrown),
      next: `Look at ${dir}, or set DATABASE_URL to a PostgreSQL of your own.`,
      cause: thrown,
    })
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

const environment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** As long as recovery after a power cut takes on a slow machine. */
const answersWithinMs = 120_000

/** A killed server's own processes may outlive it for a moment, and until they are gone its data can serve no other. */
async function start(cluster: Cluster, port: number, url: string): Promise<void> {
  const { dir, data, settings } = cluster
  const logFile = join(dir, 'server.log')
  let gone = () => true
  const answers = () => answersFor(url, data)
  await became(answersWithinMs, async () => {
    if (gone()) gone = launched(cluster, port, logFile)
    await became(answersWithinMs, async () => gone() || answers())
    return !(gone() && /is still in use/.test(lastLines(logFile)))
  })
  if (!gone() && (await answers())) return writeFileSync(join(dir, 'settings.json'), JSON.stringify(settings))
  throw failed('embedded-start-failed', 'the embedded PostgreSQL did not start', {
    came: lastLines(logFile),
    next: `Read ${logFile}, or set DATABASE_URL to a PostgreSQL of your own.`,
  })
}

/** In a session of its own: Ctrl-C reaches Shipmate first, and a killed Shipmate leaves it running. Tells whether it is gone. */
function launched({ data, settings, program }: Cluster, port: number, logFile: string): () => boolean {
  const output = openSync(logFile, 'a')
  const chosen = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'timezone=UTC',
    'max_connections=200',
  ]
  const flags = [...chosen, ...settings].flatMap((setting) => ['-c', setting])
  const stdio: ['ignore', number, number] = ['ignore', output, output]
  const server = spawn(program.postgres, ['-D', data, ...flags], {
    ...program.user,
    stdio,
    detached: true,
    cwd: '/',
    env: environment,
  })
  closeSync(output)
  server.unref()
  let gone = false
  const over = () => {
    gone = true
  }
  server.once('error', over)
  server.once('exit', over)
  return () => gone
}

const lastLines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n')

/** Ends every session and stops; returns when the process is gone. */
async function stop(data: string, log: Log): Promise<void> {
  const running = runningPostmaster(data, log)
  if (!running) return
  process.kill(running.pid, 'SIGINT')
  if (await became(20_000, () => !isAlive(running.pid))) return
  log.warn({ pid: running.pid }, 'the embedded PostgreSQL does not stop; ending it the hard way')
  process.kill(running.pid, 'SIGQUIT')
  await became(10_000, () => !isAlive(running.pid))
}
