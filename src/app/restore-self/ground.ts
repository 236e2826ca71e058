import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ScratchYard } from '../../backups/engine.js'
import type { Clock } from '../../clock.js'
import { timeLimit } from '../../clock.js'
import type { Config } from '../../config.js'
import { asShipmateError, refused } from '../../errors.js'
import type { Log } from '../../log.js'
import type { BackupPolicy } from '../../releases/backups/backup-policy.js'
import { beginRestoring, finishPlacing, restoringFolder } from '../../store/embedded/placing.js'
import { isAlive } from '../../store/embedded/postmaster.js'
import { shipmateSessions } from '../../store/embedded/sessions.js'
import { embeddedHome, placeRestored, startEmbeddedPostgres } from '../../store/embedded.js'
import { yardIn } from '../backups/yards.js'

export type GroundParts = { config: Config; policy: BackupPolicy; into: string | null; clock: Clock; log: Log }

/** Where the restored database goes: the place of the embedded one, or a folder for the operator's own server. */
export type RestoreGround = {
  target: string
  /** Throws `restore-self-alive` while anything of Shipmate works on the database. */
  refuseAlive(): Promise<void>
  /** What an earlier one that was killed had begun to put in place; null when nothing was. */
  finished: string | null
  /** Where it is restored and looked at, on the disk of the target. */
  staging: string
  yard: ScratchYard
  /** Whose password Shipmate will come with; null: the restored one stays. */
  login: { role: string; password: string } | null
  place(data: string): Promise<{ kept: string | null; next: string[] }>
  letGo(): void
}

export async function groundFor(parts: GroundParts): Promise<RestoreGround> {
  return parts.config.databaseUrl === null ? embeddedGround(parts) : serverGround(parts, parts.config.databaseUrl)
}

async function embeddedGround({ config, policy, clock, log }: GroundParts): Promise<RestoreGround> {
  const asked = resolve(config.dir, 'postgres')
  const { dir, ...login } = embeddedHome(asked, log)
  const refuseAlive = async () => {
    await refuseAnnounced(config.dir)
    for (const url of serversOf(dir, login)) await refuseSessions(url, 'the embedded database')
  }
  await refuseAlive()
  const letGo = beginRestoring(dir)
  const data = join(dir, 'data')
  return {
    target: data,
    refuseAlive,
    finished: finishPlacing(dir),
    staging: restoringFolder(dir),
    yard: yardIn(restoringFolder(dir), 'postgres://127.0.0.1/postgres', { clock, log }, policy),
    login,
    async place(from) {
      const suffix = clock.now().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
      const kept = await placeRestored(dir, from, suffix, refuseAlive, log)
      // It has to let Shipmate in before anybody is told that it is there.
      const server = await startEmbeddedPostgres({ dir: asked, log })
      await server.stop()
      return { kept, next: ['Start Shipmate: npm start', 'Then look at the trail: npx shipmate audit verify'] }
    },
    letGo,
  }
}

/** Where a server of ours may listen: one that is gone from its folder still serves whoever is connected. */
function serversOf(dir: string, { role, password }: { role: string; password: string }): string[] {
  const file = join(dir, 'port')
  const port = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  return port > 0 ? [`postgres://${role}:${password}@127.0.0.1:${port}/postgres`] : []
}

async function refuseSessions(url: string, server: string): Promise<void> {
  const sessions = await shipmateSessions(url)
  if (sessions && sessions.length > 0) throw alive(`${sessions.length} sessions of it on ${server}: ${sessions[0]} …`)
}

/** One whose files were taken away may go on for a while from what it holds in memory. */
async function refuseAnnounced(dir: string): Promise<void> {
  const file = join(dir, 'http.json')
  if (!existsSync(file)) return
  const { url, pid } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; pid: number }
  if (!isAlive(pid)) return
  const answers = await fetch(url, { signal: timeLimit(2_000) }).then(
    () => true,
    () => false,
  )
  if (answers) throw alive(`process ${pid} answers at ${url}`)
}

const alive = (came: string) =>
  refused('restore-self-alive', 'A Shipmate works on this database. Nothing was changed.', {
    wanted: 'no Shipmate on it: no front, no worker, no takeover',
    came,
    next: 'Stop it first. What it did since the backup would be lost.',
  })

/** The operator's own server is not touched: the files are made ready beside it, with the lines that put them in place. */
async function serverGround({ policy, into, clock, log }: GroundParts, url: string): Promise<RestoreGround> {
  if (into === null)
    throw refused('restore-self-into', 'DATABASE_URL names a server of your own, which is not replaced from here.', {
      wanted: '--into with a folder for the data of a PostgreSQL, empty or missing',
      came: 'none',
      next: 'For example: npx shipmate restore-self --into /var/lib/postgresql/restored',
    })
  const folder = resolve(into)
  const refuseAlive = () => refuseSessions(url, 'the database of DATABASE_URL')
  await refuseAlive()
  refuseFull(folder)
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  const letGo = beginRestoring(folder)
  const data = join(folder, 'data')
  return {
    target: data,
    refuseAlive,
    finished: null,
    staging: join(folder, 'restoring'),
    yard: yardIn(join(folder, 'restoring'), url, { clock, log }, policy),
    login: null,
    async place(from) {
      await refuseAlive()
      await rename(from, data)
      return { kept: null, next: byHand(data, url) }
    },
    letGo,
  }
}

const ours = new Set(['restoring', 'restore-self.pid'])

/** What a killed one left is ours to remove; anything else is not. */
function refuseFull(folder: string): void {
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => !ours.has(name)) : []
  if (found.length === 0) return
  throw refused('restore-self-not-empty', `${folder} is not empty, and nothing is written over.`, {
    wanted: 'an empty or missing folder',
    came: found.slice(0, 5).join(', '),
    next: 'Name another folder with --into.',
  })
}

function byHand(data: string, url: string): string[] {
  const { hostname, port, pathname } = new URL(url)
  return [
    `Stop the server on ${hostname}:${port || '5432'}, and keep its data folder.`,
    `Bring ${data} to its machine, owned by the user that it runs as, with its postgresql.conf and pg_hba.conf.`,
    `Start it on that folder, such as: pg_ctl -D ${data} -o "-p ${port || '5432'}" start`,
    `Look that it is there: psql -d ${decodeURIComponent(pathname.slice(1)) || 'postgres'} -c "select count(*) from shipmate.runs"`,
    'Start Shipmate with the same DATABASE_URL.',
  ]
}

/** Removes what is left of the restore and lets others in. */
export async function leave({ yard, staging, letGo }: RestoreGround, log: Log): Promise<void> {
  try {
    for (const { folder } of await yard.left()) await yard.remove(folder)
    await rm(staging, { recursive: true, force: true })
  } catch (thrown) {
    log.warn({ code: asShipmateError(thrown).code }, 'what was restored could not be removed')
  } finally {
    letGo()
  }
}
