import type { FastifyInstance } from 'fastify'
import { methods } from '../methods.js'
import type { World } from '../world.js'
import { type Answer, type Asked, answerCall, settled, tooMany } from './answering.js'
import { readArgs } from './args.js'
import { passGate, tokenKind } from './gate.js'
import { incoming } from './incoming.js'
import type { Family } from './method.js'

/** Serves Slack's Web API at `/api/<method>`. */
export function serveWebApi(server: FastifyInstance, world: World, family: Family): void {
  server.route<{ Params: { method: string } }>({
    method: ['GET', 'POST'],
    url: '/api/:method',
    handler: (request, reply) => {
      const asked: Asked = { method: request.params.method, ...incoming(request) }
      return answerCall(world, asked, { request, reply }, () => carryOut(world, family, asked))
    },
  })
}

async function carryOut(world: World, family: Family, asked: Asked): Promise<Answer> {
  const args = readArgs(asked.raw)
  const limited = tokenKind(world, asked.token) === 'unknown' ? undefined : overLimit(world, asked)
  if (limited) return limited
  const answer = await settled(() => {
    passGate(world, asked.method, asked.token, args)
    const method = family[asked.method]
    if (!method) return { ok: false, error: 'unknown_method', req_method: asked.method }
    return method(world, args)
  })
  return { ...answer, headers: scopeHeaders(world, asked) }
}

function overLimit(world: World, { method, raw }: Asked): Answer | undefined {
  const channel = typeof raw.channel === 'string' ? raw.channel : undefined
  const taken = world.limits.take(method, world.team.id, channel, world.clock.now())
  return taken.ok ? undefined : tooMany(taken.retryAfterS)
}

function scopeHeaders(world: World, { method, token }: Asked): { [name: string]: string } {
  const kind = tokenKind(world, token)
  const granted = kind === 'bot' ? [...world.app.scopes] : kind === 'app' ? ['connections:write'] : []
  return { 'x-oauth-scopes': granted.join(','), 'x-accepted-oauth-scopes': (methods[method]?.scopes ?? []).join(',') }
}
