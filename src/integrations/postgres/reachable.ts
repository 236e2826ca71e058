import { z } from 'zod'
import { asShipmateError } from '../../errors.js'
import { type Check, type CheckResult, defineCheck } from '../../runs/abilities.js'
import { at } from '../watched/inputs.js'
import { notSetUp, type WatchedParts } from '../watched/parts.js'
import { secondsShown } from '../watched/words.js'
import { looking } from './connection.js'
import { databaseAt } from './database-check.js'

const row = z.object({ version: z.string(), replica: z.boolean(), up: z.coerce.number() })

/** Does it let us in and answer? A server that is away or full is the finding; a wrong password is our own trouble. */
export const reachableCheck = (parts: WatchedParts): Check =>
  defineCheck({
    name: 'postgres.reachable',
    input: z.object(at),
    async run(given, { signal, clock }): Promise<CheckResult> {
      const database = databaseAt(parts, given)
      if (database === null) return notSetUp(given, 'database')
      const began = clock.now().getTime()
      try {
        const [found] = await looking(parts, database, signal, (sql) =>
          sql(
            `select current_setting('server_version') as version, pg_is_in_recovery() as replica,
               extract(epoch from clock_timestamp() - pg_postmaster_start_time()) as up`,
            row,
          ),
        )
        const took = clock.now().getTime() - began
        const { version = '', replica = false, up = 0 } = found ?? {}
        return {
          outcome: 'pass',
          summary: `${database.name} answered in ${took} ms (PostgreSQL ${version}, up ${secondsShown(up)})`,
          value: `${took} ms`,
          details: { version, replica, upSeconds: Math.round(up) },
          output: { ms: took, version },
        }
      } catch (thrown) {
        const error = asShipmateError(thrown)
        if (!['watched-unreachable', 'database-full', 'watched-slow'].includes(error.code)) throw error
        return {
          outcome: 'fail',
          summary: error.message,
          details: { code: error.code, came: error.came ?? '' },
          next: error.next ?? 'Look whether the server runs.',
        }
      }
    },
  })
