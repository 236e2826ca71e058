import type pg from 'pg'
import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Leadership, Lease } from '../runs/telling.js'
import { type ConnectionPlan, codeOf, databaseError, openClient, takeRole } from './database.js'

/** First key of the advisory locks of leaders; the second is the hash of the role's name and the epoch. */
const leaderSpace = 1936222581
const lockTimedOut = '55P03'

type LeadershipParts = { plan: ConnectionPlan; clock: Clock; log: Log; hungAfterMs: number }

/**
 * Each term of a role has an epoch and a session lock on a connection of its own, waited for inside PostgreSQL: a dead
 * leader is followed at once. One that is silent for `hungAfterMs` is followed by the next epoch while it holds its lock.
 */
export function createLeadership(parts: LeadershipParts): Leadership & { close(): Promise<void> } {
  const { plan, clock, log, hungAfterMs } = parts
  const standing = new Set<pg.Client>()
  const closing = new AbortController()

  async function stand(role: string, stop: AbortSignal): Promise<Lease> {
    const client = openClient(plan, { statement_timeout: 0, lock_timeout: Math.ceil(hungAfterMs / 6) })
    const lost = new AbortController()
    const giveUp = () => void client.end().catch(() => {})
    standing.add(client)
    client.on('error', (error) => log.warn({ role, code: codeOf(error) }, 'the session that leads broke'))
    client.once('end', () => {
      standing.delete(client)
      lost.abort(`leadership of ${role} is lost`)
    })
    try {
      await client.connect()
      await takeRole(client, plan.role)
      // What waits inside PostgreSQL is given up by hanging up.
      stop.addEventListener('abort', giveUp, { once: true })
      stop.throwIfAborted()
      return leading(parts, client, role, lost, await elected(client, role, hungAfterMs, clock))
    } catch (thrown) {
      standing.delete(client)
      await client.end().catch(() => {})
      throw databaseError(thrown)
    } finally {
      stop.removeEventListener('abort', giveUp)
    }
  }

  async function lead(role: string, stop: AbortSignal): Promise<Lease | null> {
    for (let pause = 50; !stop.aborted && !closing.signal.aborted; pause = Math.min(pause * 2, 2_000)) {
      try {
        const lease = await stand(role, stop)
        if (!stop.aborted) return lease
        await lease.release()
      } catch (thrown) {
        if (stop.aborted || closing.signal.aborted) return null
        log.warn({ role, err: thrown }, 'could not wait for leadership; trying again')
        await clock.sleep(pause, closing.signal)
      }
    }
    return null
  }

  return {
    lead,
    close: async () => {
      closing.abort()
      await Promise.all([...standing].map((client) => client.end().catch(() => {})))
    },
  }
}

type Term = { epoch: number; since: Date }

/** Resolves once the term before has ended, by death or silence, and the next one is ours. */
async function elected(client: pg.Client, role: string, hungAfterMs: number, clock: Clock): Promise<Term> {
  await client.query('insert into shipmate.leaders (role) values ($1) on conflict do nothing', [role])
  for (;;) {
    const { rows } = await client.query<{ epoch: number; silent: boolean }>(termQuery, [role, hungAfterMs / 1000])
    const before = rows[0]
    if (!before) throw new Error(`nobody can lead ${role}: its row is gone`)
    if (!before.silent && !(await freed(client, role, before.epoch))) continue
    const since = clock.now()
    const query = 'select shipmate.succeed_leader($1, $2) as epoch'
    const { rows: won } = await client.query<{ epoch: number | null }>(query, [role, before.epoch])
    const epoch = won[0]?.epoch
    if (typeof epoch === 'number') return { epoch, since }
  }
}

const termQuery = `select epoch, beat_at < clock_timestamp() - make_interval(secs => $2) as silent
  from shipmate.leaders where role = $1`

/** False when it is held for so long that it is time to look at the pulse of its holder. */
async function freed(client: pg.Client, role: string, epoch: number): Promise<boolean> {
  try {
    await client.query(`select pg_advisory_lock(${leaderSpace}, hashtext($1))`, [`${role} ${epoch}`])
    return true
  } catch (thrown) {
    if (codeOf(thrown) === lockTimedOut) return false
    throw thrown
  }
}

/** How much of the time that others wait it trusts its last pulse: what it sends then arrives before they speak. */
const trusted = 0.75

function leading(
  { clock, log, hungAfterMs }: LeadershipParts,
  client: pg.Client,
  role: string,
  lost: AbortController,
  { epoch, since }: Term,
): Lease {
  let confirmed = since.getTime()

  async function beat(): Promise<void> {
    for (;;) {
      await clock.sleep(hungAfterMs / 6, lost.signal)
      if (lost.signal.aborted) return
      const now = clock.now().getTime()
      const alive = 'update shipmate.leaders set beat_at = clock_timestamp() where role = $1 and epoch = $2'
      const { rowCount } = await client.query(alive, [role, epoch])
      if (rowCount === 0) {
        log.warn({ role, hungAfterMs }, 'this process was silent for so long that another one leads now')
        return client.end()
      }
      confirmed = now
    }
  }

  // A broken session ends it, and is told there.
  beat().catch(() => client.end().catch(() => {}))
  return {
    lost: lost.signal,
    holds: () => {
      const silence = clock.now().getTime() - confirmed
      return !lost.signal.aborted && silence >= 0 && silence < hungAfterMs * trusted
    },
    release: () => client.end().catch(() => {}),
  }
}
