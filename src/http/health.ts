import type { FastifyInstance } from 'fastify'

/** One part that Shipmate stands on. `text` says what is so, for a person, without secrets. */
export type PartHealth = { state: 'up' | 'down' | 'not set up'; text: string }
export type Health = { database: PartHealth; queue: PartHealth; slack: PartHealth }

/**
 * `/healthz`: the process answers. `/readyz`: 200 when it can carry runs, 503 when not, with a state for each part.
 * Slack being away does not make it unready: runs go on and the terminal works.
 */
export function healthRoutes(app: FastifyInstance, health: () => Promise<Health>): void {
  app.get('/healthz', async () => ({ alive: true }))
  app.get('/readyz', async (_request, reply) => {
    const parts = await health()
    const ready = isReady(parts)
    return reply.code(ready ? 200 : 503).send({ ready, ...parts })
  })
}

export const isReady = (health: Health): boolean => health.database.state === 'up' && health.queue.state === 'up'
