import type { FastifyInstance } from 'fastify'
import { type Answer, answerCall } from '../api/answering.js'
import { Refusal, refuse } from '../refusal.js'
import type { World } from '../world.js'
import { type Response, respond } from './respond.js'
import { RESPONSE_PATH } from './response-urls.js'

/** Takes what the app posts to a response url; the log calls it `response_url`. */
export function serveResponseUrls(server: FastifyInstance, world: World): void {
  server.post<{ Params: { id: string }; Body: Response }>(`${RESPONSE_PATH}:id`, (request, reply) => {
    const raw = Object(request.body)
    const asked = { method: 'response_url', token: undefined, raw }
    return answerCall(world, asked, { request, reply }, async () => answerOf(world, request.params.id, raw))
  })
}

// Slack documents neither body nor status of a spent url; a 404 is what apps report.
function answerOf(world: World, id: string, response: Response): Answer {
  try {
    const about = world.responseUrls.spend(id)
    if (typeof about === 'string') return { status: 404, body: { ok: false, error: about } }
    respond(world, about, response ?? refuse('no_text'))
    return { status: 200, body: { ok: true } }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { status: 400, body: { ok: false, error: error.code, ...error.fields } }
  }
}
