import { randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '../clock.js'
import type { Log } from '../log.js'
import type { Wakes } from '../runs/ports.js'
import type { RunId } from '../runs/run.js'
import { type Delivery, postgresDelivery, redisDelivery } from './delivery.js'

export type Queue = Wakes & {
  backend: 'redis' | 'postgres'
  /** Hands each wake that is due to `carry`, so many at a time; until `close`. */
  work(worker: { carry(run: RunId): Promise<void>; concurrency: number }): void
  /** Takes no more wakes and waits for what is being carried. */
  close(): Promise<void>
}

export type QueueOptions = {
  /** Redis or Valkey; without it the queue lives in PostgreSQL. */
  redisUrl?: string | null
  databaseUrl: string
  log: Log
  clock?: Clock
}

/** Opens the alarm clock: the one place that chooses where wakes are kept. Throws ShipmateError `queue-unreachable`. */
export async function openQueue({ redisUrl, databaseUrl, log, clock = systemClock }: QueueOptions): Promise<Queue> {
  const delivery = redisUrl ? await redisDelivery(redisUrl, log) : await postgresDelivery(databaseUrl, log)
  return {
    backend: redisUrl ? 'redis' : 'postgres',
    wake: (run, at) => wake(delivery, log, run, at ? Math.max(0, at.getTime() - clock.now().getTime()) : 0),
    work: ({ carry, concurrency }) => delivery.work((job) => carried(carry, job), concurrency),
    close: delivery.close,
  }
}

type WakeJob = { run: RunId }

/** A wake is a hint that the sweep makes up for, so a queue that is away must not fail the act that called it. */
async function wake(delivery: Delivery, log: Log, run: RunId, delay: number): Promise<void> {
  try {
    await delivery.add({ run }, { jobId: wakeId(run), delay })
  } catch (thrown) {
    log.warn({ run, err: thrown }, 'a wake could not be queued; the sweep finds the run')
  }
}

/** Never the same twice: BullMQ silently ignores a job whose id still exists, and refuses ':' and bare numbers. */
const wakeId = (run: RunId) => `${run}-w${randomUUID().slice(0, 8)}`

async function carried(carry: (run: RunId) => Promise<void>, job: unknown): Promise<void> {
  const run = (job as Partial<WakeJob> | null)?.run
  if (typeof run === 'number') await carry(run)
}
