import { Agent, request as ask, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

export type Visit = { method: 'GET' | 'POST'; path: string; body?: string; cookie?: string }
export type Answer = { status: number; body: string; cookie: string | null; version: string | null; ms: number }
/** `reset` is an idle connection that the other side had closed when it was used again. */
export type VisitResult = { ok: true; answer: Answer } | { ok: false; why: string; reset: boolean }

const patience = 10_000

const idle = new WeakSet<Socket>()
const inUse = (socket: Socket) => void idle.delete(socket)

/** One request, over the agent's connections or, without one, over a fresh connection. */
export function visit(base: URL, { method, path, body, cookie }: Visit, agent: Agent | null): Promise<VisitResult> {
  const began = performance.now()
  return new Promise((resolve) => {
    const request = ask(new URL(path, base), {
      method,
      agent: agent ?? false,
      timeout: patience,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(cookie === undefined ? {} : { cookie }),
      },
    })
    if (agent) request.on('socket', inUse)
    const fail = (why: string) => resolve({ ok: false, why, reset: request.reusedSocket && isReset(why) })
    request.on('timeout', () => request.destroy(new Error(`no answer within ${patience} ms`)))
    request.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message))
    request.on('response', (response) => {
      readAnswer(response, began).then(
        (answer) => resolve({ ok: true, answer }),
        (error: Error) => fail(`in the answer: ${error.message}`),
      )
    })
    request.end(body)
  })
}

const isReset = (why: string) => why === 'ECONNRESET' || why === 'EPIPE'

async function readAnswer(response: IncomingMessage, began: number): Promise<Answer> {
  let body = ''
  response.setEncoding('utf8')
  for await (const part of response) body += part
  return {
    status: response.statusCode ?? 0,
    body,
    cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? null,
    version: (response.headers['x-shop-version'] as string | undefined) ?? null,
    ms: performance.now() - began,
  }
}

/**
 * Keeps connections and lets them take turns, so that some are always idle for a while. `reset` is called for each that
 * the other side ends while it is idle.
 */
export function keepingAgent(reset: () => void): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, maxFreeSockets: 4, scheduling: 'fifo' })
  const known = new WeakSet<Socket>()
  agent.on('free', (socket: Socket) => {
    if (socket.destroyed) return
    idle.add(socket)
    if (known.has(socket)) return
    known.add(socket)
    // An idle connection that gets too old is ended by our own side.
    socket.on('timeout', () => inUse(socket))
    socket.once('close', () => {
      if (idle.has(socket)) reset()
    })
  })
  return agent
}
