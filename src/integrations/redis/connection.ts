import { Redis } from 'ioredis'
import { failed, ShipmateError } from '../../errors.js'
import { masked } from '../../log.js'
import type { Cache } from '../../releases/watch.js'
import { onlyLookedAt, type WatchedParts } from '../watched/parts.js'

const answerWithinMs = 3_000

/** With the address for reading; only commands that read are sent. */
export async function looking<T>(
  parts: WatchedParts,
  cache: Cache,
  signal: AbortSignal,
  look: (redis: Redis) => Promise<T>,
): Promise<T> {
  return connected(cache.name, await parts.secret(cache.url), signal, look)
}

/** With the address that may change things; refused where the operator's file gives none. */
export async function acting<T>(
  parts: WatchedParts,
  cache: Cache,
  signal: AbortSignal,
  act: (redis: Redis) => Promise<T>,
): Promise<T> {
  if (cache.operator === null) throw onlyLookedAt('caches', cache.name)
  return connected(cache.name, await parts.secret(cache.operator), signal, act)
}

async function connected<T>(name: string, url: string, signal: AbortSignal, use: (redis: Redis) => Promise<T>) {
  signal.throwIfAborted()
  const redis = new Redis(url, {
    lazyConnect: true,
    connectionName: 'shipmate',
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: answerWithinMs,
    commandTimeout: answerWithinMs,
    // Loading is something to tell, not to wait for.
    enableReadyCheck: false,
  })
  let cause: unknown
  redis.on('error', (error) => {
    cause = error
  })
  const stop = () => redis.disconnect()
  signal.addEventListener('abort', stop)
  try {
    await redis.connect()
    return await use(redis)
  } catch (error) {
    if (signal.aborted) throw new ShipmateError('stopped', 'look-stopped', `looking at ${name} was broken off`)
    throw cacheError(name, error, cause)
  } finally {
    signal.removeEventListener('abort', stop)
    redis.disconnect()
  }
}

/** What a cache said no with, in our words. */
export function cacheError(name: string, thrown: unknown, cause?: unknown): ShipmateError {
  if (thrown instanceof ShipmateError) return thrown
  const { message = '' } = (cause ?? thrown) as { message?: string }
  const said = thrown instanceof Error ? thrown.message : String(thrown)
  const came = masked(message || said).slice(0, 300)
  if (/NOAUTH|WRONGPASS/.test(`${came} ${said}`))
    return failed('cache-unauthorized', `${name} does not let us in`, {
      came,
      next: 'Check the password in the reference that the operator’s file gives.',
    })
  if (/NOPERM|unknown command|READONLY/i.test(said))
    return failed('cache-not-allowed', `our user may not do that in ${name}`, {
      came,
      next: 'docs/integrations/redis.md has the rights that the users need.',
    })
  if (/^(OOM|BUSY|MISCONF|ERR|LOADING|MASTERDOWN)/.test(said))
    return failed('cache-refused', `${name} refused: ${came}`, { came, transient: true })
  return failed('cache-unreachable', `${name} cannot be reached: ${came}`, {
    came,
    transient: true,
    next: 'Look whether the server runs and its address is right.',
  })
}
