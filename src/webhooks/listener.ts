import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Clock } from '../clock.js'
import { asShipmateError, type ShipmateError } from '../errors.js'
import type { AlertNotice } from '../incidents/alert.js'
import type { OutsideAct } from '../incidents/alerts/ports.js'
import type { Log } from '../log.js'
import { type LabelledChange, malformed } from './sender.js'
import type { Armed } from './senders.js'

/** What is kept of a request. Resolves when it is committed. */
export type Taken = {
  source: string
  key: string | null
  notices: AlertNotice[]
  changes: LabelledChange[]
  acts: OutsideAct[]
}

export type ListenerParts = {
  senders: Armed[]
  /** Rejects with a transient ShipmateError while nothing can be kept: the sender is told to try again. */
  take(taken: Taken, at: Date): Promise<void>
  /** 0 takes a free one. */
  port: number
  /** Loopback unless the operator says otherwise; it may face outside, the API may not. */
  address?: string
  clock: Clock
  log: Log
}

export type Listener = {
  listen(): Promise<{ url: string; port: number }>
  close(): Promise<void>
  /** What became of requests since the start, by sender. */
  counts(): { [source: string]: Counts }
}
export type Counts = { taken: number; unsigned: number; malformed: number; away: number; busy: number }

const bodyLimit = 1024 * 1024
/** Requests that may be under way at once, and with them the memory that strangers can fill. */
const atOnce = 64

/** Where machines say what is wrong and what changed. Nothing that is not signed is kept, or even read to its end. */
export function createAlertListener(parts: ListenerParts): Listener {
  const counts = new Map<string, Counts>()
  const count = (source: string, what: keyof Counts) => {
    const own = counts.get(source) ?? { taken: 0, unsigned: 0, malformed: 0, away: 0, busy: 0 }
    counts.set(source, { ...own, [what]: own[what] + 1 })
  }
  const app = Fastify({
    bodyLimit,
    connectionTimeout: 10_000,
    requestTimeout: 10_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    http: { headersTimeout: 5_000, connectionsCheckingInterval: 1_000 },
  })
  app.server.maxConnections = 512
  onlyBytes(app)
  const underWay = { requests: 0 }
  for (const armed of parts.senders) route(app, armed, parts, count, underWay)
  app.get('/healthz', async () => ({ ok: true }))
  app.setNotFoundHandler((_, reply) => reply.code(404).send({ error: 'not found' }))
  app.setErrorHandler((thrown, _, reply) => answerError(parts.log, thrown, reply))
  return {
    async listen() {
      const url = await app.listen({ port: parts.port, host: parts.address ?? '127.0.0.1' })
      return { url, port: Number(new URL(url).port) }
    },
    close: () => app.close(),
    counts: () => Object.fromEntries(counts),
  }
}

/** Signatures are of bytes, so nothing may parse them before. */
function onlyBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
}

type Count = (source: string, what: keyof Counts) => void

function route(
  app: FastifyInstance,
  { sender, secrets }: Armed,
  { take, clock, log }: ListenerParts,
  count: Count,
  underWay: { requests: number },
): void {
  const { source } = sender
  const unsigned = seldom((times) =>
    log.warn({ source, times }, 'what came for a sender was not signed by it and was not kept; are its secrets right?'),
  )
  const refuse = (reply: FastifyReply) => {
    count(source, 'unsigned')
    unsigned()
    return reply.code(401).header('connection', 'close').send({ error: 'not signed' })
  }
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    if (!sender.claims(request.headers)) return refuse(reply)
    if (underWay.requests >= atOnce) {
      count(source, 'busy')
      return reply.code(503).header('retry-after', '2').header('connection', 'close').send({ error: 'busy' })
    }
    underWay.requests += 1
    reply.raw.once('close', () => {
      underWay.requests -= 1
    })
  }
  app.post(`/v1${sender.path}`, { onRequest }, async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const incoming = { headers: request.headers, body, at: clock.now() }
    if (!sender.proves(incoming, secrets)) return refuse(reply)
    try {
      const { key, notices, changes, acts } = sender.read(json(body, source), incoming)
      await take({ source, key, notices, changes, acts }, incoming.at)
      count(source, 'taken')
      return await reply.code(200).send({ ok: true, alerts: notices.length, changes: changes.length })
    } catch (thrown) {
      const error = asShipmateError(thrown)
      count(source, error.code === 'webhook-malformed' ? 'malformed' : 'away')
      throw error
    }
  })
}

function json(body: Buffer, source: string): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw malformed(source, 'no JSON')
  }
}

/** What was refused is said; what broke here is not, and the sender tries again. */
function answerError(log: Log, thrown: unknown, reply: FastifyReply) {
  const status = thrown instanceof Error && 'statusCode' in thrown ? Number(thrown.statusCode) : 0
  if (status >= 400 && status < 500) return reply.code(status).header('connection', 'close').send({ error: 'refused' })
  const error: ShipmateError = asShipmateError(thrown)
  const { code, message, came } = error
  if (error.kind === 'refused') return reply.code(400).send({ error: code, message, came: came ?? null })
  log.error({ code, err: error }, 'what a sender said could not be kept; it is told to try again')
  return reply
    .code(error.transient ? 503 : 500)
    .header('retry-after', '5')
    .send({ error: 'try again' })
}

/** Says it at once, and after that at most every ten seconds with how often it happened. */
function seldom(say: (times: number) => void): () => void {
  let times = 0
  let quiet = false
  const tell = (): void => {
    quiet = times > 0
    if (!quiet) return
    say(times)
    times = 0
    setTimeout(tell, 10_000).unref()
  }
  return () => {
    times += 1
    if (!quiet) tell()
  }
}
