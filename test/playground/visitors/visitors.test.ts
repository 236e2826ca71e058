import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { newVisitor, nextVisit, remember } from '../../../playground/visitors/visitor.js'
import { startVisitors, type Visitors } from '../../../playground/visitors/visitors.js'
import { waitFor } from '../../support/wait-for.js'

let server: Server | null = null
let visitors: Visitors | null = null
afterEach(async () => {
  await visitors?.stop()
  server?.closeAllConnections()
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)))
})

async function shop(listener: RequestListener, rate = 200): Promise<Visitors> {
  server = createServer((request, response) => {
    request.resume()
    listener(request, response)
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  visitors = startVisitors({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, rate, agents: 8 })
  return visitors
}
const page = '<link href="/assets/shop.1.css"><script src="/assets/shop.1.js">'

test('browse, look at products, load assets of the page, and buy', async () => {
  const seen = new Set<string>()
  const running = await shop((request, response) => {
    seen.add(`${request.method} ${request.url?.replace(/\d$/, 'n')}`)
    response.end(page)
  })
  await waitFor('all kinds of visits', () => seen.size >= 6, 20_000)
  expect([...seen].sort()).toEqual([
    'GET /',
    'GET /assets/shop.1.css',
    'GET /assets/shop.1.js',
    'GET /products/n',
    'POST /cart',
    'POST /checkout',
  ])
  expect(running.counts()).toMatchObject({ failed: 0, resets: 0 })
})

test('keep at least 200 requests a second in one process', async () => {
  const began = performance.now()
  const running = await shop((_request, response) => response.end(page), 250)
  await waitFor('500 requests', () => running.counts().requests >= 500, 20_000)
  // Even pace, not a bound on speed: 500 at 250 a second cannot be there sooner.
  expect(performance.now() - began).toBeGreaterThan(1500)
})

test('an answer of 500 is a failure and told with its path', async () => {
  const running = await shop((_request, response) => response.writeHead(500).end())
  await waitFor('failures', () => running.counts().failed > 5)
  expect(running.counts().failures[0]).toMatchObject({ why: 'answered 500' })
})

test('a connection that breaks while it is being answered is a failure', async () => {
  const running = await shop((request) => request.socket.destroy())
  await waitFor('failures', () => running.counts().failed > 5)
  expect(running.counts().byStatus).toEqual({})
})

test('an idle connection that the other side closes is a reset', async () => {
  const sockets = new Set<Socket>()
  const running = await shop((request, response) => {
    sockets.add(request.socket)
    response.end(page)
  })
  await waitFor('visits', () => running.counts().requests > 20)
  running.setRate(0)
  for (const socket of sockets) socket.end()
  await waitFor('resets', () => running.counts().resets > 0)
})

test('a visitor buys what is in the cart and asks for the assets of the newest page', () => {
  const visitor = newVisitor()
  remember(visitor, { body: page, cookie: 'cart=1x1' })
  const visits = Array.from({ length: 20 }, () => nextVisit(visitor))
  expect(visits.find(({ path }) => path === '/checkout')).toMatchObject({ method: 'POST', cookie: 'cart=1x1' })
  expect(visits.filter(({ path }) => path.startsWith('/assets/')).length).toBeGreaterThan(1)
})
