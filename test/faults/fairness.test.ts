import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../src/log.js'
import { openQueue, type Queue } from '../../src/queue/queue.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { order, person } from '../store/orders.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { startLineWorker, type Task } from '../support/lines/short-plan.js'
import { atFullSize, requirePart } from '../support/parts.js'
import { startRedis, type TestRedis } from '../support/redis.js'
import type { StormProcess } from '../support/storm-programs.js'
import { waitFor } from '../support/wait-for.js'
import { type Event, type History, handOvers, keepHistory, lineViolations } from './fairness/history.js'

const size = atFullSize('fairness')
  ? { requests: 1_000, environments: 50, workers: 10, killEvery: 1_200, limit: 580_000 }
  : { requests: 100, environments: 10, workers: 3, killEvery: 700, limit: 110_000 }

const hasRedis = requirePart('redis')
let redis: TestRedis
let redisClient: Redis
beforeAll(async () => {
  if (!hasRedis) return
  redis = await startRedis()
  redisClient = new Redis(redis.url)
})
afterAll(async () => {
  redisClient?.disconnect()
  await redis?.stop()
})

/** So many ask at the same moment, so that lines grow. */
const atOnce = 10

type Lines = {
  database: TestDatabase
  store: Store
  queue: Queue
  history: Awaited<ReturnType<typeof keepHistory>>
  task: Task
}

async function lines(redisUrl: string | null): Promise<Lines> {
  const database = await freshDatabase()
  const store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  const queue = await openQueue({ databaseUrl: database.url, redisUrl, log: silentLog })
  const history = await keepHistory(database.url)
  onTestFinished(async () => {
    await queue.close()
    await store.close()
    await history.close()
    await database.drop()
  })
  return { database, store, queue, history, task: { databaseUrl: database.url, redisUrl, sweepEvery: 250 } }
}

/** One in ten needs two places, one in twenty may overtake, one in thirty leaves the line again. */
async function ask({ store, queue }: Lines, at: number): Promise<void> {
  const place = () => `shop/env-${Math.floor(Math.random() * size.environments)}`
  const resources = [...new Set(at % 10 === 3 ? [place(), place()] : [place()])]
  const { run } = await store.desk.submit(order({ resources, priority: at % 20 === 7 ? 1 : 0 }))
  if (at % 30 === 11) await store.desk.requestStop(run.id, person('U1'), 'left the line', new Date())
  await queue.wake(run.id)
}

/** Kills one worker after the other, each in the middle of what it does; others are started and take their places. */
async function killing(workers: StormProcess[], task: Task, stop: AbortSignal): Promise<number> {
  const starting: Promise<unknown>[] = []
  let kills = 0
  while (!stop.aborted) {
    await pause(size.killEvery * (0.5 + Math.random()), undefined, { signal: stop }).catch(() => {})
    // Starting takes longer than the pause between two kills, and somebody has to be left.
    if (stop.aborted || workers.length < 2) continue
    const [victim] = workers.splice(Math.floor(Math.random() * workers.length), 1)
    await victim?.kill()
    kills += 1
    starting.push(startLineWorker(task).then((worker) => workers.push(worker)))
  }
  await Promise.all(starting)
  return kills
}

async function openRuns({ history }: Lines): Promise<number> {
  const { rows } = await history.client.query('select count(*)::int as open from shipmate.runs where ended_at is null')
  return rows[0].open
}

function report(backend: string, kills: number, { events, runs }: History): void {
  const delays = handOvers({ events, runs }).sort((a, b) => a - b)
  const at = (share: number) => Math.round(delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? 0)
  const seconds = Math.round(((events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0)) / 100) / 10
  process.stderr.write(
    `\nfairness on ${backend}: ${runs.length} requests in ${seconds} s, ${kills} kills, ` +
      `${delays.length} hand-overs: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms\n`,
  )
}

describe.each(['postgres', 'redis'] as const)('lines over worker processes that are killed, on %s', (backend) => {
  test.skipIf(backend === 'redis' && !hasRedis)(
    'never overlap, keep their order and let everybody through, also when the queue is emptied meanwhile',
    async () => {
      const world = await lines(backend === 'redis' ? redis.url : null)
      const workers = await Promise.all(Array.from({ length: size.workers }, () => startLineWorker(world.task)))
      const stop = new AbortController()
      const kills = killing(workers, world.task, stop.signal)
      onTestFinished(async () => {
        stop.abort()
        await kills
        await Promise.all(workers.map((worker) => worker.kill()))
      })
      for (let at = 0; at < size.requests; at += atOnce) {
        await Promise.all(Array.from({ length: atOnce }, (_, more) => ask(world, at + more)))
        if (at === size.requests / 2) await emptied(world, backend)
      }
      await waitFor('everybody had a turn', async () => (await openRuns(world)) === 0, size.limit)
      stop.abort()
      const history = await world.history.read()
      report(backend, await kills, history)
      expect(lineViolations(history)).toEqual([])
      expect(history.runs).toHaveLength(size.requests)
      expect((await world.store.audit.verify()).broken).toEqual([])
    },
    size.limit + 10_000,
  )
})

async function emptied({ history }: Lines, backend: 'postgres' | 'redis'): Promise<void> {
  if (backend === 'redis') await redisClient.flushall()
  else await history.client.query('delete from shipmate_queue.job')
}

test('the checker sees an overlap, an overtaking, an act without a lock, and somebody who never had a turn', () => {
  const runs = [1, 2].map((run) => ({ run, resources: ['a'], priority: 0 }))
  const event = (what: Event['what'], run: number): Event => ({
    what,
    run,
    resource: what === 'locked' || what === 'freed' ? 'a' : null,
    at: 0,
  })
  const turn = (run: number) => [event('locked', run), event('began', run), event('freed', run), event('ended', run)]
  const asked = [event('asked', 1), event('asked', 2)]
  const check = (events: Event[]) => lineViolations({ events, runs })
  expect(check([...asked, ...turn(1), ...turn(2)])).toEqual([])
  expect(check([...asked, ...turn(2), ...turn(1)])).toEqual(['#2 took a before #1'])
  expect(check([...asked, event('locked', 1), event('ended', 1), event('locked', 2), event('ended', 2)])).toEqual([
    '#2 took a while #1 held it',
  ])
  expect(check([...asked, event('began', 1), ...turn(1).slice(2), ...turn(2)])).toEqual(['#1 acted without a'])
  expect(check([...asked, ...turn(1)])).toEqual(['#2 never ended'])
})

test('the checker sees what is planted in real rows', async () => {
  const world = await lines(null)
  const { store, history } = world
  const first = (await store.desk.submit(order({ resources: ['shop/one'] }))).run.id
  const second = (await store.desk.submit(order({ resources: ['shop/one'] }))).run.id
  const plant = (run: number) =>
    history.client.query(`insert into shipmate.locks (resource, run, held_by, reason, since)
      values ('shop/one', ${run}, '{}', 'planted', now())`)
  await plant(second)
  expect(lineViolations(await history.read())).toContain(`#${second} took shop/one before #${first}`)
  await history.client.query('alter table shipmate.locks drop constraint locks_pkey')
  await plant(first)
  expect(lineViolations(await history.read())).toContain(`#${first} took shop/one while #${second} held it`)
})
