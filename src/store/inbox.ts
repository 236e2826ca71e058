import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Acceptance, Answer, Inbox, LeftParcel, Parcel, ParcelName } from '../runs/inbox.js'
import type { ConnectionPlan } from './database.js'
import { createSession, type Session } from './session.js'

/** First key of the advisory locks that say "this front lives"; the second is its number. */
const frontSpace = 1936222582

export type StoreInbox = Inbox & { close(): Promise<void> }

/**
 * The inbox of one process. A session lock says that the process lives: when it dies, what it had accepted and not done
 * is there for others at once. Commits of what comes in have two connections of their own.
 */
export function createInbox(plan: (name: string) => ConnectionPlan, clock: Clock, log: Log): StoreInbox {
  const life = createLife(plan('front'), clock, log)
  const writers = [1, 2].map((number) => createSession({ plan: plan(`inbox ${number}`), log, onLost: () => {} }))
  let turn = 0
  const writer = (): Session => writers[turn++ % writers.length] as Session

  return {
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
      await Promise.all([life.close(), ...writers.map((session) => session.close())])
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

/** Names come back only when something was there before: the usual answer is one small row. */
const insert = `with fresh as (
    insert into shipmate.inbox (team, key, kind, format, body, answer, received_at, front)
    select p.*, $8 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::json[], $7::timestamptz[])
      p(team, key, kind, format, body, answer, received_at)
    on conflict (team, key) do nothing returning team, key)
  select case when count(*) < cardinality($1::text[]) then coalesce(array_agg(team || ' ' || key), '{}') end as names
  from fresh`

async function accept(session: Session, front: number, parcels: Parcel[]): Promise<Acceptance[]> {
  // Two commits that share keys would wait for each other in a circle unless both take them in one order.
  const rows = [...parcels].sort(order)
  const values = [
    rows.map(({ team }) => team),
    rows.map(({ key }) => key),
    rows.map(({ kind }) => kind),
    rows.map(({ format }) => format),
    rows.map(({ body }) => body),
    rows.map(({ answer }) => (answer ? JSON.stringify(answer) : null)),
    rows.map(({ receivedAt }) => receivedAt.toISOString()),
    front,
  ]
  const [inserted] = await session.query<{ names: string[] | null }>(insert, values, 'inbox-accept')
  if (!inserted?.names) return parcels.map(() => fresh)
  const unclaimed = new Set(inserted.names)
  const first = parcels.map((parcel) => unclaimed.delete(nameOf(parcel)))
  const seen = parcels.filter((_, index) => !first[index])
  const kept = await answersOf(session, seen)
  return parcels.map((parcel, index) =>
    first[index] ? fresh : { fresh: false, answer: kept.get(nameOf(parcel)) ?? null },
  )
}

const fresh: Acceptance = { fresh: true }

async function answersOf(session: Session, names: ParcelName[]): Promise<Map<string, Answer>> {
  const rows = await session.query<ParcelName & { answer: Answer }>(
    `select i.team, i.key, i.answer from shipmate.inbox i join unnest($1::text[], $2::text[]) n(team, key)
       on i.team = n.team and i.key = n.key where i.answer is not null`,
    columns(names),
  )
  return new Map(rows.map((row) => [nameOf(row), row.answer]))
}

async function done(session: Session, ends: (ParcelName & { outcome: string })[], at: Date): Promise<void> {
  await session.query(
    `update shipmate.inbox i set done_at = $4, outcome = e.outcome
     from unnest($1::text[], $2::text[], $3::text[]) e(team, key, outcome)
     where i.team = e.team and i.key = e.key and i.done_at is null`,
    [...columns(ends), ends.map(({ outcome }) => outcome), at],
    'inbox-done',
  )
}

type LeftRow = Omit<LeftParcel, 'receivedAt'> & { received_at: Date }

async function left(session: Session, values: [front: number, before: Date, limit: number, company: number]) {
  const rows = await session.query<LeftRow>(
    `with living as (
       select objid::bigint as front from pg_locks where locktype = 'advisory' and granted and objsubid = 2
         and classid = ${frontSpace} and database = (select oid from pg_database where datname = current_database())),
     several as (
       select team, key from shipmate.inbox where done_at is null and received_at < $2 and tries < $4
         and (front = $1 or front not in (select front from living))
       order by front = $1, received_at limit $3 for update skip locked),
     suspect as (
       select team, key from shipmate.inbox where done_at is null and received_at < $2 and tries >= $4
         and (front = $1 or front not in (select front from living)) and not exists (select from several)
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

const nameOf = ({ team, key }: ParcelName) => `${team} ${key}`

const order = (a: ParcelName, b: ParcelName) => (a.key < b.key || (a.key === b.key && a.team < b.team) ? -1 : 1)
