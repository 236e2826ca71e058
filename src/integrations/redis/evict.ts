import { z } from 'zod'
import { refused } from '../../errors.js'
import { type Action, defineAction } from '../../runs/abilities.js'
import { type At, at } from '../watched/inputs.js'
import { cannotAct, type WatchedParts, watchAt } from '../watched/parts.js'
import { counted } from '../watched/words.js'
import { cacheAt } from './cache-check.js'
import { acting } from './connection.js'

const pageSize = 500

/** Removes keys by their beginning. Twice is once: what is gone is gone, and a cache makes it again. */
export const evictAction = (parts: WatchedParts): Action =>
  defineAction<At & { pattern: string }>({
    name: 'redis.evict',
    input: z.object({ ...at, pattern: z.string() }),
    fence: 'none',
    async run({ pattern, ...given }, { signal, progress }) {
      const cache = cacheAt(parts, given)
      if (cache === null) throw cannotAct(given, 'cache')
      const prefix = beginningOf(pattern, watchAt(parts, given)?.queue?.prefix ?? 'bull')
      return acting(parts, cache, signal, async (redis) => {
        let [cursor, removed] = ['0', 0]
        do {
          const [next, keys] = await redis.scan(cursor, 'MATCH', `${escaped(prefix)}*`, 'COUNT', pageSize)
          if (keys.length > 0) removed += await redis.unlink(...keys)
          cursor = next
          progress({ done: removed, total: 0, text: `${counted(removed, 'key')} removed` })
          signal.throwIfAborted()
        } while (cursor !== '0')
        const summary = `removed ${counted(removed, 'key')} that began with ${prefix}`
        return { evidence: { summary, value: removed }, output: { removed } }
      })
    },
  })

/** A beginning of at least three letters, and never a queue's: jobs are no cache. */
function beginningOf(pattern: string, queues: string): string {
  const prefix = pattern.replace(/\*$/, '')
  const plain = prefix.length >= 3 && !/[*?[\]\\]/.test(prefix)
  if (plain && !prefix.startsWith(queues) && !queues.startsWith(prefix)) return prefix
  throw refused('pattern-too-wide', `keys like ${pattern} are not removed`, {
    wanted: `the beginning of keys, at least three letters and no other than one star at its end, and none of ${queues}:`,
    came: pattern,
    next: 'Name the beginning of what can be made again, such as page:*.',
  })
}

const escaped = (prefix: string) => prefix.replace(/[*?[\]\\]/g, '\\$&')
