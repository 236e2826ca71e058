import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Clock } from '../clock.js'
import { refused } from '../errors.js'
import type { Log } from '../log.js'
import type { Directory } from '../releases/people.js'
import type { Tokens } from '../releases/tokens.js'
import type { RunFilter, Signals } from '../runs/ports.js'
import type { RunId, RunRecord, RunView } from '../runs/run.js'
import { type AuditTrail, auditRoutes } from './audit-routes.js'
import { type Caller, callerOf } from './caller.js'
import { type Health, healthRoutes } from './health.js'
import { requireKnownHost } from './known-host.js'
import { type MetricParts, metricRoutes } from './metrics.js'
import { sendError } from './refusals.js'
import { runRoutes } from './run-routes.js'
import { type SpokenDesk, spokenRoutes } from './spoken-routes.js'

export type HttpParts = {
  desk: SpokenDesk
  runs: { view(run: RunId): Promise<RunView | null>; list(filter: RunFilter): Promise<RunRecord[]> }
  tokens: Tokens
  /** Who holders of tokens are now: who left the workspace opens nothing. */
  people: Pick<Directory, 'standing'>
  audit: AuditTrail
  deadMan: MetricParts['deadMan']
  signals: Signals
  health(): Promise<Health>
  /** 0 takes a free one. */
  port: number
  /** Loopback unless the operator says otherwise. */
  address?: string
  /** Further names it may be called by, besides this machine's own. */
  hosts?: string[]
  clock: Clock
  log: Log
}

export type HttpFace = {
  /** Starts to listen; the base URL, without a slash at the end. */
  listen(): Promise<{ url: string; port: number }>
  /** Ends the streams of those who watch, then all else. */
  close(): Promise<void>
}

const bodyLimit = 16 * 1024

/** The face for programs: health, metrics, and the commands of the terminal, under the same rules as in Slack. */
export function createHttpFace(parts: HttpParts): HttpFace {
  const stop = new AbortController()
  const app = Fastify({ bodyLimit, forceCloseConnections: 'idle', return503OnClosing: false })
  guard(app, parts)
  healthRoutes(app, parts.health)
  metricRoutes(app, parts)
  const { clock, log, signals } = parts
  app.register(async (api) => {
    const callerOfRequest = identify(api, parts)
    spokenRoutes(api, parts.desk, callerOfRequest)
    auditRoutes(api, parts.audit)
    runRoutes(api, { view: parts.runs.view, signals, clock, log }, stop.signal)
  })
  return {
    async listen() {
      const url = await app.listen({ port: parts.port, host: parts.address ?? '127.0.0.1' })
      return { url, port: Number(new URL(url).port) }
    },
    async close() {
      stop.abort()
      await app.close()
    },
  }
}

function guard(app: FastifyInstance, parts: HttpParts): void {
  app.addHook('onRequest', async (request) => requireKnownHost(request.headers.host, parts.hosts ?? []))
  app.setErrorHandler((error, request, reply) => {
    const answered = sendError(reply, error)
    const level = reply.statusCode >= 500 ? 'error' : 'info'
    parts.log[level](
      { method: request.method, route: request.routeOptions.url, error },
      'a request was not answered as asked',
    )
    return answered
  })
  app.setNotFoundHandler((request, reply) =>
    sendError(
      reply,
      refused('no-such-page', `There is nothing at ${request.method} ${request.url.slice(0, 100)}.`, {
        next: 'docs/operations/http.md lists what there is.',
      }),
    ),
  )
}

/** Everything below needs a personal token; who holds it is looked up once a request. */
function identify(api: FastifyInstance, parts: HttpParts): (request: FastifyRequest) => Caller {
  const callers = new WeakMap<FastifyRequest, Caller>()
  api.addHook('onRequest', async (request) => {
    callers.set(request, await callerOf(request, parts, parts.clock.now()))
  })
  return (request) => {
    const caller = callers.get(request)
    if (!caller) throw new Error('a route was reached without looking at the token')
    return caller
  }
}
