import { Queue } from 'bullmq'
import { z } from 'zod'
import { timeLimit } from '../../clock.js'
import { failed, ShipmateError } from '../../errors.js'
import type { Cache, WatchedQueue } from '../../releases/watch.js'
import { type At, at } from '../watched/inputs.js'
import { cannotAct, onlyLookedAt, type WatchedParts, watchAt } from '../watched/parts.js'
import { cacheError } from './connection.js'

export const queueInput = z.object({ ...at, queue: z.string().nullish() })

export type Place = { settings: WatchedQueue; cache: Cache; names: string[] }

/** The queues of a place, or the one that is asked for; null when none is set up there. */
export function queuesAt(parts: WatchedParts, given: At & { queue?: string | null | undefined }): Place | null {
  const settings = watchAt(parts, given)?.queue
  const cache = settings ? parts.catalogue.caches[settings.cache] : undefined
  if (!settings || !cache) return null
  const { queue } = given
  if (!queue) return { settings, cache, names: settings.names }
  if (settings.names.includes(queue)) return { settings, cache, names: [queue] }
  throw failed('queue-unknown', `${given.service} in ${given.environment} has no queue ${queue}`, {
    wanted: `one of ${settings.names.join(', ')}`,
    came: queue,
    next: 'Add it to watch.queue.names in the operator’s file.',
  })
}

export function queuesToChange(parts: WatchedParts, given: At & { queue?: string | null | undefined }) {
  const place = queuesAt(parts, given)
  if (place === null) throw cannotAct(given, 'queue')
  const { operator, name } = place.cache
  if (operator === null) throw onlyLookedAt('caches', name)
  return { ...place, reference: operator }
}

const openWithinMs = 4_000

/** One queue at a time, each with a connection that is closed whatever happens. */
export async function onQueues<T>(
  parts: WatchedParts,
  { settings, cache, names }: Place,
  reference: string,
  signal: AbortSignal,
  use: (queue: Queue) => Promise<T>,
): Promise<T[]> {
  const url = await parts.secret(reference)
  const results: T[] = []
  for (const name of names) results.push(await onQueue({ url, name, prefix: settings.prefix, cache }, signal, use))
  return results
}

type Where = { url: string; name: string; prefix: string; cache: Cache }

async function onQueue<T>({ url, name, prefix, cache }: Where, signal: AbortSignal, use: (queue: Queue) => Promise<T>) {
  signal.throwIfAborted()
  const queue = new Queue(name, {
    prefix,
    // Looking must leave no trace, not even the version in a queue's own settings.
    skipMetasUpdate: true,
    skipVersionCheck: true,
    connection: {
      url,
      connectionName: 'shipmate',
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      connectTimeout: 3_000,
      commandTimeout: 3_000,
    },
  })
  let cause: unknown
  queue.on('error', (error) => {
    cause = error
  })
  const late = timeLimit(openWithinMs, signal)
  const broken = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(cause ?? new Error(`no answer within ${openWithinMs / 1000} s`)))
  })
  broken.catch(() => {})
  try {
    await Promise.race([queue.waitUntilReady(), broken])
    return await use(queue)
  } catch (error) {
    if (signal.aborted) throw new ShipmateError('stopped', 'look-stopped', `looking at ${name} was broken off`)
    throw cacheError(cache.name, error, cause)
  } finally {
    await queue.disconnect().catch(() => {})
  }
}
