import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import formbody from '@fastify/formbody'
import statics from '@fastify/static'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { ZodError } from 'zod'
import { allMethods } from './api/families.js'
import { serveFiles } from './api/file-routes.js'
import { multipartFields } from './api/incoming.js'
import { serveWebApi } from './api/routes.js'
import { armScheduled } from './api/scheduled.js'
import { assemble, type Delivering } from './assemble.js'
import { serveControl } from './control/routes.js'
import type { Sockets } from './delivery/sockets.js'
import { refusalOf } from './guard.js'
import { serveResponseUrls } from './interaction/response-route.js'
import { readManifest } from './manifest.js'
import { Refusal, refuse } from './refusal.js'
import { seedTokens } from './seed.js'
import type { Tokens, World } from './world.js'

export type WorkspaceOptions = {
  /** 0 or none: any free one. */
  port?: number
  /** Where messages and all else are kept over restarts; without it, in memory. */
  dataDir?: string
  manifestPath: string
  /** The built page for the browser, served at `/`. */
  pageDir?: string
  /** Rate limits, on unless told otherwise. */
  limits?: boolean
  /** How payloads reach the app; without it as the manifest says. */
  delivery?: Delivering
  tokens?: Partial<Tokens>
}

export type Workspace = {
  /** Without a slash at the end; the Web API is at `<url>/api/`. */
  url: string
  port: number
  tokens: Tokens
  close(): Promise<void>
}

const LARGEST_BODY = 100 * 1024 * 1024

/** Starts a local Slack workspace on 127.0.0.1; resolves when it listens. */
export async function startWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const tokens = { ...seedTokens, ...options.tokens }
  const server = fastify({ bodyLimit: LARGEST_BODY, forceCloseConnections: true })
  const port = () => (server.server.address() as AddressInfo).port
  const { world, sockets, carrier, reset } = assemble({
    manifest: readManifest(options.manifestPath),
    tokens,
    dataDir: options.dataDir,
    delivery: options.delivery,
    limits: options.limits ?? true,
    url: () => `http://127.0.0.1:${port()}`,
  })
  prepare(server)
  serveWebApi(server, world, allMethods(socketUrl(sockets)))
  serveFiles(server, world)
  serveResponseUrls(server, world)
  await serveControl(server, world, { sockets, reset })
  await servePage(server, options.pageDir)
  takeSockets(server, sockets)
  await server.listen({ host: '127.0.0.1', port: options.port ?? 0 })
  for (const row of world.state.scheduled.all()) armScheduled(world, row)
  return {
    url: world.url(),
    port: port(),
    tokens,
    async close() {
      carrier.stop()
      sockets.stop()
      world.clock.stop()
      await server.close()
      world.state.close()
    },
  }
}

function prepare(server: FastifyInstance): void {
  server.register(formbody)
  server.removeContentTypeParser('application/json')
  server.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) =>
    body.trim() ? parseJson(body) : {},
  )
  server.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (request: FastifyRequest, body: Buffer) =>
    multipartFields(body, request.headers['content-type'] ?? ''),
  )
  server.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body)
  server.addHook('onRequest', async (request, reply) => {
    const refusal = refusalOf(request)
    if (refusal) return reply.status(403).send({ error: refusal })
  })
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const isSlack = request.url.startsWith('/api/')
    if (error instanceof Refusal) return reply.status(isSlack ? 200 : 400).send(problem(isSlack, error.code))
    if (error instanceof ZodError) return reply.status(400).send({ error: lineOf(error) })
    const status = error.statusCode ?? 500
    if (status >= 500) console.error(error)
    return reply.status(status).send(problem(isSlack, status >= 500 ? 'fatal_error' : error.message))
  })
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return refuse('invalid_json')
  }
}

const problem = (isSlack: boolean, error: string) => (isSlack ? { ok: false, error } : { error })

const lineOf = (error: ZodError) => error.issues.map((one) => `${one.path.join('.')}: ${one.message}`).join('; ')

async function servePage(server: FastifyInstance, pageDir: string | undefined): Promise<void> {
  if (pageDir && existsSync(pageDir)) await server.register(statics, { root: resolve(pageDir), cacheControl: false })
  else server.get('/', (_request, reply) => reply.type('text/plain').send('The page of this workspace is not built.'))
}

function socketUrl(sockets: Sockets): (world: World) => string {
  return ({ app, url }) => {
    // Slack documents no error for an app that has Socket Mode off; this one is in its manifest methods.
    if (!app.socketMode) refuse('socket_mode_not_enabled')
    return `${url().replace('http', 'ws')}${sockets.ticketPath()}`
  }
}

function takeSockets(server: FastifyInstance, sockets: Sockets): void {
  server.server.on('upgrade', (request, socket, head) => {
    const refused = refusalOf({ method: 'CONNECT', url: request.url, headers: request.headers })
    if (refused) socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    else sockets.accept(request, socket, head)
  })
}
