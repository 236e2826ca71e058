import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Fault } from '../protocol.js'
import { Refusal } from '../refusal.js'
import type { Json } from '../state/rows.js'
import type { World } from '../world.js'
import type { RawArgs } from './args.js'
import { tokenKind } from './gate.js'

export type Answer = { status: number; headers?: { [name: string]: string }; body: Json }

export type Asked = { method: string; token: string | undefined; raw: RawArgs }

/** Carries out a call as the faults ordered for it allow, answers it, and writes both into the log. */
export async function answerCall(
  world: World,
  asked: Asked,
  wire: { request: FastifyRequest; reply: FastifyReply },
  work: () => Promise<Answer>,
): Promise<FastifyReply> {
  const { request, reply } = wire
  const fault = world.faults.onCall(asked.method)
  const answer = (fault && insteadOf(fault)) ?? (await work())
  if (fault?.kind === 'slow') await wait(fault.delay_ms ?? 1000)
  log(world, asked, answer)
  if (fault?.kind === 'refuse' || fault?.kind === 'drop') {
    reply.hijack()
    request.raw.socket.destroy()
    return reply
  }
  return reply
    .status(answer.status)
    .headers(answer.headers ?? {})
    .send(answer.body)
}

/** The answer of some work that refuses by throwing. */
export async function settled(work: () => Json | Promise<Json>): Promise<Answer> {
  try {
    return { status: 200, body: { ok: true, ...(await work()) } }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { status: 200, body: { ok: false, error: error.code, ...error.fields } }
  }
}

export function tooMany(retryAfterS: number): Answer {
  const headers = { 'retry-after': String(retryAfterS) }
  return { status: 429, headers, body: { ok: false, error: 'ratelimited' } }
}

// `slow` and `drop` still do the work; the others answer in its place.
function insteadOf(fault: Fault): Answer | undefined {
  switch (fault.kind) {
    case '429':
      return tooMany(fault.retry_after_s ?? 1)
    case '5xx':
      return { status: 503, body: { ok: false, error: 'service_unavailable' } }
    case 'error':
      return { status: 200, body: { ok: false, error: fault.error ?? 'fatal_error' } }
    case 'refuse':
      return { status: 0, body: { ok: false, error: 'refused' } }
    default:
      return undefined
  }
}

function log(world: World, { method, token, raw }: Asked, { status, body }: Answer): void {
  world.calls.add({
    at_ms: world.clock.now(),
    method,
    args: raw,
    token: tokenKind(world, token),
    status,
    ok: body.ok === true,
    ...(typeof body.error === 'string' && { error: body.error }),
  })
}
