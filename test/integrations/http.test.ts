import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { ShipmateError } from '../../src/errors.js'
import { createHttp, type HttpOptions } from '../../src/integrations/http.js'
import { silentLog } from '../../src/log.js'

const token = 'shp_very-secret-token'
let server: Server | null = null
afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)))
  server = null
})

async function against(listener: RequestListener, more: Partial<HttpOptions> = {}) {
  server = createServer(listener)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const http = createHttp({
    name: 'web-1',
    baseUrl: `http://${host}`,
    token,
    allowedHosts: [host],
    log: silentLog,
    ...more,
  })
  return { http, host }
}

const answering =
  (status: number, body: string, headers: { [name: string]: string } = {}): RequestListener =>
  (request, response) => {
    request.resume()
    response.writeHead(status, headers).end(body)
  }

async function errorOf(call: Promise<unknown>): Promise<ShipmateError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof ShipmateError) return error
  throw new Error(`expected a ShipmateError, got ${String(error)}`)
}

const anything = z.object({ ok: z.boolean() })

test('sends JSON with the token and gives back what the schema lets through', async () => {
  const seen: unknown[] = []
  const { http } = await against((request, response) => {
    let body = ''
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      seen.push([request.method, request.url, request.headers.authorization, JSON.parse(body)])
      response.end(JSON.stringify({ ok: true, more: 1 }))
    })
  })
  expect(await http.put('/instances/a', { key: 'k' }, anything)).toEqual({ ok: true })
  expect(await http.delete('/instances/a', { key: 'k' }, anything)).toEqual({ ok: true })
  expect(seen).toEqual([
    ['PUT', '/instances/a', `Bearer ${token}`, { key: 'k' }],
    ['DELETE', '/instances/a', `Bearer ${token}`, { key: 'k' }],
  ])
})

test('a refusal is told in the words of the other side, without the token', async () => {
  const words = `no such release; you sent Bearer ${token}`
  const { http } = await against(answering(404, JSON.stringify({ error: 'no-release', message: words })))
  const error = await errorOf(http.get('/releases', anything))
  expect(error).toMatchObject({
    kind: 'failed',
    code: 'http-refused',
    message: 'web-1 answered 404: no such release; you sent Bearer [secret]',
    transient: false,
  })
  expect(JSON.stringify([error.message, error.wanted, error.came, error.next, error.details])).not.toContain(token)
  expect(error.cause).toBeUndefined()
})

test.each([429, 502, 503, 504])('an answer of %i may be different a moment later', async (status) => {
  const { http } = await against(answering(status, 'busy', { 'retry-after': '7' }))
  const error = await errorOf(http.get('/', anything))
  expect(error).toMatchObject({ transient: true, details: { status, answer: 'busy', retryAfterSeconds: 7 } })
})

test('a wrong token says where to mend it', async () => {
  const { http } = await against(answering(401, '{"message":"The bearer token is missing or wrong."}'))
  expect(await errorOf(http.get('/', anything))).toMatchObject({
    code: 'http-unauthorized',
    message: 'web-1 does not accept our token: The bearer token is missing or wrong.',
    next: 'Check the token that the operator’s file gives for web-1.',
  })
})

test('nobody listening is transient and says where to look', async () => {
  const { http, host } = await against(answering(200, ''))
  await new Promise((resolve) => server?.close(resolve))
  expect(await errorOf(http.get('/', anything))).toMatchObject({
    kind: 'failed',
    code: 'http-unreachable',
    message: 'web-1 cannot be reached (ECONNREFUSED)',
    next: `Check that web-1 runs and can be reached at ${host}.`,
    transient: true,
  })
})

test('silence is timed out after the limit', async () => {
  const { http } = await against(() => {}, { timeoutMs: 50 })
  expect(await errorOf(http.get('/slow', anything))).toMatchObject({
    kind: 'timed out',
    code: 'http-timeout',
    message: 'web-1 did not answer within 0.05 s',
    transient: true,
  })
})

test('a call that is broken off ends at once', async () => {
  const stop = new AbortController()
  const { http } = await against(() => stop.abort())
  expect(await errorOf(http.get('/', anything, { signal: stop.signal }))).toMatchObject({
    kind: 'stopped',
    code: 'call-stopped',
  })
})

test('a redirect is not followed', async () => {
  const { http } = await against(answering(302, '', { location: 'http://169.254.169.254/' }))
  expect(await errorOf(http.get('/', anything))).toMatchObject({ code: 'http-redirected' })
})

test('of a page that a vendor answers its words are told, and none of its markup', async () => {
  const page =
    '<!doctype html>\n<html><head><title>Rough water</title></head><body><h1>Back <b>soon</b></h1></body></html>'
  const { http } = await against(answering(500, page))
  expect((await errorOf(http.get('/', anything))).message).toBe('web-1 answered 500: a page, “Rough water: Back soon”')
  server?.close()
  const { http: bare } = await against(answering(404, '<HTML lang="en"></HTML>'))
  expect((await errorOf(bare.get('/', anything))).message).toBe('web-1 answered 404: a page without a title')
})

test('too large, not JSON and of another shape are told apart', async () => {
  const large = await against(answering(200, JSON.stringify({ ok: true, text: 'x'.repeat(5000) })), { maxBytes: 1000 })
  expect(await errorOf(large.http.get('/', anything))).toMatchObject({ code: 'http-too-big' })
  server?.close()
  const text = await against(answering(200, '<html>'))
  expect(await errorOf(text.http.get('/', anything))).toMatchObject({
    code: 'http-unexpected-answer',
    came: 'GET /: not JSON: <html>',
  })
  server?.close()
  const shape = await against(answering(200, '{"ok":"yes"}'))
  expect((await errorOf(shape.http.get('/', anything))).came).toMatch(/^GET \/: ok: .*expected boolean/)
})

test('only hosts that were named are called', () => {
  const make = (baseUrl: string) => createHttp({ name: 'x', baseUrl, allowedHosts: ['10.0.0.1:80'], log: silentLog })
  expect(() => make('http://10.0.0.2:80/')).toThrow('x is at 10.0.0.2, which is not among the hosts that may be called')
})

test('a path cannot lead to another host', async () => {
  const { http } = await against(answering(200, '{"ok":true}'))
  expect(await errorOf(http.get('//evil.example/', anything))).toMatchObject({ code: 'path-invalid' })
  expect(await errorOf(http.get('http://evil.example/', anything))).toMatchObject({ code: 'path-invalid' })
})

test('a kept connection that was closed meanwhile does not make a look fail', async () => {
  let calls = 0
  const { http } = await against((request, response) => {
    calls += 1
    if (calls === 2) return void request.socket.destroy()
    response.end('{"ok":true}')
  })
  await http.get('/', anything)
  expect(await http.get('/', anything)).toEqual({ ok: true })
  expect(calls).toBe(3)
})
