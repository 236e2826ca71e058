import type pg from 'pg'
import type { Log } from '../../log.js'
import type { ConnectionPlan, Database } from '../database.js'
import { createSession } from '../session.js'

/**
 * A few sessions kept for what carried runs write, so that a step checks nothing out of a pool and its statements stay
 * prepared. Apart from the session of the claims: a write that waits for a row must not keep the worker's pulse waiting.
 */
export function openLanes(plan: ConnectionPlan, log: Log, count: number): Database {
  const lanes = Array.from({ length: count }, () => ({
    session: createSession({ plan, log, onLost: () => {} }),
    underWay: 0,
  }))
  return {
    query: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = [], name?: string) => {
      const lane = lanes.reduce((idle, next) => (next.underWay < idle.underWay ? next : idle))
      lane.underWay++
      try {
        return await lane.session.query<Row>(text, values, name)
      } finally {
        lane.underWay--
      }
    },
    close: async () => {
      await Promise.all(lanes.map(({ session }) => session.close()))
    },
  }
}
