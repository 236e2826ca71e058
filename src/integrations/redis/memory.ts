import { z } from 'zod'
import type { Check, CheckResult } from '../../runs/abilities.js'
import { at, share } from '../watched/inputs.js'
import type { WatchedParts } from '../watched/parts.js'
import { bytes, figure, percent } from '../watched/words.js'
import { cacheCheck } from './cache-check.js'
import { type Info, infoOf, numberIn } from './info.js'

const input = z.object({ ...at, maxShare: share.default(0.9) })

/** How much of its memory is taken. Full and without a policy to forget, it refuses every write. */
export const memoryCheck = (parts: WatchedParts): Check =>
  cacheCheck(parts, 'redis.memory', input, async (redis, { maxShare }, { name }) =>
    memoryVerdict(name, await infoOf(redis, 'memory'), maxShare),
  )

export function memoryVerdict(name: string, info: Info, maxShare: number): CheckResult {
  const [used, own] = [numberIn(info, 'used_memory'), numberIn(info, 'maxmemory')]
  const most = own || numberIn(info, 'total_system_memory')
  const policy = info.maxmemory_policy ?? 'unknown'
  if (most === 0) return { outcome: 'skip', summary: `${name} uses ${bytes(used)}; it does not tell of how much` }
  const taken = used / most
  const figures = { value: percent(taken), limit: percent(maxShare) }
  const refuses = policy === 'noeviction'
  const outcome = taken <= maxShare ? 'pass' : refuses || own === 0 ? 'fail' : 'warn'
  const of = own === 0 ? `the machine’s ${bytes(most)}` : bytes(most)
  return {
    outcome,
    summary: `${name} uses ${bytes(used)} of ${of} (${figures.value}, limit ${figures.limit}), policy ${policy}`,
    ...figures,
    details: { used, most, policy, limited: own > 0 },
    ...(outcome !== 'pass' && {
      next: refuses
        ? 'Once full it refuses writes: remove keys that can be made again, or raise maxmemory.'
        : 'It forgets keys early: raise maxmemory, or shorten how long keys live.',
    }),
    output: { used, most },
  }
}

const sampleMs = 1_000

/** Keys that are forgotten and writes that are refused for want of memory, counted for a second. */
export const evictionsCheck = (parts: WatchedParts): Check =>
  cacheCheck(parts, 'redis.evictions', z.object(at), async (redis, _given, { name }, { clock, signal }) => {
    const before = await infoOf(redis, 'stats', 'errorstats')
    await clock.sleep(sampleMs, signal)
    signal.throwIfAborted()
    const after = await infoOf(redis, 'stats', 'errorstats')
    const since = (key: string) => numberIn(after, key) - numberIn(before, key)
    const [evicted, hits, misses] = [since('evicted_keys'), since('keyspace_hits'), since('keyspace_misses')]
    const refused = counted(after.errorstat_OOM) - counted(before.errorstat_OOM)
    const asked = hits + misses
    const hitShare = asked === 0 ? 'nobody asked' : `${percent(hits / asked)} of ${figure(asked)} found`
    const details = { evicted, refused, hits, misses, evictedSinceStart: numberIn(after, 'evicted_keys') }
    const found = { value: evicted, limit: 0, details, output: { evicted, refused } }
    if (refused > 0)
      return {
        outcome: 'fail',
        summary: `${name} refused ${figure(refused)} writes in 1 s because its memory is full`,
        ...found,
        next: 'Remove keys that can be made again, or raise maxmemory.',
      }
    if (evicted > 0)
      return {
        outcome: 'warn',
        summary: `${name} forgot ${figure(evicted)} keys in 1 s for want of memory (${hitShare})`,
        ...found,
        next: 'Raise maxmemory, or shorten how long keys live.',
      }
    return { outcome: 'pass', summary: `${name} forgot no key early in 1 s (${hitShare})`, ...found }
  })

/** `count=12` */
const counted = (text: string | undefined): number => Number(/count=(\d+)/.exec(text ?? '')?.[1] ?? 0)
