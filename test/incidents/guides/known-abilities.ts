import { z } from 'zod'
import type { GuideWorld } from '../../../src/incidents/guides/check-guide.js'

/**
 * The names that guides may use, with the shape of their inputs. A table: the real abilities need databases and hosts to be made.
 */
const place = { service: z.string(), environment: z.string() }
const span = z.union([z.number(), z.string().regex(/^\d+(ms|s|m|h|d)$/)])
const amount = z.number().nonnegative()
const takes = (input: z.ZodRawShape = {}) => z.strictObject({ ...place, ...input })
const pid = z.number().int().positive()

const checks: { [name: string]: z.ZodType } = {
  'http.probe': takes({ maxMs: amount.optional() }),
  'tls.certificate': takes({ minDays: amount.optional() }),
  'dns.resolves': takes(),
  'metrics.errors': takes({ max: amount.optional() }),
  'metrics.latency': takes({ maxMs: amount.optional() }),
  'metrics.traffic': takes({ maxFactor: amount.optional() }),
  'metrics.query': takes({ query: z.string(), above: amount.optional(), below: amount.optional() }),
  'postgres.reachable': takes(),
  'postgres.locks': takes({ olderThan: span.optional() }),
  'postgres.slow-queries': takes({ longerThan: span.optional() }),
  'postgres.connections': takes({ maxShare: amount.optional() }),
  'postgres.idle-in-transaction': takes({ longerThan: span.optional() }),
  'postgres.replica-lag': takes({ maxSeconds: amount.optional() }),
  'postgres.space': takes({ maxShare: amount.optional() }),
  'redis.reachable': takes(),
  'redis.memory': takes({ maxShare: amount.optional() }),
  'redis.evictions': takes(),
  'queue.backlog': takes({ queue: z.string().optional(), max: amount.optional(), olderThan: span.optional() }),
  'host.disk': takes({ maxShare: amount.optional() }),
  'host.memory': takes({ maxShare: amount.optional() }),
  'host.load': takes(),
  'logs.errors': takes({ within: span.optional() }),
  'external.status': takes({ vendor: z.string() }),
  'alerts.quiet': takes(),
  'secrets.accepted': takes({ name: z.string() }),
}
const actions: { [name: string]: z.ZodType } = {
  'postgres.cancel': takes({ pid }),
  'postgres.terminate': takes({ pid }),
  'postgres.terminate-idle': takes({ olderThan: span.optional() }),
  'postgres.restart': takes(),
  'redis.restart': takes(),
  'redis.evict': takes({ pattern: z.string() }),
  'queue.retry-failed': takes({ queue: z.string().optional() }),
  'queue.resume': takes({ queue: z.string().optional() }),
  'service.restart': takes(),
  'host.clean': takes(),
  'tls.reload': takes(),
  'operator.command': takes({ name: z.string() }),
  'edge.shield': takes(),
}
const jobs: { [name: string]: z.ZodType } = {
  deploy: z.strictObject({ version: z.string().optional() }),
  rollback: z.strictObject({ version: z.string().optional() }),
  scale: z.strictObject({ instances: z.number().int().min(1) }),
}

const found = (table: { [name: string]: z.ZodType }) => (name: string) => {
  const input = table[name]
  return input ? { input } : undefined
}

export const knownAbilities: GuideWorld = {
  check: found(checks),
  action: found(actions),
  job: found(jobs),
  names: () => [...Object.keys(checks), ...Object.keys(actions), ...Object.keys(jobs)].sort(),
}
