import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { RunFilter } from '../runs/ports.js'
import type { RunRecord } from '../runs/run.js'
import { type Health, isReady } from './health.js'

export type MetricParts = {
  health(): Promise<Health>
  runs: { list(filter: RunFilter): Promise<RunRecord[]> }
  /** Calls of the dead-man address by this process; null when the operator's file names none. */
  deadMan: { counts(): { sent: number; failed: number; withheld: number } } | null
}

/** `/metrics` in Prometheus' text format: the process, requests by route and status, live runs by state, readiness. */
export function metricRoutes(app: FastifyInstance, parts: MetricParts): void {
  const registers = [new Registry()]
  const [registry] = registers as [Registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: 'shipmate_http_requests_total',
    help: 'Requests answered, by route and status.',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const live = new Gauge({
    name: 'shipmate_live_runs',
    help: 'Runs that have not ended, by state.',
    labelNames: ['state'],
    registers,
  })
  const ready = new Gauge({ name: 'shipmate_ready', help: '1 when runs can be carried.', registers })
  const calls = new Gauge({
    name: 'shipmate_dead_man_calls',
    help: 'Calls of the dead-man address by this process: sent, failed, or withheld because Shipmate could not work.',
    labelNames: ['outcome'],
    registers,
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    requests.inc({ method: request.method, route, status: String(reply.statusCode) })
  })
  app.get('/metrics', async (_request, reply) => {
    ready.set(isReady(await parts.health()) ? 1 : 0)
    for (const [outcome, count] of Object.entries(parts.deadMan?.counts() ?? {})) calls.set({ outcome }, count)
    live.reset()
    // Without the database the rest is still worth reading.
    const runs = await parts.runs.list({ live: true, limit: 1000 }).catch(() => [])
    for (const run of runs) live.inc({ state: run.state })
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}
