import type { WatchedParts, Watching } from '../watched/parts.js'
import { backlogCheck } from './backlog.js'
import { evictAction } from './evict.js'
import { evictionsCheck, memoryCheck } from './memory.js'
import { resumeAction, retryFailedAction } from './queue-actions.js'
import { reachableCheck } from './reachable.js'

/** Looks into caches and BullMQ queues of services, and changes them where the operator's file gives the right. */
export const createRedis = (parts: WatchedParts): Watching => ({
  checks: [reachableCheck(parts), memoryCheck(parts), evictionsCheck(parts), backlogCheck(parts)],
  actions: [evictAction(parts), retryFailedAction(parts), resumeAction(parts)],
})
