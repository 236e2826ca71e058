import pg from 'pg'
import { failed } from '../../errors.js'
import type { JsonObject } from '../../json.js'
import type { Log } from '../../log.js'
import type { Actor } from '../../runs/run.js'
import { type BrokenChain, createAudit } from '../audit.js'
import { type Database, openDatabase } from '../database.js'
import { migrate } from '../migrate.js'
import { auditText, toJson } from '../rows.js'

/** What a database that came back holds, before anything is changed in it. */
export type RestoredContents = {
  /** The last moment that something of Shipmate was written: a row of the trail, a pulse, a look at itself. */
  reaches: Date
  lastEntry: { run: number; at: Date; act: string } | null
  /** Rows of the trail, and where its chains break. */
  rows: number
  broken: BrokenChain[]
  /** Runs that were not over then. */
  live: { run: number; job: string; service: string; environment: string; state: string }[]
}

/** How it is made ready: see `bring_back` in the migrations. */
export type BringingBack = {
  at: Date
  /** The moment that the data is of. */
  to: Date
  /** How far the numbers go on beyond those that are known. */
  skip: number
  /** Jobs whose runs are over when only Shipmate asked for them. */
  own: string[]
  /** For the trail: from which backup, by whom. */
  subject: JsonObject
  by: Actor
}

export type RestoredDatabase = {
  /** Brings it to this program's schema first, then follows every chain; throws `database-other-version` for a newer one. */
  look(): Promise<RestoredContents>
  bringBack(back: BringingBack): Promise<void>
  /** Gives a role the password by which Shipmate will come. */
  setPassword(role: string, password: string): Promise<void>
  close(): Promise<void>
}

/**
 * Shipmate's database inside a scratch server, as the superuser of `url`, who works as the owner of what is there: nothing
 * belongs to the scratch's own role when that goes. Throws `restore-self-foreign` when nothing of Shipmate is in it.
 */
export async function openRestored(url: string, log: Log): Promise<RestoredDatabase> {
  const owner = await ownerIn(url, log)
  const owned = new URL(url)
  owned.searchParams.set('options', `-c role=${owner.replace(/[\\ ]/g, '\\$&')}`)
  const plan = { url: owned.href, name: 'shipmate restore-self', role: null }
  const database = openDatabase(plan, log, 2)
  return {
    async look() {
      await migrate(owned.href, log)
      const { rows, broken } = await createAudit(database).verify()
      return { ...(await reached(database)), rows, broken, live: await liveRuns(database) }
    },
    async bringBack(back) {
      const { at, to, skip, own, by, subject } = back
      const entry = (act: string, more: JsonObject) => auditText({ actor: by, act, subject: more }, at)
      const all = { at: at.toISOString(), to: to.toISOString(), skip, own, over: overReason(to) }
      await database.query('select shipmate.bring_back($1, $2, $3, $4)', [
        toJson(all),
        entry('brought Shipmate back', { ...subject, to: all.to }),
        entry('held after a restore', { to: all.to }),
        entry('ended after a restore', { to: all.to }),
      ])
    },
    async setPassword(role, password) {
      const [user, secret] = [pg.escapeIdentifier(role), pg.escapeLiteral(password)]
      await database.query(`alter role ${user} with login password ${secret}`)
    },
    close: database.close,
  }
}

const overReason = (to: Date): JsonObject => ({
  code: 'restored-over',
  text: `Shipmate was brought back from a backup of ${to.toISOString()} while this ran; what became of it is not known`,
  next: 'Nothing is to be done: the schedule asks anew.',
})

async function ownerIn(url: string, log: Log): Promise<string> {
  const database = openDatabase({ url, name: 'shipmate restore-self', role: null }, log, 1)
  try {
    const [row] = await database.query<{ owner: string }>(
      `select pg_get_userbyid(n.nspowner) as owner from pg_namespace n
       where n.nspname = 'shipmate' and to_regclass('shipmate.migrations') is not null`,
    )
    if (row) return row.owner
  } finally {
    await database.close()
  }
  throw failed('restore-self-foreign', 'What was restored holds no database of Shipmate.', {
    wanted: 'the schema shipmate with its migrations',
    came: `none in the database ${decodeURIComponent(new URL(url).pathname.slice(1))}`,
    next: 'Look whether backups.shipmate in the operator’s file names the storage of this installation.',
  })
}

async function reached(database: Database): Promise<Pick<RestoredContents, 'reaches' | 'lastEntry'>> {
  const [last] = await database.query<{ run: number; at: string; act: string }>(
    `select run, entry::json ->> 'at' as at, entry::json ->> 'act' as act from shipmate.audit
     order by entry::json ->> 'at' desc, run desc, position desc limit 1`,
  )
  const [pulse] = await database.query<{ at: Date | null }>(
    `select greatest((select max(beat_at) from shipmate.workers), (select max(written_at) from shipmate.vital_signs))
       as at`,
  )
  const lastEntry = last ? { ...last, at: new Date(last.at) } : null
  const moments = [lastEntry?.at, pulse?.at].flatMap((at) => (at ? [at.getTime()] : []))
  return { reaches: new Date(Math.max(0, ...moments)), lastEntry }
}

const liveRuns = (database: Database) =>
  database.query<RestoredContents['live'][number]>(
    `select id as run, intent ->> 'job' as job, service, environment, state
     from shipmate.runs where ended_at is null order by id`,
  )
