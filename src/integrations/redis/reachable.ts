import { z } from 'zod'
import { asShipmateError } from '../../errors.js'
import { type Check, type CheckResult, defineCheck } from '../../runs/abilities.js'
import { at } from '../watched/inputs.js'
import { notSetUp, type WatchedParts } from '../watched/parts.js'
import { secondsShown } from '../watched/words.js'
import { cacheAt } from './cache-check.js'
import { looking } from './connection.js'
import { infoOf, numberIn } from './info.js'

/** Does it answer, has it loaded its data, and does a replica have its primary? */
export const reachableCheck = (parts: WatchedParts): Check =>
  defineCheck({
    name: 'redis.reachable',
    input: z.object(at),
    async run(given, { signal, clock }): Promise<CheckResult> {
      const cache = cacheAt(parts, given)
      if (cache === null) return notSetUp(given, 'cache')
      try {
        return await looking(parts, cache, signal, async (redis) => {
          const began = clock.now().getTime()
          await redis.ping()
          const took = clock.now().getTime() - began
          const info = await infoOf(redis, 'server', 'replication', 'persistence')
          const version = info.valkey_version ?? info.redis_version ?? 'unknown'
          const role = info.role ?? 'unknown'
          const details = { version, role, clients: (await infoOf(redis, 'clients')).connected_clients ?? '' }
          const value = `${took} ms`
          if (info.master_link_status === 'down')
            return {
              ...{ outcome: 'fail', summary: `${cache.name} is a replica that has lost its primary`, value, details },
              next: 'Look at the primary and at the network between them.',
            }
          const up = secondsShown(numberIn(info, 'uptime_in_seconds'))
          return {
            outcome: 'pass',
            summary: `${cache.name} answered in ${value} (Redis ${version}, ${role}, up ${up})`,
            ...{ value, details, output: { ms: took, version } },
          }
        })
      } catch (thrown) {
        const error = asShipmateError(thrown)
        if (error.code !== 'cache-unreachable' && error.code !== 'cache-refused') throw error
        return {
          outcome: 'fail',
          summary: error.message,
          details: { code: error.code },
          next: error.next ?? 'Look whether the server runs.',
        }
      }
    },
  })
