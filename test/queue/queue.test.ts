import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../src/log.js'
import { openQueue, type Queue, type QueueOptions } from '../../src/queue/queue.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { requirePart } from '../support/parts.js'
import { startRedis, type TestRedis } from '../support/redis.js'
import { waitFor } from '../support/wait-for.js'

let database: TestDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(async () => {
  await database?.drop()
})

const hasRedis = requirePart('redis')
let redis: TestRedis
beforeAll(async () => {
  if (hasRedis) redis = await startRedis()
})
afterAll(async () => {
  await redis?.stop()
})

describe.each(['postgres', 'redis'] as const)('wakes on %s', (backend) => {
  const unavailable = backend === 'redis' && !hasRedis

  async function opened(): Promise<Queue> {
    const options: QueueOptions = { databaseUrl: database.url, log: silentLog }
    if (backend === 'redis') options.redisUrl = redis.url
    const queue = await openQueue(options)
    onTestFinished(() => queue.close())
    return queue
  }

  /** A worker that remembers which runs it was asked to carry. */
  function carrying(queue: Queue, concurrency = 10): number[] {
    const carried: number[] = []
    queue.work({ concurrency, carry: async (run) => void carried.push(run) })
    return carried
  }

  test.skipIf(unavailable)('reach a worker, and the same run can be woken again and again', async () => {
    const queue = await opened()
    const carried = carrying(queue)
    expect(queue.backend).toBe(backend)
    for (let round = 1; round <= 3; round++) {
      await queue.wake(7)
      await waitFor('the wake arrives', () => carried.length === round)
    }
    expect(carried).toEqual([7, 7, 7])
  })

  test.skipIf(unavailable)('for later come later, and none before its time', async () => {
    const queue = await opened()
    const arrived = new Map<number, number>()
    queue.work({ concurrency: 10, carry: async (run) => void arrived.set(run, Date.now()) })
    const due = new Map([1, 2, 3].map((run) => [run, Date.now() + run * 200]))
    for (const [run, at] of due) await queue.wake(run, new Date(at))
    await waitFor('all wakes arrive', () => arrived.size === 3)
    for (const [run, at] of due) expect(arrived.get(run)).toBeGreaterThanOrEqual(at)
  })

  test.skipIf(unavailable)('for a time that has passed come at once', async () => {
    const queue = await opened()
    const carried = carrying(queue)
    await queue.wake(5, new Date(0))
    await waitFor('the wake arrives', () => carried.length === 1)
  })

  test.skipIf(unavailable)('that were not worked on wait for the next process', async () => {
    const first = await openQueue({
      databaseUrl: database.url,
      redisUrl: backend === 'redis' ? redis.url : null,
      log: silentLog,
    })
    await first.wake(11)
    await first.close()
    const carried = carrying(await opened())
    await waitFor('the wake arrives', () => carried.includes(11))
  })

  test.skipIf(unavailable)('are carried side by side, and close waits for what is being carried', async () => {
    const queue = await openQueue({
      databaseUrl: database.url,
      redisUrl: backend === 'redis' ? redis.url : null,
      log: silentLog,
    })
    const begun: number[] = []
    const ended: number[] = []
    let letGo = () => {}
    const held = new Promise<void>((done) => {
      letGo = done
    })
    queue.work({
      concurrency: 5,
      carry: async (run) => {
        begun.push(run)
        await held
        ended.push(run)
      },
    })
    for (const run of [1, 2, 3, 4, 5]) await queue.wake(run)
    await waitFor('five runs are carried at once', () => begun.length === 5)
    expect(ended).toEqual([])
    const closed = queue.close()
    letGo()
    await closed
    expect(ended).toHaveLength(5)
  })
})

test.skipIf(!hasRedis)('a wake while Redis is gone fails nothing, and wakes flow again when it is back', async () => {
  const own = await startRedis()
  onTestFinished(() => own.stop())
  const queue = await openQueue({ databaseUrl: database.url, redisUrl: own.url, log: silentLog })
  onTestFinished(() => queue.close())
  const carried: number[] = []
  queue.work({ concurrency: 1, carry: async (run) => void carried.push(run) })
  await own.kill()
  await queue.wake(1)
  await own.restart()
  await waitFor('a wake arrives', async () => {
    await queue.wake(2)
    return carried.includes(2)
  })
})

test('a queue that cannot be reached says so, without the password in its address', async () => {
  const opening = openQueue({ databaseUrl: 'postgres://shipmate:hunter2@127.0.0.1:1/none', log: silentLog })
  await expect(opening).rejects.toMatchObject({ code: 'queue-unreachable', transient: true })
  const error = await opening.catch((thrown: Error) => thrown)
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hunter2')
})
