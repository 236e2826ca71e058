import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Leadership } from '../runs/telling.js'
import { type ConnectionPlan, codeOf, type Database, databaseError, openClient, takeRole } from './database.js'

/** First key of the advisory locks of leaders; the second is the hash of the role's name. */
const leaderSpace = 1936222581

/** Each role is a session lock on a connection of its own, waited for inside PostgreSQL: it passes on at once. */
export function createLeadership(plan: ConnectionPlan, database: Database, clock: Clock, log: Log): Leadership {
  async function stand(role: string, stop: AbortSignal) {
    const client = openClient(plan, { statement_timeout: 0 })
    const lost = new AbortController()
    client.on('error', (error) => log.warn({ role, code: codeOf(error) }, 'the session that leads broke'))
    client.once('end', () => lost.abort(`leadership of ${role} is lost`))
    try {
      await client.connect()
      await takeRole(client, plan.role)
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      const giveUp = () => void database.query('select pg_cancel_backend($1)', [rows[0]?.pid]).catch(() => {})
      stop.addEventListener('abort', giveUp, { once: true })
      if (!stop.aborted) await client.query(`select pg_advisory_lock(${leaderSpace}, hashtext($1))`, [role])
      stop.removeEventListener('abort', giveUp)
    } catch (thrown) {
      await client.end().catch(() => {})
      throw databaseError(thrown)
    }
    const release = () => client.end().catch(() => {})
    if (stop.aborted) await release()
    return { lost: lost.signal, release }
  }

  return {
    lead: async (role, stop) => {
      for (let pause = 50; !stop.aborted; pause = Math.min(pause * 2, 2_000)) {
        const lease = await stand(role, stop).catch((thrown) => {
          if (!stop.aborted) log.warn({ role, err: thrown }, 'could not wait for leadership; trying again')
          return null
        })
        if (stop.aborted) return null
        if (lease) return lease
        await clock.sleep(pause, stop)
      }
      return null
    },
  }
}
