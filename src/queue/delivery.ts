import { createPostgresBackend, type Job, Queue, runMigrations, Worker } from 'bullmq'
import pg from 'pg'
import { failed, type ShipmateError } from '../errors.js'
import type { Log } from '../log.js'

/** What is the same on both backends of BullMQ. */
export type Delivery = {
  add(data: object, options: { jobId: string; delay: number }): Promise<void>
  work(take: (data: unknown) => Promise<void>, concurrency: number): void
  close(): Promise<void>
}

const queueName = 'shipmate-runs'
/** Its own namespace in either place, so that other users of the same server are not met. */
const redisPrefix = 'shipmate'
const postgresSchema = 'shipmate_queue'
const openWithinMs = 10_000

export async function redisDelivery(url: string, log: Log): Promise<Delivery> {
  const queue = new Queue(queueName, {
    prefix: redisPrefix,
    // While Redis is away a wake fails at once instead of waiting in memory.
    connection: { url, enableOfflineQueue: false, maxRetriesPerRequest: 1, connectTimeout: 5_000 },
  })
  const process = (take: Take, concurrency: number) =>
    new Worker(queueName, take, { prefix: redisPrefix, connection: { url, maxRetriesPerRequest: null }, concurrency })
  return opened(queue, process, log)
}

export async function postgresDelivery(url: string, log: Log): Promise<Delivery> {
  await migrateQueue(url, log)
  const connection = (name: string, max: number) => ({
    connectionString: url,
    schema: postgresSchema,
    application_name: `shipmate queue ${name}`,
    max,
    keepAlive: true,
  })
  const queue = new Queue(queueName, { connection: connection('wakes', 3) }, createPostgresBackend)
  const process = (take: Take, concurrency: number) =>
    new Worker(queueName, take, { connection: connection('worker', 5), concurrency }, createPostgresBackend)
  return opened(queue, process, log)
}

async function migrateQueue(url: string, log: Log): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'shipmate queue migrations' })
  client.on('error', (error) => log.warn({ err: error }, 'the connection that migrates the queue broke'))
  try {
    await client.connect()
    await runMigrations(client, postgresSchema)
  } catch (thrown) {
    throw unreachable(thrown)
  } finally {
    await client.end().catch(() => {})
  }
}

type Take = (job: Job) => Promise<void>
type OpenQueue = Pick<Queue, 'add' | 'close' | 'waitUntilReady'> & { on(event: 'error', listener: Listener): unknown }
type OpenWorker = { close(): Promise<void>; on(event: 'error' | 'failed', listener: Listener): unknown }
type Listener = (...args: never[]) => void

async function opened(queue: OpenQueue, process: (take: Take, n: number) => OpenWorker, log: Log): Promise<Delivery> {
  const workers: OpenWorker[] = []
  // Without a listener an error of the connection would end the process.
  queue.on('error', (error: Error) => log.warn({ err: error }, 'the queue’s connection broke; it reconnects'))
  await ready(queue)
  return {
    add: async (data, options) => {
      await queue.add('wake', data, { ...options, removeOnComplete: true, removeOnFail: true })
    },
    work: (take, concurrency) => {
      const worker = process((job) => take(job.data), concurrency)
      worker.on('error', (error: Error) =>
        log.warn({ err: error }, 'the queue’s worker lost its connection; it reconnects'),
      )
      worker.on('failed', (_job: unknown, error: Error) => log.error({ err: error }, 'a wake broke off'))
      workers.push(worker)
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()))
      await queue.close()
    },
  }
}

async function ready(queue: OpenQueue): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`no answer within ${openWithinMs / 1000} s`)), openWithinMs)
  })
  try {
    await Promise.race([queue.waitUntilReady(), tooLong])
  } catch (thrown) {
    void queue.close().catch(() => {})
    throw unreachable(thrown)
  } finally {
    clearTimeout(timer)
  }
}

function unreachable(thrown: unknown): ShipmateError {
  return failed('queue-unreachable', 'the queue cannot be opened', {
    came: thrown instanceof Error && thrown.message ? thrown.message : 'no connection',
    next: 'Look whether REDIS_URL (or DATABASE_URL, when it is not set) is right and the server runs.',
    transient: true,
    cause: thrown,
  })
}
