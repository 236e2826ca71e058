import type { WatchedParts, Watching } from '../watched/parts.js'
import { errorsCheck, latencyCheck, queryCheck, trafficCheck } from './metrics.js'

/** What Prometheus has measured, held against limits. */
export const createPrometheus = (parts: WatchedParts): Watching => ({
  checks: [errorsCheck(parts), latencyCheck(parts), trafficCheck(parts), queryCheck(parts)],
  actions: [],
})
