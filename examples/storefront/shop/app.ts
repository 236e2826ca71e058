import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type pg from 'pg'
import { addToCart, linesOf, readCart, sizeOf, writeCart } from './cart.js'
import { type Life, tellHealth } from './health.js'
import { measure } from './metrics.js'
import { findOrder, findProduct, listProducts, placeOrder } from './orders.js'
import { cartPage, type Frame, listPage, orderPage, productPage, sorryPage } from './pages.js'
import type { ShopRelease } from './release.js'

type Shop = { db: pg.Pool; release: ShopRelease; life: Life; folder: string }

/** The shop as an application that is not listening yet. */
export async function createShop(shop: Shop): Promise<FastifyInstance> {
  const { db, release, life, folder } = shop
  const app = fastify({ return503OnClosing: false, forceCloseConnections: 'idle', keepAliveTimeout: 70_000 })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  )
  measure(app, { version: release.version })
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-shop-version', release.version)
    if (life.leaving) reply.header('connection', 'close')
  })
  // Older pages ask for older assets and, while traffic is split, newer ones: the pool beside the releases has them all.
  await app.register(fastifyStatic, {
    root: [join(folder, 'assets'), join(folder, '..', 'assets')],
    prefix: '/assets/',
    immutable: true,
    maxAge: '365d',
    index: false,
  })
  // Before the pages are registered: what is registered has the handler of that moment.
  app.setErrorHandler((error: Error, request, reply) => answerError(shop, error, request, reply))
  tellHealth(app, db, release, life)
  await app.register(async (pages) => servePages(pages, shop))
  app.setNotFoundHandler((request, reply) =>
    send(reply.code(404), sorryPage(frameOf(shop, request), 'Not here', 'There is no such page.')),
  )
  return app
}

async function servePages(app: FastifyInstance, shop: Shop): Promise<void> {
  const { db, release } = shop
  breakSome(app, release.behaviour.errorEvery)
  app.get('/', async (request, reply) => send(reply, listPage(frameOf(shop, request), await listProducts(db))))
  app.get<{ Params: { id: string } }>('/products/:id', async (request, reply) => {
    const product = await findProduct(db, numberIn(request.params.id))
    if (product === null) return reply.callNotFound()
    return send(reply, productPage(frameOf(shop, request), product))
  })
  app.get('/cart', async (request, reply) => {
    const lines = await linesOf(db, readCart(request.headers.cookie))
    return send(reply, cartPage(frameOf(shop, request), lines))
  })
  app.post<{ Body: { product?: string } }>('/cart', async (request, reply) => {
    const product = await findProduct(db, numberIn(request.body?.product))
    if (product === null) return reply.callNotFound()
    const cart = addToCart(readCart(request.headers.cookie), product.id)
    return reply.header('set-cookie', writeCart(cart)).redirect('/cart', 303)
  })
  app.post<{ Body: { note?: string } }>('/checkout', async (request, reply) => {
    const lines = await linesOf(db, readCart(request.headers.cookie))
    if (lines.length === 0) return reply.redirect('/cart', 303)
    const note = release.look.giftNotes ? request.body?.note || null : null
    const id = await placeOrder(db, lines, release.version, note)
    return reply.header('set-cookie', writeCart(new Map())).redirect(`/orders/${id}`, 303)
  })
  app.get<{ Params: { id: string } }>('/orders/:id', async (request, reply) => {
    const order = await findOrder(db, request.params.id)
    return order ? send(reply, orderPage(frameOf(shop, request), order)) : reply.callNotFound()
  })
}

/** 0, which no product has, for anything else than a number of products' size. */
const numberIn = (text: string | undefined): number => (/^\d{1,6}$/.test(text ?? '') ? Number(text) : 0)

/** The fault that one release has: every so many page answers one goes wrong. */
function breakSome(app: FastifyInstance, every: number): void {
  if (every <= 0) return
  let served = 0
  app.addHook('preHandler', async () => {
    served += 1
    if (served % every === 0) throw new Error('price cache: stale generation')
  })
}

const frameOf = ({ release, life }: Shop, request: FastifyRequest): Frame => ({
  release,
  instance: life.instance,
  inCart: sizeOf(readCart(request.headers.cookie)),
})

const send = (reply: FastifyReply, page: string) =>
  reply.header('content-type', 'text/html; charset=utf-8').header('cache-control', 'no-cache').send(page)

function answerError(shop: Shop, error: Error & { statusCode?: number }, request: FastifyRequest, reply: FastifyReply) {
  const status = error.statusCode ?? 500
  console.error(JSON.stringify({ time: new Date().toISOString(), url: request.url, status, error: error.message }))
  return send(
    reply.code(status),
    sorryPage(frameOf(shop, request), 'Rough water', 'Something went wrong on our side. Please try again.'),
  )
}
