import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { refused } from '../errors.js'
import type { RunView } from '../runs/run.js'
import { malformed } from './refusals.js'
import { type RunEventParts, sendRunEvents } from './run-events.js'

const number = z.object({ id: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) })

/** `GET /v1/runs/:id` and, for those who watch, `GET /v1/runs/:id/events`. */
export function runRoutes(app: FastifyInstance, parts: RunEventParts, stop: AbortSignal): void {
  app.get('/v1/runs/:id', (request) => existing(parts, request))
  app.get('/v1/runs/:id/events', async (request, reply) => {
    const { run } = await existing(parts, request)
    reply.hijack()
    await sendRunEvents(parts, run.id, reply.raw, stop)
  })
}

async function existing(parts: RunEventParts, request: FastifyRequest): Promise<RunView> {
  const params = number.safeParse(request.params)
  if (!params.success) throw malformed(params.error)
  const view = await parts.view(params.data.id)
  if (view) return view
  throw refused('no-such-run', `There is no run #${params.data.id}.`, {
    next: 'List the runs there are with `shipmate ops runs`.',
  })
}
