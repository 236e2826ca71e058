import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createProxy, type ShopProxy } from '../../../playground/proxy/proxy.js'
import { waitFor } from '../../support/wait-for.js'

const token = 'a-token-for-tests'
let dir: string
let proxy: ShopProxy
let shops: Server[] = []
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'shipmate-proxy-'))
  proxy = await opened()
})
afterEach(async () => {
  await proxy.close()
  for (const shop of shops) shop.closeAllConnections()
  await Promise.all(shops.map((shop) => new Promise((resolve) => shop.close(resolve))))
  shops = []
  rmSync(dir, { recursive: true, force: true })
})

async function opened(): Promise<ShopProxy> {
  const config = { name: 'proxy', mark: 'test', dir, tokenFile: '', publicPort: 0, adminPort: 0 }
  const made = createProxy(config, token)
  await new Promise<void>((resolve) => made.visitors.listen(0, '127.0.0.1', resolve))
  return made
}

/** A shop that answers with its name, or as told. */
async function shop(
  name: string,
  answer: (response: ServerResponse, path: string) => void = (response) => response.end(name),
) {
  const server = createServer((asked, response) => {
    asked.resume()
    answer(response, asked.url ?? '')
  })
  shops.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const admin = async (method: 'GET' | 'PUT' | 'POST', url: string, payload?: object) => {
  const answer = await proxy.admin.inject({
    method,
    url,
    headers: { authorization: `Bearer ${token}` },
    ...(payload && { payload }),
  })
  return { status: answer.statusCode, body: answer.json() }
}
const route = (generation: number, ...upstreams: [string, string, number][]) =>
  admin('PUT', '/routes/storefront-prod', {
    key: 'k',
    generation,
    upstreams: upstreams.map(([id, url, weight]) => ({ id, url, weight, version: id })),
  })

type Answer = { status: number; text: string }
function ask(
  path = '/',
  options: { method?: string; body?: string; agent?: Agent; host?: string } = {},
): Promise<Answer> {
  const { port } = proxy.visitors.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const headers = options.host ? { host: options.host } : {}
    const asked = request(
      { host: '127.0.0.1', port, path, method: options.method ?? 'GET', agent: options.agent ?? false, headers },
      (response) => {
        let text = ''
        response.on('data', (part) => {
          text += part
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end(options.body)
  })
}
async function askMany(count: number): Promise<{ [text: string]: number }> {
  const seen: { [text: string]: number } = {}
  for (let turn = 0; turn < count; turn += 1) {
    const { text } = await ask()
    seen[text] = (seen[text] ?? 0) + 1
  }
  return seen
}

test('traffic is shared by weight, exactly over a full round', async () => {
  await route(1, ['old', await shop('old'), 95], ['new', await shop('new'), 5])
  expect(await askMany(100)).toEqual({ old: 95, new: 5 })
})

test('an older generation is refused with what was seen, and the route stays', async () => {
  await route(5, ['old', await shop('old'), 100])
  expect(await route(4)).toMatchObject({ status: 409, body: { error: 'generation', seen: 5 } })
  expect((await ask()).text).toBe('old')
})

test('a proxy that is started again has its routes and its generations', async () => {
  await route(3, ['old', await shop('old'), 100])
  await proxy.close()
  proxy = await opened()
  expect((await ask()).text).toBe('old')
  expect((await route(2)).status).toBe(409)
})

test('an upstream that is taken out finishes what it is answering, and is shown until then', async () => {
  const waiting: ServerResponse[] = []
  const slow = await shop('slow', (response) => void waiting.push(response))
  await route(1, ['slow', slow, 100])
  const answer = ask()
  await waitFor('the request to arrive', () => waiting.length === 1)
  await route(2, ['new', await shop('new'), 100])
  expect((await ask()).text).toBe('new')
  expect((await admin('GET', '/routes/storefront-prod')).body.draining).toMatchObject([{ id: 'slow', inFlight: 1 }])
  waiting[0]?.end('at last')
  expect((await answer).text).toBe('at last')
  await waitFor('drained', async () => (await admin('GET', '/routes/storefront-prod')).body.draining.length === 0)
})

test('an idle connection of a visitor survives every change of the route', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const [old, fresh] = [await shop('old'), await shop('new')]
  await route(1, ['old', old, 100])
  await ask('/', { agent })
  const [socket] = Object.values(agent.freeSockets).flat()
  await route(2, ['new', fresh, 100])
  expect((await ask('/', { agent })).text).toBe('new')
  expect(Object.values(agent.freeSockets).flat()[0]).toBe(socket)
  agent.destroy()
})

test('an instance that is not there is passed over: another one is asked, also for an order', async () => {
  await route(1, ['gone', 'http://127.0.0.1:9', 50], ['here', await shop('here'), 50])
  for (const method of ['GET', 'POST', 'GET', 'POST'])
    expect(await ask('/', method === 'POST' ? { method, body: 'x=1' } : {})).toEqual({ status: 200, text: 'here' })
  const { versions } = (await admin('GET', '/routes/storefront-prod')).body
  expect(versions.gone.failed).toBe(versions.gone.requests)
  expect(versions.here.failed).toBe(0)
})

test('an order that breaks off after it was sent is not sent again', async () => {
  let orders = 0
  const breaking = await shop('breaking', (response) => {
    orders += 1
    response.destroy()
  })
  await route(1, ['breaking', breaking, 100])
  expect((await ask('/checkout', { method: 'POST', body: 'x=1' })).status).toBe(502)
  expect(orders).toBe(1)
})

test('with nobody to ask a request waits for an instance to come back', async () => {
  await route(1)
  const answer = ask()
  await route(2, ['back', await shop('back'), 100])
  expect((await answer).text).toBe('back')
})

test('a mark tells what was counted since it was made, each time it is asked for', async () => {
  const flaky = await shop('flaky', (response, path) => {
    response.statusCode = path === '/bad' ? 500 : 200
    response.end()
  })
  await route(1, ['v1', flaky, 100])
  await ask('/bad')
  const mark = () => admin('POST', '/routes/storefront-prod/marks', { key: 'check-1' })
  expect((await mark()).body.versions.v1).toMatchObject({ requests: 0, failed: 0 })
  await ask()
  await ask('/bad')
  const { v1 } = (await mark()).body.versions
  expect(v1).toMatchObject({ requests: 2, failed: 1 })
  expect(v1.latency.reduce((sum: number, count: number) => sum + count, 0)).toBe(2)
})

test('a service is asked for by the first word of the host name, and the first one by any other', async () => {
  await route(1, ['prod', await shop('prod'), 100])
  await admin('PUT', '/routes/storefront-staging', {
    key: 'k',
    generation: 1,
    upstreams: [{ id: 's', url: await shop('staging'), weight: 1, version: 's' }],
  })
  expect((await ask()).text).toBe('prod')
  expect((await ask('/', { host: 'storefront-staging.localhost' })).text).toBe('staging')
})

test('large bodies flow through in both directions', async () => {
  const server = createServer((asked, response) => asked.pipe(response))
  shops.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await route(1, ['echo', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, 100])
  const body = 'x'.repeat(3_000_000)
  const { text } = await ask('/', { method: 'POST', body })
  expect(text.length).toBe(body.length)
})

test('nonsense on the wire and a wrong token change nothing', async () => {
  const { port } = proxy.visitors.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  socket.write('NOT HTTP AT ALL\r\n\r\n')
  await new Promise((resolve) => socket.on('close', resolve))
  const answer = await proxy.admin.inject({
    method: 'GET',
    url: '/routes/x',
    headers: { authorization: 'Bearer wrong' },
  })
  expect(answer.statusCode).toBe(401)
  expect((await admin('PUT', '/routes/storefront-prod', { key: 'k', generation: 1, upstreams: 'all' })).status).toBe(
    400,
  )
})
