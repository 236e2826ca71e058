import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import { schemaOf } from './orders.js'
import type { ShopRelease } from './release.js'

export type Life = { startedAt: number; leaving: boolean; instance: string }

/** /healthz (the process is alive), /readyz (it can serve) and /version (which build, which instance). */
export function tellHealth(app: FastifyInstance, db: pg.Pool, release: ShopRelease, life: Life): void {
  app.get('/healthz', async () => ({ alive: true }))
  app.get('/readyz', async (_request, reply) => {
    const reason = await whyNotReady(db, release, life)
    return reply.code(reason ? 503 : 200).send(reason ? { ready: false, reason } : { ready: true })
  })
  app.get('/version', async () => ({
    service: 'storefront',
    version: release.version,
    commit: release.commit,
    instance: life.instance,
  }))
}

async function whyNotReady(db: pg.Pool, release: ShopRelease, life: Life): Promise<string | null> {
  if (life.leaving) return 'stopping'
  const { warmUp, neverReady } = release.behaviour
  if (neverReady) return 'the search index does not load: unexpected end of file in index.bin'
  const left = warmUp - (Date.now() - life.startedAt)
  if (left > 0) return `warming the price cache, ${Math.ceil(left / 1000)} s left`
  const schema = await schemaOf(db).catch((error: unknown) => error)
  if (schema instanceof Error) return `database: ${schema.message}`
  if (typeof schema !== 'string') return 'the database has no schema yet'
  return schema >= release.schema ? null : `the schema is at ${schema}, this release needs ${release.schema}`
}
