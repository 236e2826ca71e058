import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { createGenerations, listenForGenerations } from '../generations.js'
import { createLoopbackApi, orderSchema } from '../loopback-api.js'
import { loadSaved, save } from '../saved.js'
import { forward, sayNo } from './forward.js'
import { exposition } from './metrics.js'
import { type ProxyConfig, proxyStateSchema, upstreamSchema } from './state.js'
import { createTable, type Table } from './table.js'

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
const putSchema = orderSchema.extend({ upstreams: z.array(upstreamSchema).max(200) })
const markSchema = z.object({ key: z.string().min(1).max(200) })

export type ShopProxy = { admin: FastifyInstance; visitors: Server; close(): Promise<void> }

/** The public door and its administration; neither is listening yet. Routes come back from the disk. */
export function createProxy(config: ProxyConfig, token: string): ShopProxy {
  const file = join(config.dir, 'routes.json')
  const state = loadSaved(file, proxyStateSchema, { generations: {}, routes: {}, orders: {} })
  const persist = () => save(file, state)
  const generations = createGenerations(state.generations, persist)
  const tables = new Map<string, Table>()
  const tableOf = (service: string): Table => {
    const table = tables.get(service) ?? createTable()
    tables.set(service, table)
    return table
  }
  for (const [service, upstreams] of Object.entries(state.routes)) tableOf(service).replace(upstreams)

  const admin = createLoopbackApi({ part: 'proxy', name: config.name, mark: config.mark }, token)
  const nameOf = (request: { params: unknown }) => z.object({ service: name }).parse(request.params).service
  const shown = (service: string) => ({
    service,
    generation: state.generations[service] ?? 0,
    order: state.orders[service] ?? null,
    ...(tables.get(service)?.shown() ?? { upstreams: [], draining: [], versions: {} }),
  })
  listenForGenerations(admin, generations)
  admin.get('/routes', async () => ({ routes: [...tables.keys()].map(shown) }))
  admin.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(exposition([...tables.keys()].map(shown))),
  )
  admin.get('/routes/:service', async (request) => shown(nameOf(request)))
  admin.put('/routes/:service', async (request) => {
    const service = nameOf(request)
    const { key, generation, upstreams } = putSchema.parse(request.body)
    generations.admit(service, generation)
    state.routes[service] = upstreams
    const last = state.orders[service]
    if (last?.key !== key) state.orders[service] = { key, over: last?.key ?? null }
    persist()
    tableOf(service).replace(upstreams)
    return shown(service)
  })
  admin.post('/routes/:service/marks', async (request) =>
    tableOf(nameOf(request)).mark(markSchema.parse(request.body).key, Date.now()),
  )

  const visitors = createServer((request, response) => {
    const table = tables.get(serviceFor(request.headers.host, tables, config.home))
    if (table === undefined) return sayNo(response, 503, 'nothing is served here yet')
    forward(table, request, response).catch(() => sayNo(response, 502, 'the proxy could not answer'))
  })
  // Visitors' idle connections are theirs to close; a change of routes never touches them.
  visitors.keepAliveTimeout = 120_000
  visitors.headersTimeout = 125_000
  visitors.on('clientError', (_error, socket) => socket.destroy())
  return { admin, visitors, close: () => closeAll(admin, visitors, [...tables.values()]) }
}

/** `storefront-staging.localhost` asks for that route; any other name for the home route, or the only one there is. */
function serviceFor(host: string | undefined, tables: Map<string, Table>, home: string | undefined): string {
  const label = host?.split(':')[0]?.split('.')[0] ?? ''
  if (tables.has(label)) return label
  return home ?? [...tables.keys()][0] ?? ''
}

async function closeAll(admin: FastifyInstance, visitors: Server, tables: Table[]): Promise<void> {
  await admin.close()
  await new Promise<void>((resolve) => {
    visitors.close(() => resolve())
    visitors.closeIdleConnections()
    setTimeout(() => visitors.closeAllConnections(), 2000).unref()
  })
  await Promise.all(tables.map((table) => table.close()))
}
