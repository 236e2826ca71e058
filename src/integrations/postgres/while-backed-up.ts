import type { Change, DatabaseCost, DatabaseLook } from '../../backups/cost/cost.js'
import type { Clock } from '../../clock.js'
import { asShipmateError } from '../../errors.js'
import { openSession, type Session } from './session.js'

type Watching = { signal: AbortSignal; clock: Clock }

/** So often it is looked at; one small question each. */
const every = 2_000
const limits = { connectWithinMs: 3_000, statementWithinMs: 3_000 }

/** Looks at replicas and slots until it is ended. Whatever it cannot see it says; it never breaks what it looks at. */
export async function lookWhileBackedUp(
  name: string,
  url: () => Promise<string>,
  watching: Watching,
): Promise<DatabaseLook> {
  const over = new AbortController()
  const looks: Look[] = []
  const opened = await open(name, url, watching.signal)
  if ('why' in opened) return { end: async () => opened }
  const { session } = opened
  let why: string | null = await look(session, looks)
  const going = (async () => {
    while (!over.signal.aborted && !watching.signal.aborted && why === null) {
      await watching.clock.sleep(every, AbortSignal.any([over.signal, watching.signal]))
      why = await look(session, looks)
    }
  })()
  return {
    async end() {
      over.abort()
      await going
      await session.end()
      if (looks.length > 0) return { seen: costOf(looks) }
      return { why: why ?? `${name} was not looked at` }
    },
  }
}

async function open(
  name: string,
  url: () => Promise<string>,
  signal: AbortSignal,
): Promise<{ session: Session } | { why: string }> {
  try {
    return { session: await openSession(name, { url: await url() }, { ...limits, signal }) }
  } catch (thrown) {
    return { why: whyNot(name, thrown) }
  }
}

/** Null, or why it could not be looked at. */
async function look(session: Session, looks: Look[]): Promise<string | null> {
  try {
    const [found] = await session.rows<Row>(text)
    if (found) looks.push({ lag: found.replicas === 0 ? null : (found.lag ?? 0), slots: found.slots })
    return null
  } catch (thrown) {
    return whyNot('the database', thrown)
  }
}

const whyNot = (name: string, thrown: unknown) =>
  `${name} could not be looked at while it was backed up: ${asShipmateError(thrown).message}`

type Row = { replicas: number; lag: number | null; slots: { [name: string]: number } }
type Look = Pick<Row, 'lag' | 'slots'> & { lag: number | null }

// What takes backups speaks the replication protocol too, and is no replica.
const text = `
  with here as (select case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end as lsn),
  replicas as (select replay_lag from pg_stat_replication
    where state in ('streaming', 'catchup') and application_name not in ('shipmate', 'pg_basebackup', 'pg_receivewal'))
  select (select count(*)::int from replicas) as replicas,
    (select max(extract(epoch from replay_lag) * 1000)::float8 from replicas) as lag,
    coalesce((select json_object_agg(slot_name, greatest(0, pg_wal_lsn_diff(here.lsn, restart_lsn)))
      from pg_replication_slots, here where restart_lsn is not null), '{}') as slots`

/** The first look is how it was before; of the rest the worst counts. */
function costOf(looks: Look[]): DatabaseCost {
  const [first] = looks
  const lags = looks.flatMap(({ lag }) => lag ?? [])
  const lag: Change | null = lags.length === 0 ? null : { before: first?.lag ?? 0, during: Math.max(...lags) }
  const names = [...new Set(looks.flatMap(({ slots }) => Object.keys(slots)))]
  const slots = names.map((name) => ({
    name,
    kept: { before: first?.slots[name] ?? 0, during: Math.max(...looks.map(({ slots }) => slots[name] ?? 0)) },
  }))
  const [most = null] = slots.sort((a, b) => b.kept.during - a.kept.during)
  return { looks: looks.length, slot: most, lag }
}
