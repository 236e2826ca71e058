import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { createClues } from '../../../src/integrations/clues/clues.js'
import { createEdge } from '../../../src/integrations/external/edge.js'
import { createExternal } from '../../../src/integrations/external/external.js'
import { hands, partsOf, where } from '../../support/watched/scene.js'

// Statuspage's and Cloudflare's sides are played at their HTTP edge, from their documented contracts.
const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

async function playing(answer: (method: string, path: string, body: string) => { status?: number; body: unknown }) {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const { status = 200, body: said } = answer(request.method ?? '', request.url ?? '', body)
    response.writeHead(status).end(JSON.stringify(said))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const component = (name: string, status: string) => ({ id: name, name, status, position: 1 })
const summary = (indicator: string, components: object[] = [], incidents: object[] = []) => ({
  page: { id: 'x', name: 'Vendor' },
  status: { indicator, description: indicator === 'none' ? 'All Systems Operational' : 'Partial System Outage' },
  components,
  incidents,
})
const incident = {
  name: 'Elevated errors on API Gateway',
  impact: 'major',
  created_at: '2026-11-26T14:02:00Z',
  shortlink: 'https://stspg.io/x',
}

test('a vendor’s own status page is read, narrowed to the components that are used, and is a suspect while it is ill', async () => {
  let page = summary('none')
  const url = await playing((_method, path) =>
    path === '/api/v2/summary.json' ? { body: page } : { status: 404, body: {} },
  )
  const watch = `externals: [{ name: whole, status: "${url}" }, { name: part, status: "${url}", components: [Database] }]`
  const parts = partsOf(watch)
  const { check } = hands(createExternal(parts))
  expect(await check('external.status', { vendor: 'whole' })).toMatchObject({ outcome: 'pass' })
  page = summary('major', [component('API Gateway', 'major_outage'), component('Database', 'operational')], [incident])
  expect(await check('external.status', { vendor: 'whole' })).toMatchObject({
    outcome: 'fail',
    summary: 'whole: Partial System Outage: Elevated errors on API Gateway',
  })
  expect(await check('external.status', { vendor: 'part' })).toMatchObject({ outcome: 'pass' })
  const clues = createClues({ ...parts, checks: createExternal(parts).checks, clock: systemClock })
  const now = new Date()
  const found = await clues
    .find(({ name }) => name === 'external services')
    ?.look({ ...where, since: now, now }, AbortSignal.timeout(4_000))
  expect(found?.suspects).toEqual([
    expect.objectContaining({
      key: 'vendor:whole',
      kind: 'external service',
      at: new Date(incident.created_at),
      evidence: [incident.shortlink],
    }),
  ])
})

test('a vendor without a status page is well as long as it answers without a fault of its own', async () => {
  let status = 401
  const url = await playing(() => ({ status, body: {} }))
  const { check } = hands(createExternal(partsOf(`externals: [{ name: n8n, probe: "${url}/healthz" }]`)))
  expect((await check('external.status', { vendor: 'n8n' })).outcome).toBe('pass')
  status = 503
  expect(await check('external.status', { vendor: 'n8n' })).toMatchObject({
    outcome: 'fail',
    summary: 'n8n: it answered 503',
  })
  expect((await check('external.status', { vendor: 'other' })).outcome).toBe('skip')
})

test('the edge is told once to look at visitors harder, remembers the level before, and without one nothing is done', async () => {
  let level = 'medium'
  const calls: string[] = []
  const url = await playing((method, path, body) => {
    calls.push(`${method} ${path}`)
    if (method === 'PATCH') level = (JSON.parse(body) as { value: string }).value
    return { body: { success: true, errors: [], messages: [], result: { id: 'security_level', value: level } } }
  })
  const { act } = hands(
    createEdge(partsOf(`edge: { driver: cloudflare, zone: z1, token: env:CF, api: "${url}" }`, '', { 'env:CF': 't' })),
  )
  expect((await act('edge.shield')).output).toEqual({ before: 'medium' })
  expect((await act('edge.shield')).evidence.summary).toBe('Cloudflare’s security level was at under_attack already')
  expect(level).toBe('under_attack')
  expect(calls.filter((call) => call.startsWith('PATCH'))).toEqual(['PATCH /zones/z1/settings/security_level'])
  await expect(hands(createEdge(partsOf('probe: http://127.0.0.1:1/'))).act('edge.shield')).rejects.toMatchObject({
    code: 'not-set-up',
  })
})
