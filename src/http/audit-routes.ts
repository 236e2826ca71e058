import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { RunId } from '../runs/run.js'
import { malformed } from './refusals.js'

/** The trail as far as this face needs it; an empty `broken` means every row is as it was written. */
export type AuditTrail = {
  verify(run?: RunId): Promise<{ rows: number; broken: { run: RunId; position: number; what: string }[] }>
}

const query = z.strictObject({ run: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional() })

/** `GET /v1/audit[?run=482]`: follows the hashes of one run's trail, or of all. */
export function auditRoutes(app: FastifyInstance, audit: AuditTrail): void {
  app.get('/v1/audit', async (request) => {
    const parsed = query.safeParse(request.query)
    if (!parsed.success) throw malformed(parsed.error)
    return audit.verify(parsed.data.run)
  })
}
