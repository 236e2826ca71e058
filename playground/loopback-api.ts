import { timingSafeEqual } from 'node:crypto'
import { type FastifyInstance, fastify } from 'fastify'
import { ZodError, z } from 'zod'

/** An answer other than 200, with words for whoever reads it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly body: { error: string; message: string; [more: string]: unknown },
  ) {
    super(body.message)
  }
}

/** Every change of the world says which order it belongs to and how new it is. */
export const orderSchema = z.object({ key: z.string().min(1).max(200), generation: z.number().int().nonnegative() })

/**
 * A JSON API on 127.0.0.1 for holders of the token; `GET /` tells whose it is. Not listening yet.
 */
export function createLoopbackApi(identity: { part: string; name: string; mark: string }, token: string) {
  const app: FastifyInstance = fastify({ keepAliveTimeout: 70_000, forceCloseConnections: true, bodyLimit: 256 * 1024 })
  app.addHook('onRequest', async (request, reply) => {
    if (!sameToken(request.headers.authorization ?? '', `Bearer ${token}`))
      return reply.code(401).send({ error: 'unauthorized', message: 'The bearer token is missing or wrong.' })
  })
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof Refusal) return reply.code(error.status).send(error.body)
    if (error instanceof ZodError) return reply.code(400).send({ error: 'invalid', message: z.prettifyError(error) })
    const status = error.statusCode ?? 500
    return reply.code(status).send({ error: status < 500 ? 'invalid' : 'broken', message: error.message })
  })
  app.get('/', async () => identity)
  return app
}

function sameToken(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}
