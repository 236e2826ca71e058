import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { copyFileSync, readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createSecureContext, createServer as createTlsServer } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { createCommands } from '../../../src/integrations/commands/commands.js'
import { certificateVerdict } from '../../../src/integrations/probes/certificate.js'
import { createProbes } from '../../../src/integrations/probes/probes.js'
import { requirePart } from '../../support/parts.js'
import { createAuthority } from '../../support/watched/authority.js'
import { nameServer } from '../../support/watched/name-server.js'
import { hands, partsOf } from '../../support/watched/scene.js'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

async function listening(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const probing = (watch: string, secrets = {}) => hands(createProbes(partsOf(watch, '', secrets)))

test('visitors’ address is probed: an error, a slow answer and silence are told with figures', async () => {
  let answer: RequestListener = (_request, response) => response.end('hello')
  const url = await listening((request, response) => answer(request, response))
  const { check } = probing(`probe: ${url}/cart?x=1`)
  expect(await check('http.probe')).toMatchObject({ outcome: 'pass', limit: '1000 ms', summary: /answered in \d+ ms/ })
  answer = (_request, response) => setTimeout(() => response.end('late'), 150)
  expect(await check('http.probe', { maxMs: 100 })).toMatchObject({ outcome: 'warn', limit: '100 ms' })
  answer = (_request, response) => response.writeHead(500).end('price cache: stale')
  expect(await check('http.probe')).toMatchObject({ outcome: 'fail', summary: /answered 500: price cache: stale/ })
  expect(await probing('probe: http://127.0.0.1:1/').check('http.probe')).toMatchObject({
    outcome: 'fail',
    summary: /cannot be reached/,
  })
})

test('a leaked credential passes once its owner refuses it, and only then', async () => {
  let status = 200
  const seen: (string | undefined)[] = []
  const url = await listening((request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(status).end('{}')
  })
  const { check } = probing(`secrets: { old-key: { secret: env:OLD, url: "${url}/v1/account" } }`, {
    'env:OLD': 'sk_leaked',
  })
  expect(await check('secrets.accepted', { name: 'old-key' })).toMatchObject({
    outcome: 'fail',
    summary: /still accepts old-key/,
  })
  status = 503
  await expect(check('secrets.accepted', { name: 'old-key' })).rejects.toMatchObject({ code: 'http-refused' })
  status = 401
  const found = await check('secrets.accepted', { name: 'old-key' })
  expect(found.outcome).toBe('pass')
  expect(JSON.stringify(found)).not.toContain('sk_leaked')
  expect(seen[0]).toBe('Bearer sk_leaked')
  expect((await check('secrets.accepted', { name: 'other' })).outcome).toBe('skip')
})

test.skipIf(!requirePart('openssl'))(
  'a certificate that expired, is near its end, for another name or from a stranger is found, and reloading the new one mends it',
  async () => {
    const authority = createAuthority()
    const live = join(authority.dir, 'live.pem')
    const server = createTlsServer({
      SNICallback: (_name, done) => done(null, createSecureContext({ cert: readFileSync(live), key: authority.key })),
    }).listen(0, '127.0.0.1')
    server.on('tlsClientError', () => {})
    await once(server, 'listening')
    open.push(() => server.close())
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const fresh = authority.sign('fresh', -1, 89)
    const watch = `tls: { address: "${address}", name: shop.test, ca: ${authority.ca} }\ncommands:\n  reload-certificate: { run: [/bin/cp, ${fresh}, ${live}] }`
    const parts = partsOf(watch)
    const system = createProbes(parts)
    const { check, act } = hands({ checks: system.checks, actions: createCommands(parts, system.checks).actions })

    copyFileSync(authority.sign('expired', -91, -1.5), live)
    expect(await check('tls.certificate')).toMatchObject({
      outcome: 'fail',
      summary: `the certificate of ${address} expired 36 h ago`,
    })
    copyFileSync(authority.sign('ending', -80, 10), live)
    expect(await check('tls.certificate')).toMatchObject({
      outcome: 'fail',
      summary: /holds for (9|10) days more \(limit 15 days\)/,
    })
    expect((await check('tls.certificate', { minDays: 5 })).outcome).toBe('pass')
    copyFileSync(authority.sign('late', -65, 25), live)
    expect(await check('tls.certificate')).toMatchObject({ outcome: 'warn' })
    const { evidence } = await act('tls.reload')
    expect(evidence.summary).toMatch(/^reload-certificate ended well; the certificate of .* holds for (88|89) days/)
    expect((await check('tls.certificate')).outcome).toBe('pass')

    const strange = hands(createProbes(partsOf(`tls: { address: "${address}", name: shop.test }`)))
    expect(await strange.check('tls.certificate')).toMatchObject({ outcome: 'fail', summary: /clients refuse/ })
    const misnamed = hands(
      createProbes(partsOf(`tls: { address: "${address}", name: other.test, ca: ${authority.ca} }`)),
    )
    expect(await misnamed.check('tls.certificate')).toMatchObject({
      outcome: 'fail',
      summary: /another name than other.test/,
    })
  },
)

test('what is left of a certificate is held against its whole life, so that short ones are judged like long ones', () => {
  const now = new Date('2026-11-26T12:00:00Z')
  const days = (count: number) => new Date(now.getTime() + count * 86_400_000)
  const verdict = (before: number, left: number) =>
    certificateVerdict({ address: 'a:443', from: days(-before), to: days(left), refusal: null }, now, null).outcome
  expect([verdict(30, 60), verdict(65, 25), verdict(80, 10)]).toEqual(['pass', 'warn', 'fail'])
  expect([verdict(1, 5), verdict(4.5, 1.5)]).toEqual(['pass', 'fail'])
  expect(verdict(-1, 60)).toBe('fail')
})

test('a name that does not resolve is found, and is well again once its zone is', async () => {
  const zone: { [name: string]: number[] } = { 'shop.test': [10, 0, 0, 1] }
  const { address: server, close } = await nameServer(zone)
  open.push(close)
  const { check } = probing(`dns: { names: [shop.test, api.shop.test], servers: ["${server}"] }`)
  expect(await check('dns.resolves')).toMatchObject({
    outcome: 'fail',
    summary: '1 name of 2 does not resolve: api.shop.test (no such name)',
  })
  zone['api.shop.test'] = [10, 0, 0, 2]
  expect(await check('dns.resolves')).toMatchObject({
    outcome: 'pass',
    summary: 'shop.test is 10.0.0.1; api.shop.test is 10.0.0.2',
  })
})

test('a name server that is silent is a failure within seconds', async () => {
  const silent = createSocket('udp4')
  silent.bind(0, '127.0.0.1')
  await once(silent, 'listening')
  open.push(() => silent.close())
  const { check } = probing(`dns: { names: [shop.test], servers: ["127.0.0.1:${silent.address().port}"] }`)
  const began = Date.now()
  expect((await check('dns.resolves')).outcome).toBe('fail')
  expect(Date.now() - began).toBeLessThan(6_000)
})
