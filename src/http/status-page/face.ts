import Fastify, { type FastifyInstance } from 'fastify'
import type { Log } from '../../log.js'
import type { PublicPage } from './public-page.js'

export type StatusFace = {
  /** Starts to listen; the base URL, without a slash at the end. */
  listen(): Promise<{ url: string; port: number }>
  close(): Promise<void>
}

/** A listener of its own, since everybody may reach it: nothing else is there, and nothing can be sent to it. */
export function createStatusFace(parts: { page: PublicPage; port: number; address: string; log: Log }): StatusFace {
  const app = Fastify({ bodyLimit: 1, forceCloseConnections: true, requestTimeout: 10_000 })
  statusRoutes(app, parts.page)
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/plain').send('There is nothing here.\n'))
  app.setErrorHandler((error, _request, reply) => {
    parts.log.error({ error }, 'the status page could not be shown')
    return reply.code(503).header('retry-after', '30').type('text/plain').send('The status cannot be told right now.\n')
  })
  return {
    async listen() {
      const url = await app.listen({ port: parts.port, host: parts.address })
      return { url, port: Number(new URL(url).port) }
    },
    close: () => app.close(),
  }
}

function statusRoutes(app: FastifyInstance, page: PublicPage): void {
  for (const path of ['/', '/feed.atom', '/status.json']) {
    app.get(path, async (request, reply) => {
      const file = (await page.files()).find((one) => one.path === path)
      if (!file) return reply.callNotFound()
      reply
        .header('etag', file.etag)
        .header('cache-control', 'public, max-age=15, stale-while-revalidate=60, stale-if-error=86400')
        .header('x-content-type-options', 'nosniff')
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
        .header('access-control-allow-origin', '*')
      if (matches(request.headers['if-none-match'], file.etag)) return reply.code(304).send()
      return reply.type(file.type).send(file.body)
    })
  }
}

/** Caches on the way may have weakened the tag. */
const matches = (header: string | undefined, etag: string) =>
  (header ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag || one.trim() === '*')
