import { Redis } from 'ioredis'
import type { Gate } from '../commands/reply.js'

/** Findings about the Redis or Valkey at an address: does it answer, is it new enough, does it keep what it is given. */
export async function probeRedis(url: string): Promise<Gate[]> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 5_000 })
  let cause: unknown
  redis.on('error', (error) => {
    cause = error
  })
  try {
    await redis.connect()
    return [versionOf(await redis.info('server')), evictionOf(await redis.info('memory'))]
  } catch (error) {
    return [unreachable(cause ?? error)]
  } finally {
    redis.disconnect()
  }
}

const oldest = [6, 2] as const

function versionOf(info: string): Gate {
  const version = field(info, 'valkey_version') ?? field(info, 'redis_version') ?? 'unknown'
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const good = major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
  return {
    title: 'Queue',
    outcome: good ? 'pass' : 'fail',
    evidence: {
      summary: `Redis ${version} answers`,
      ...(!good && { next: `Use Redis ${oldest.join('.')} or newer.` }),
    },
  }
}

// A cache forgets keys when memory is short; a forgotten wake is found again, but only by the slower sweep.
function evictionOf(info: string): Gate {
  const policy = field(info, 'maxmemory_policy') ?? 'unknown'
  const keeps = policy === 'noeviction'
  return {
    title: 'Queue memory',
    outcome: keeps ? 'pass' : 'warn',
    evidence: {
      summary: `maxmemory-policy is ${policy}`,
      ...(!keeps && { next: 'Set maxmemory-policy noeviction, so that no wake of a run is forgotten.' }),
    },
  }
}

const field = (info: string, name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]

function unreachable(error: unknown): Gate {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer'
  return {
    title: 'Queue',
    outcome: 'fail',
    evidence: {
      summary: `REDIS_URL does not open a Redis: ${code}`,
      next: 'Correct REDIS_URL, or leave it out: the queue then lives in PostgreSQL.',
    },
  }
}
