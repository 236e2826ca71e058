import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCommands } from '../../../src/integrations/commands/commands.js'
import { createRedis } from '../../../src/integrations/redis/redis.js'
import type { WatchedParts } from '../../../src/integrations/watched/parts.js'
import { requirePart } from '../../support/parts.js'
import { startRedis, type TestRedis } from '../../support/redis.js'
import { waitFor } from '../../support/wait-for.js'
import { hands, partsOf } from '../../support/watched/scene.js'

const program = requirePart('redis')
const withRedis = test.skipIf(!program)

let redis: TestRedis
let client: Redis
beforeAll(async () => {
  if (!program) return
  redis = await startRedis()
  client = new Redis(redis.url)
  client.on('error', () => {})
})
afterAll(async () => {
  client?.disconnect()
  await redis?.stop()
})

const queueLines = 'queue: { cache: sessions, names: [emails], olderThan: 1m }'
const sections = 'caches:\n  sessions: { url: env:READ, operator: env:ACT }'
const parts = (watch = `cache: sessions\n${queueLines}`): WatchedParts =>
  partsOf(watch, sections, { 'env:READ': redis.url, 'env:ACT': redis.url })
const at = (watch?: string) => hands(createRedis(parts(watch)))

withRedis(
  'a memory that is full is found; removing keys by their beginning makes room, and other keys stay',
  async () => {
    const { check, act } = at()
    expect((await check('redis.memory')).outcome).toBe('pass')
    const filler = 'x'.repeat(10_000)
    await client.set('session:1', 'kept')
    for (let n = 0; n < 300; n++) await client.set(`page:${n}`, filler)
    const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
    await client.config('SET', 'maxmemory', String(used + 20_000))
    const found = await check('redis.memory')
    expect(found).toMatchObject({ outcome: 'fail', limit: '90 %' })
    expect(found.summary).toMatch(/^sessions uses [\d.]+ MB of [\d.]+ MB \([\d.]+ %, limit 90 %\), policy noeviction$/)
    const { output } = await act('redis.evict', { pattern: 'page:*' })
    expect(output).toEqual({ removed: 300 })
    expect((await check('redis.memory')).outcome).toBe('pass')
    expect(await client.get('session:1')).toBe('kept')
    expect((await act('redis.evict', { pattern: 'page:*' })).output).toEqual({ removed: 0 })
    await client.config('SET', 'maxmemory', '0')
  },
)

withRedis('writes that are refused for want of memory fail the check, keys that are forgotten early warn', async () => {
  const { check } = at()
  expect((await check('redis.evictions')).outcome).toBe('pass')
  await client.config('SET', 'maxmemory', '1mb')
  const writing = setInterval(() => void client.set(`more:${Math.random()}`, 'x'.repeat(50_000)).catch(() => null), 5)
  try {
    expect(await check('redis.evictions')).toMatchObject({ outcome: 'fail', summary: /refused \d+ writes in 1 s/ })
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
    await client.config('SET', 'maxmemory', String(used + 200_000))
    expect(await check('redis.evictions')).toMatchObject({ outcome: 'warn', summary: /forgot \d+ keys in 1 s/ })
  } finally {
    clearInterval(writing)
    await client.config('SET', 'maxmemory', '0')
    await client.config('SET', 'maxmemory-policy', 'noeviction')
  }
})

withRedis.for(['*', 'a*', 'bull:*', 'bull', 'page?x', 'b'])('keys like %s are not removed', async (pattern) => {
  await expect(at().act('redis.evict', { pattern })).rejects.toMatchObject({
    kind: 'refused',
    code: 'pattern-too-wide',
  })
})

withRedis('jobs that failed are told with their reason, go back in line once, and are worked off', async () => {
  const { check, act } = at()
  const connection = { url: redis.url, maxRetriesPerRequest: null }
  const queue = new Queue('emails', { connection })
  let broken = true
  const work = async () => {
    if (broken) throw new Error('smtp: connection refused')
  }
  const worker = new Worker('emails', work, { connection })
  await queue.add('welcome', {})
  await queue.add('receipt', {})
  await waitFor('both failed', async () => (await queue.getFailedCount()) === 2)
  expect(await check('queue.backlog')).toMatchObject({
    outcome: 'warn',
    summary: 'emails: 2 jobs failed, the last with: smtp: connection refused',
  })
  broken = false
  expect((await act('queue.retry-failed')).output).toEqual({ retried: 2 })
  await waitFor('both done', async () => (await queue.getCompletedCount()) === 2)
  expect(await check('queue.backlog')).toMatchObject({ outcome: 'pass' })
  expect((await act('queue.retry-failed')).output).toEqual({ retried: 0 })
  await worker.close()
  await queue.close()
})

