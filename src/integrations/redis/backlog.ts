import type { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { z } from 'zod'
import { type Check, type CheckResult, defineCheck } from '../../runs/abilities.js'
import { amount, span } from '../watched/inputs.js'
import { notSetUp, type WatchedParts } from '../watched/parts.js'
import { counted, cut, figure, secondsShown } from '../watched/words.js'
import { looking } from './connection.js'
import { onQueues, queueInput, queuesAt } from './queues.js'

const input = queueInput.extend({ max: amount.optional(), olderThan: span.optional() })

/** Are jobs worked off? Too many that wait, one that waits too long, a pause, jobs whose worker is gone, jobs that failed. */
export const backlogCheck = (parts: WatchedParts): Check =>
  defineCheck<z.infer<typeof input>>({
    name: 'queue.backlog',
    input,
    async run(given, { signal, clock }) {
      const place = queuesAt(parts, given)
      if (place === null) return notSetUp(given, 'queue')
      const now = clock.now()
      const found = await looking(parts, place.cache, signal, (redis) =>
        onQueues(parts, place, place.cache.url, signal, (queue) =>
          stateOf(queue, redis, `${place.settings.prefix}:${queue.name}`, now),
        ),
      )
      const { maxWaiting, olderThan } = place.settings
      return backlogVerdict(found, { max: given.max ?? maxWaiting, olderThan: given.olderThan ?? olderThan })
    },
  })

export type QueueState = {
  name: string
  waiting: number
  active: number
  failed: number
  paused: boolean
  /** Milliseconds; 0 when nothing waits. */
  oldest: number
  /** Active jobs that no living worker holds. */
  stalled: number
  workers: number
  lastFailure: string | null
}

async function stateOf(queue: Queue, redis: Redis, keys: string, now: Date): Promise<QueueState> {
  const counts = await queue.getJobCounts('wait', 'prioritized', 'active', 'failed')
  // Older versions keep the jobs of a paused queue in a list of their own.
  const waiting = (counts.wait ?? 0) + (counts.prioritized ?? 0) + (await redis.llen(`${keys}:paused`))
  // Waiting jobs are pushed at the head and taken from the tail: ascending is oldest first.
  const [first] = waiting > 0 ? await queue.getJobs(['wait', 'prioritized'], 0, 0, true) : []
  const [failure] = (counts.failed ?? 0) > 0 ? await queue.getFailed(0, 0) : []
  return {
    name: queue.name,
    waiting,
    active: counts.active ?? 0,
    failed: counts.failed ?? 0,
    paused: await queue.isPaused(),
    oldest: first ? Math.max(0, now.getTime() - first.timestamp - (first.delay ?? 0)) : 0,
    stalled: await stalledIn(queue, redis, keys, counts.active ?? 0),
    workers: await queue.getWorkersCount(),
    lastFailure: failure?.failedReason ? cut(failure.failedReason) : null,
  }
}

const mostLooked = 100

/** A worker holds a lock on what it works on and renews it; without one nobody works on it. */
async function stalledIn(queue: Queue, redis: Redis, keys: string, active: number): Promise<number> {
  if (active === 0) return 0
  const jobs = await queue.getActive(0, mostLooked - 1)
  const locks = await Promise.all(jobs.map(({ id }) => redis.exists(`${keys}:${id}:lock`)))
  return locks.filter((held) => held === 0).length
}

export function backlogVerdict(queues: QueueState[], limits: { max: number; olderThan: number }): CheckResult {
  const judged = queues.map((queue) => ({ queue, ...troubleOf(queue, limits) }))
  const bad = judged.filter(({ fails }) => fails.length > 0)
  const odd = judged.filter(({ warns }) => warns.length > 0)
  const sum = (of: (queue: QueueState) => number) => queues.reduce((total, queue) => total + of(queue), 0)
  const waiting = sum(({ waiting }) => waiting)
  const figures = { value: waiting, limit: limits.max, details: { queues: queues.map((queue) => ({ ...queue })) } }
  const output = { waiting, failed: sum(({ failed }) => failed), stalled: sum(({ stalled }) => stalled) }
  const named = (list: typeof judged, words: 'fails' | 'warns') =>
    list.map((one) => `${one.queue.name}: ${one[words].join(', ')}`).join('; ')
  if (bad.length > 0)
    return { outcome: 'fail', summary: named(bad, 'fails'), ...figures, next: nextFor(bad[0]?.queue), output }
  if (odd.length > 0)
    return {
      outcome: 'warn',
      summary: named(odd, 'warns'),
      ...figures,
      next: 'Read why, mend it, then retry them.',
      output,
    }
  const summary = `${counted(waiting, 'job')} ${waiting === 1 ? 'waits' : 'wait'} in ${queues.map(({ name }) => name).join(', ')} (limit ${figure(limits.max)})`
  return { outcome: 'pass', summary, ...figures, output }
}

function troubleOf(queue: QueueState, { max, olderThan }: { max: number; olderThan: number }) {
  const fails = [
    queue.paused ? 'paused' : '',
    queue.waiting > max ? `${figure(queue.waiting)} jobs wait (limit ${figure(max)})` : '',
    queue.oldest > olderThan
      ? `a job has waited ${secondsShown(queue.oldest / 1000)} (limit ${secondsShown(olderThan / 1000)})`
      : '',
    queue.stalled > 0
      ? `${counted(queue.stalled, 'job')} stalled, no worker holds ${queue.stalled === 1 ? 'it' : 'them'}`
      : '',
  ]
  const failures =
    queue.failed > 0 ? [`${counted(queue.failed, 'job')} failed, the last with: ${queue.lastFailure}`] : []
  return { fails: fails.filter((text) => text !== ''), warns: failures }
}

function nextFor(queue: QueueState | undefined): string {
  if (queue?.paused) return 'Resume the queue.'
  if (queue?.workers === 0) return 'No worker is connected: start one.'
  return 'Look at the workers’ logs; start more of them when all are busy.'
}
