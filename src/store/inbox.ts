import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Acceptance, Answer, End, Inbox, LeftParcel, Parcel, ParcelName } from '../runs/inbox.js'
import type { ConnectionPlan } from './database.js'
import { createSession, type Session } from './session.js'

/** First key of the advisory locks that say "this front lives"; the second is its number. */
const frontSpace = 1936222582

export type StoreInbox = Inbox & {
  /** Opens its connections before the first parcel; without it they are opened then. */
  open(): Promise<void>
  close(): Promise<void>
}

/**
 * The inbox of one process. A session lock says that the process lives: when it dies, what it had accepted and not done
 * is there for others at once. Commits of what comes in have two connections of their own.
 */
export function createInbox(plan: (name: string) => ConnectionPlan, clock: Clock, log: Log): StoreInbox {
  const life = createLife(plan('front'), clock, log)
  const writers = [1, 2].map((number) => createSession({ plan: plan(`inbox ${number}`), log, onLost: () => {} }))
  let turn = 0
  let closing: Promise<unknown> | null = null
  const writer = (): Session => writers[turn++ % writers.length] as Session

  return {
    open: async () => {
      await Promise.all([life.number(), ...writers.map((session) => session.query('select 1'))])
    },
    accept: async (parcels) => accept(writer(), await life.number(), parcels),
    done: (ends) => done(life.session, ends, clock.now()),
    letGo: async (names) => {
      await life.session.query(
        `update shipmate.inbox i set front = 0 from unnest($1::text[], $2::text[]) n(team, key)
         where i.team = n.team and i.key = n.key and done_at is null`,
        columns(names),
      )
    },
    left: async (before, limit, company) => left(life.session, [await life.number(), before, limit, company]),
    forget: (before) => forget(writer(), before),
    close: async () => {
      closing ??= Promise.all([life.close(), ...writers.map((session) => session.close())])
      await closing
    },
  }
}

type Life = { session: Session; number(): Promise<number>; close(): Promise<void> }

/** The number of this process and the session that holds it; taken again, if it can be had, when the session breaks. */
function createLife(plan: ConnectionPlan, clock: Clock, log: Log): Life {
  const closing = new AbortController()
  let held: number | null = null
  const session = createSession({
    plan,
    log,
    onOpen: async (client) => {
      // Its statements are planned once, often while the table is empty, and live to see millions of rows.
      await client.query('set enable_seqscan = off; set enable_bitmapscan = off')
      const locked = `select pg_try_advisory_lock(${frontSpace}, $1::int) as got`
      if (held !== null && (await client.query<{ got: boolean }>(locked, [held])).rows[0]?.got) return
      const { rows } = await client.query<{ number: number }>(`select nextval('shipmate.fronts') as number`)
      const number = rows[0]?.number ?? 0
      await client.query(locked, [number])
      // The server has not noticed yet that the old session is gone: its rows move to the new number.
      if (held !== null)
        await client.query('update shipmate.inbox set front = $2 where front = $1 and done_at is null', [held, number])
      held = number
    },
    onLost: () => void reopen(),
  })

  async function reopen(): Promise<void> {
    for (let pause = 50; !closing.signal.aborted; pause = Math.min(pause * 2, 2_000)) {
      try {
        await session.query('select 1')
        return
      } catch {
        await clock.sleep(pause, closing.signal)
      }
    }
  }

  return {
    session,
    number: async () => {
      if (held === null) await session.query('select 1')
      return held ?? 0
    },
    close: () => {
      closing.abort()
      return session.close()
    },
  }
}

/** One parameter for all rows, and the number of rows is the answer: for a few rows each of the two counts. */
const insert = `insert into shipmate.inbox (team, key, kind, format, body, answer, received_at, front)
  select team, key, kind, format, body, answer::json, received_at, $2
  from json_to_recordset($1)
    p(team text, key text, kind text, format text, body text, answer text, received_at timestamptz)
  on conflict (team, key) do nothing`

async function accept(session: Session, front: number, parcels: Parcel[]): Promise<Acceptance[]> {
  const times = parcels.map(({ receivedAt }) => stamp(receivedAt))
  const added = await session.change(insert, [rowsOf(parcels, times), front], 'inbox-accept')
  return added === parcels.length ? parcels.map(() => fresh) : whichAreFresh(session, front, parcels, times)
}

/** Bytes, because a long string would be copied about in memory until the database has answered. */
function rowsOf(parcels: Parcel[], times: string[]): Buffer {
  const rows = parcels.map(({ team, key, kind, format, body, answer }, place) => {
    return { team, key, kind, format, body, answer: answer && JSON.stringify(answer), received_at: times[place] }
  })
  // Two commits that share keys would wait for each other in a circle unless both take them in one order.
  return Buffer.from(JSON.stringify(rows.sort(order)))
}

