import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Json } from '../../json.js'
import type { Inlet } from '../inlet.js'
import { type Arrival, arrivalOf, type Payload, parsedForm, parsedObject, type Retry } from './arrival.js'
import { createFrontDoor, type FrontDoorParts } from './door.js'
import { readBody } from './request-body.js'
import { createSeldom } from './seldom.js'
import { createSignatures, type SigningSecret } from './signature.js'
import type { Verdict } from './verdict.js'

export type HttpInletParts = FrontDoorParts & {
  secrets: SigningSecret[]
  /** 0: any free one; null: the listener is mounted on another server, which needs the `slowClients` settings. */
  port: number | null
}

/** `port` is where it listens, once it does. */
export type HttpInlet = Inlet & { listener: RequestListener; port(): number | null }

export const slackPath = '/slack/events'

/** Clients that send slowly, or nothing, are cut off; Slack sends a request in one go. */
export const slowClients = {
  headersTimeout: 5_000,
  requestTimeout: 8_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 30_000,
}

/** Signed delivery over HTTP: verified, committed, acknowledged, then handed to Bolt. */
export function createHttpInlet(parts: HttpInletParts): HttpInlet {
  const door = createFrontDoor(parts)
  const { log } = parts
  const answer = createAnswering(parts, door.admit)
  let closing = false
  const listener: RequestListener = (request, response) => {
    // On a connection that is still open: Slack sends it again, and the balancer looks for another front.
    if (closing) return sendAndClose(response, 503)
    answer(request, response).catch((thrown) => {
      log.error({ err: thrown }, 'a request of Slack broke')
      if (!response.headersSent) send(response, 500)
    })
  }
  const server = parts.port === null ? null : createServer(slowClients, listener)
  const port = () => {
    const address = server?.address()
    return typeof address === 'object' && address ? address.port : null
  }

  async function start(): Promise<void> {
    if (server) await listenAt(server, parts.port ?? 0)
    log.info({ port: port() }, `Slack may send to ${slackPath}`)
    door.start()
  }

  async function stop(): Promise<void> {
    closing = true
    if (server?.listening) await new Promise<void>((resolve) => closeGently(server, resolve))
    await door.stop()
  }

  return { receiver: { init: door.init, start, stop }, listener, start, stop, problem: () => null, port }
}

function listenAt(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, resolve)
  })
}

/** Requests under way are answered; connections that only wait are not waited for. */
function closeGently(server: Server, closed: () => void): void {
  const ending = setInterval(() => server.closeIdleConnections(), 20)
  server.close(() => {
    clearInterval(ending)
    closed()
  })
  server.closeIdleConnections()
}

type Admit = (arrival: Arrival) => Promise<Verdict>

function createAnswering({ secrets, clock, log }: HttpInletParts, admit: Admit) {
  const signatures = createSignatures(secrets)
  const wronglySigned = createSeldom((times) =>
    log.warn({ times }, 'a request with a wrong signature was refused; is SLACK_SIGNING_SECRET that of this app?'),
  )

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url !== slackPath && !request.url?.startsWith(`${slackPath}?`)) return send(response, 404)
    if (request.method !== 'POST') return send(response, 405)
    const receivedAt = clock.now()
    const claim = signatures.claimed(request.headers, receivedAt)
    if (!claim) return refuseUnsigned(request, response)
    const body = await readBody(request)
    if (body === 'cut off') return
    if (body === 'too large') return sendAndClose(response, 413)
    if (!signatures.signed(body, claim, receivedAt)) {
      wronglySigned()
      return sendAndClose(response, 401)
    }
    const arrival = read(request, body.toString(), receivedAt, () => claim.signature.toString('base64url'))
    if (!arrival) return send(response, 400)
    const { type, challenge, ssl_check } = arrival.payload
    if (ssl_check === '1') return send(response, 200)
    if (type === 'url_verification') return send(response, 200, String(challenge))
    if (type === 'app_rate_limited') {
      log.warn({}, 'Slack holds back events: there were more than it delivers in an hour')
      return send(response, 200)
    }
    const verdict = await admit(arrival)
    if (verdict.accepted) send(response, 200, verdict.says)
    else send(response, 503)
  }
}

/** Slack's certificate check comes without a signature: it is told yes, and nothing else happens. */
async function refuseUnsigned(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const small = Number(request.headers['content-length'] ?? Number.NaN) <= 1_024
  const body = small && mediaType(request) === form ? await readBody(request, 1_024) : null
  if (Buffer.isBuffer(body) && parsedForm(body.toString()).ssl_check === '1') return send(response, 200)
  sendAndClose(response, 401)
}

const form = 'application/x-www-form-urlencoded'

const mediaType = (request: IncomingMessage) => request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()

/** Null when it is not in a form that Slack sends. `fallback` names what Slack gives no name to. */
function read(request: IncomingMessage, text: string, receivedAt: Date, fallback: () => string): Arrival | null {
  const type = mediaType(request)
  // PostgreSQL takes no NUL in a text, and nothing of Slack's holds one unescaped.
  if (text.includes('\0') || (type !== form && type !== 'application/json')) return null
  const came = { receivedAt, retry: retryOf(request), fallback }
  try {
    if (type !== form) return arrivalOf(parsedObject(text), { ...came, format: 'json', body: text })
    const fields = parsedForm(text)
    if (typeof fields.payload !== 'string') return arrivalOf(fields, { ...came, format: 'form', body: text })
    if (fields.payload.includes('\0')) return null
    return arrivalOf(parsedObject(fields.payload), { ...came, format: 'json', body: fields.payload })
  } catch {
    return null
  }
}

function retryOf({ headers }: IncomingMessage): Retry {
  const { 'x-slack-retry-num': num, 'x-slack-retry-reason': reason } = headers
  return { ...(num ? { num: Number(num) } : {}), ...(typeof reason === 'string' ? { reason } : {}) }
}

function send(response: ServerResponse, status: number, says: Payload | Json | null = null): void {
  if (says === null || says === '') {
    response.writeHead(status, { 'content-length': '0' }).end()
    return
  }
  const text = typeof says === 'string' ? says : JSON.stringify(says)
  const type = typeof says === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text)
}

/** For whoever is not Slack: the rest of what it sends is not read. */
function sendAndClose(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': '0', connection: 'close' }).end()
}
