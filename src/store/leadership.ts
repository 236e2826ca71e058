import type pg from 'pg'
import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Leadership } from '../runs/telling.js'
import { type ConnectionPlan, codeOf, type Database, databaseError, openClient, takeRole } from './database.js'

/** First key of the advisory locks of leaders; the second is the hash of the role's name. */
const leaderSpace = 1936222581

/** Each role is a session lock on a connection of its own, waited for inside PostgreSQL: it passes on at once. */
export function createLeadership(
  plan: ConnectionPlan,
  database: Database,
  clock: Clock,
  log: Log,
): Leadership & { close(): Promise<void> } {
  const standing = new Set<pg.Client>()
  const closing = new AbortController()

  async function stand(role: string, stop: AbortSignal) {
    const client = openClient(plan, { statement_timeout: 0 })
    const lost = new AbortController()
    standing.add(client)
    client.on('error', (error) => log.warn({ role, code: codeOf(error) }, 'the session that leads broke'))
    client.once('end', () => {
      standing.delete(client)
      lost.abort(`leadership of ${role} is lost`)
    })
    try {
      await client.connect()
      await takeRole(client, plan.role)
      await elected(client, role, stop)
    } catch (thrown) {
      standing.delete(client)
      await client.end().catch(() => {})
      throw databaseError(thrown)
    }
    return { lost: lost.signal, release: () => client.end().catch(() => {}) }
  }

  /** Waits inside PostgreSQL, which only a cancel from another connection ends. */
  async function elected(client: pg.Client, role: string, stop: AbortSignal): Promise<void> {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const giveUp = () => void database.query('select pg_cancel_backend($1)', [rows[0]?.pid]).catch(() => {})
    stop.addEventListener('abort', giveUp, { once: true })
    try {
      if (!stop.aborted) await client.query(`select pg_advisory_lock(${leaderSpace}, hashtext($1))`, [role])
    } finally {
      stop.removeEventListener('abort', giveUp)
    }
  }

  async function lead(role: string, stop: AbortSignal) {
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