const fresh: Acceptance = { fresh: true }

let stamps = 0

/** The time, with microseconds that tell apart what one front takes in within the same millisecond. */
function stamp(at: Date): string {
  stamps = (stamps + 1) % 1000
  return `${at.toISOString().slice(0, -1)}${String(stamps).padStart(3, '0')}Z`
}

/** Some were there before. A row of this front with this very time is the one that was just added. */
async function whichAreFresh(
  session: Session,
  front: number,
  parcels: ParcelName[],
  times: string[],
): Promise<Acceptance[]> {
  const names = parcels.map(({ team, key }, place) => ({ place, team, key, received_at: times[place] }))
  const rows = await session.query<{ place: number; fresh: boolean; answer: Answer | null }>(
    `select p.place, i.front = $2 and i.received_at = p.received_at as fresh, i.answer
     from json_to_recordset($1) p(place int, team text, key text, received_at timestamptz)
     join shipmate.inbox i on i.team = p.team and i.key = p.key`,
    [JSON.stringify(names), front],
  )
  const kept = new Map(rows.map((row) => [row.place, row]))
  return parcels.map((_, place) => {
    const row = kept.get(place)
    return row?.fresh ? fresh : { fresh: false, answer: row?.answer ?? null }
  })
}

/** Most end alike, so one statement marks them all. */
async function done(session: Session, ends: End[], at: Date): Promise<void> {
  const alike = new Map<string, End[]>()
  for (const end of ends) {
    const what = `${end.team} ${end.outcome}`
    const others = alike.get(what)
    if (others) others.push(end)
    else alike.set(what, [end])
  }
  for (const group of alike.values()) await marked(session, group, at)
}

// Without "done_at is null" in the condition, or the planner takes the index of open rows: few in its statistics, so it
// reads all of them for each.
async function marked(session: Session, ends: End[], at: Date): Promise<void> {
  await session.change(
    `update shipmate.inbox set done_at = coalesce(done_at, $3), outcome = coalesce(outcome, $4)
     where team = $1 and key = any($2::text[])`,
    [ends[0]?.team, ends.map(({ key }) => key), at, ends[0]?.outcome],
    'inbox-done',
  )
}

type LeftRow = Omit<LeftParcel, 'receivedAt'> & { received_at: Date }

// A row that changed hands meanwhile is looked at once more, against what was read before: that names who is dead, since
// a front that began after it would be missing from a list of those that live.
async function left(session: Session, values: [front: number, before: Date, limit: number, company: number]) {
  const rows = await session.query<LeftRow>(
    `with living as (
       select objid::bigint as front from pg_locks where locktype = 'advisory' and granted and objsubid = 2
         and classid = ${frontSpace} and database = (select oid from pg_database where datname = current_database())),
     dead as (
       select distinct front from shipmate.inbox where done_at is null and front not in (select front from living)),
     several as (
       select team, key from shipmate.inbox where done_at is null and received_at < $2 and tries < $4
         and (front = $1 or front in (select front from dead))
       order by front = $1, received_at limit $3 for update skip locked),
     suspect as (
       select team, key from shipmate.inbox where done_at is null and received_at < $2 and tries >= $4
         and (front = $1 or front in (select front from dead)) and not exists (select from several)
       order by front = $1, tries, received_at limit 1 for update skip locked),
     mine as (select * from several union all select * from suspect)
     update shipmate.inbox i set front = $1, tries = i.tries + (i.front <> $1)::int from mine
     where i.team = mine.team and i.key = mine.key
     returning i.team, i.key, i.kind, i.format, i.body, i.answer, i.received_at, i.tries`,
    values,
  )
  return rows
    .map(({ received_at, ...parcel }): LeftParcel => ({ ...parcel, receivedAt: received_at }))
    .sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime())
}

async function forget(session: Session, before: Date): Promise<number> {
  const rows = await session.query(
    `update shipmate.inbox set hash = encode(sha256(convert_to(body, 'UTF8')), 'hex'), body = null, answer = null
     where received_at < $1 and done_at is not null and body is not null returning 1`,
    [before],
  )
  return rows.length
}

const columns = (names: ParcelName[]) => [names.map(({ team }) => team), names.map(({ key }) => key)]

const order = (a: ParcelName, b: ParcelName) => (a.key < b.key || (a.key === b.key && a.team < b.team) ? -1 : 1)