withRedis(
  'a paused queue, jobs that wait too long and jobs whose worker is gone are found; resuming and a worker mend it',
  async () => {
    // Workers of the test before have just looked for stalled jobs in theirs, and none looks again for half a minute.
    const { check, act } = at('cache: sessions\nqueue: { cache: sessions, names: [invoices], olderThan: 1m }')
    const connection = { url: redis.url, maxRetriesPerRequest: null }
    const queue = new Queue('invoices', { connection })
    await queue.pause()
    await queue.add('late', {}, { timestamp: Date.now() - 120_000 })
    expect(await check('queue.backlog')).toMatchObject({
      outcome: 'fail',
      summary: 'invoices: paused, a job has waited 2 min (limit 1 min)',
      next: 'Resume the queue.',
    })
    expect((await act('queue.resume')).evidence.summary).toBe('resumed invoices')
    expect((await act('queue.resume')).evidence.summary).toContain('nothing was done')
    const hung = new Worker('invoices', () => new Promise(() => {}), {
      connection,
      lockDuration: 500,
      stalledInterval: 300,
    })
    await waitFor('it is taken', async () => (await queue.getActiveCount()) === 1)
    await hung.close(true)
    const found = await waitFor('its lock is gone', async () => {
      const now = await check('queue.backlog')
      return now.outcome === 'fail' && now
    })
    expect(found).toMatchObject({ summary: /1 job stalled, no worker holds it/, next: /No worker is connected/ })
    const fresh = new Worker('invoices', async () => {}, { connection, stalledInterval: 300 })
    await waitFor('it is done', async () => (await check('queue.backlog')).outcome === 'pass', 20_000)
    await fresh.close()
    await queue.close()
  },
)

withRedis('looking at a queue that nobody made leaves no trace', async () => {
  const { check } = at('cache: sessions\nqueue: { cache: sessions, names: [nobodys] }')
  expect(await check('queue.backlog')).toMatchObject({ outcome: 'pass', value: 0 })
  await expect(check('queue.backlog', { queue: 'other' })).rejects.toMatchObject({ code: 'queue-unknown' })
  expect(await client.keys('*nobodys*')).toEqual([])
})

withRedis('without an operator’s address nothing is changed, and what is not set up is skipped', async () => {
  const given = parts()
  for (const cache of Object.values(given.catalogue.caches)) cache.operator = null
  const { act } = hands(createRedis(given))
  for (const [name, input] of [
    ['redis.evict', { pattern: 'page:*' }],
    ['queue.retry-failed', {}],
    ['queue.resume', {}],
  ] as const)
    await expect(act(name, input)).rejects.toMatchObject({ kind: 'refused', code: 'only-looked-at' })
  const bare = at('probe: http://127.0.0.1:1/')
  for (const name of ['redis.reachable', 'redis.memory', 'redis.evictions', 'queue.backlog'])
    expect((await bare.check(name)).outcome).toBe('skip')
  await expect(bare.act('redis.evict', { pattern: 'page:*' })).rejects.toMatchObject({ code: 'not-set-up' })
})

withRedis('a cache that is gone is found, and the operator’s command brings it back', async () => {
  const port = new URL(redis.url).port
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-restart-redis-'))
  const words = [program, '--port', port, '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--daemonize', 'yes']
  const given = parts(`cache: sessions\ncommands:\n  restart-cache: { run: ${JSON.stringify(words)} }`)
  const system = createRedis(given)
  const { check, act } = hands({ checks: system.checks, actions: createCommands(given, system.checks).actions })
  expect((await check('redis.reachable')).summary).toMatch(/^sessions answered in \d+ ms \(Redis /)
  await redis.kill()
  expect(await check('redis.reachable')).toMatchObject({
    outcome: 'fail',
    summary: expect.stringContaining('sessions cannot be reached'),
  })
  const { evidence } = await act('redis.restart')
  expect(evidence.summary).toContain('restart-cache ended well; sessions answered in')
  expect((await check('redis.reachable')).outcome).toBe('pass')
  execFileSync('redis-cli', ['-p', port, 'shutdown', 'nosave'])
  rmSync(dir, { recursive: true, force: true })
})
