import type { Redis } from 'ioredis'
import type { z } from 'zod'
import type { Cache } from '../../releases/watch.js'
import { type Check, type CheckResult, defineCheck, type StepContext } from '../../runs/abilities.js'
import type { At } from '../watched/inputs.js'
import { notSetUp, type WatchedParts, watchAt } from '../watched/parts.js'
import { looking } from './connection.js'

/** The cache of a place; null when none is named there. */
export function cacheAt(parts: WatchedParts, at: At): Cache | null {
  const name = watchAt(parts, at)?.cache
  return name ? (parts.catalogue.caches[name] ?? null) : null
}

/** A check that asks the place's cache, with commands that read. */
export function cacheCheck<Input extends At>(
  parts: WatchedParts,
  name: string,
  input: z.ZodType<Input>,
  look: (redis: Redis, input: Input, cache: Cache, context: StepContext) => Promise<CheckResult>,
): Check {
  return defineCheck<Input>({
    name,
    input,
    async run(given, context) {
      const cache = cacheAt(parts, given)
      if (cache === null) return notSetUp(given, 'cache')
      return looking(parts, cache, context.signal, (redis) => look(redis, given, cache, context))
    },
  })
}
