import type { z } from 'zod'
import { type Action, defineAction } from '../../runs/abilities.js'
import type { WatchedParts } from '../watched/parts.js'
import { counted } from '../watched/words.js'
import { onQueues, queueInput, queuesToChange } from './queues.js'

type Input = z.infer<typeof queueInput>

/** Puts failed jobs back in line; one that was put back has left those that failed, so twice is once. */
export const retryFailedAction = (parts: WatchedParts): Action =>
  defineAction<Input>({
    name: 'queue.retry-failed',
    input: queueInput,
    fence: 'none',
    async run(given, { signal }) {
      const place = queuesToChange(parts, given)
      const found = await onQueues(parts, place, place.reference, signal, async (queue) => {
        const failed = await queue.getFailedCount()
        await queue.retryJobs({ state: 'failed', count: 1_000 })
        return failed
      })
      const retried = found.reduce((sum, count) => sum + count, 0)
      const summary = `put ${counted(retried, 'failed job')} back in line in ${place.names.join(', ')}`
      return { evidence: { summary, value: retried }, output: { retried } }
    },
  })

/** Ends a pause; a queue that runs is left as it is. */
export const resumeAction = (parts: WatchedParts): Action =>
  defineAction<Input>({
    name: 'queue.resume',
    input: queueInput,
    fence: 'none',
    async run(given, { signal }) {
      const place = queuesToChange(parts, given)
      const found = await onQueues(parts, place, place.reference, signal, async (queue) => {
        const paused = await queue.isPaused()
        if (paused) await queue.resume()
        return { name: queue.name, paused }
      })
      const resumed = found.filter(({ paused }) => paused).map(({ name }) => name)
      const summary = resumed.length > 0 ? `resumed ${resumed.join(', ')}` : 'no queue was paused: nothing was done'
      return { evidence: { summary }, output: { resumed: resumed.length } }
    },
  })
