import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { driftOf } from '../../../../src/integrations/backups/restic/drift.js'
import { createConfigurationSource } from '../../../../src/integrations/backups/restic/sources/configuration.js'
import { silentLog } from '../../../../src/log.js'
import { contextFor } from '../../../support/backups/engine-rig.js'
import { type ResticSet, resticSet } from '../../../support/backups/restic-set.js'
import { requirePart } from '../../../support/parts.js'

const program = requirePart('restic')

/** What the proxy and n8n answer, as their own APIs do: Caddy 2's `/config/`, n8n's pages of workflows. */
const live = {
  caddy: { apps: { http: { servers: { shop: { listen: [':443'], routes: [{ secret: 'hidden-1' }] } } } } } as object,
  workflows: [
    { id: 'a1', name: 'Refunds', active: true, nodes: [{ type: 'webhook' }], updatedAt: '2026-11-01T00:00:00Z' },
    { id: 'b2', name: 'Mails', active: true, nodes: [], updatedAt: '2026-11-01T00:00:00Z' },
  ],
}

describe.skipIf(!program)('configuration as it runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shipmate-configuration-'))
  const file = join(folder, 'shipmate.yml')
  let server: Server
  let set: ResticSet

  beforeAll(async () => {
    writeFileSync(file, 'services:\n  storefront: {}\n')
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://n8n')
      const json = (status: number, body: object) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      if (url.pathname === '/config/') return json(200, live.caddy)
      if (request.headers['x-n8n-api-key'] !== 'the key') return json(401, { message: 'Unauthorized' })
      const at = Number(url.searchParams.get('cursor') ?? 0)
      return json(200, {
        data: live.workflows.slice(at, at + 1),
        nextCursor: live.workflows[at + 1] ? String(at + 1) : null,
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    set = resticSet('configuration', ({ work }) =>
      createConfigurationSource({
        files: [file],
        answers: [{ name: 'caddy', url: `http://127.0.0.1:${port}/config/`, token: null }],
        n8n: { url: `http://127.0.0.1:${port}`, key: 'env:N8N' },
        ...{ secret: async () => 'the key', work, log: silentLog },
      }),
    )
  })
  afterAll(() => {
    server.close()
    set.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('is exported from files, proxies and n8n, and comes back as what runs', async () => {
    const taken = await set.take()
    expect(taken.notes).toBeUndefined()
    const found = await set.rehearse()
    expect(found).toMatchObject({ files: 4, looked: 4, problems: [] })
    expect(found.holds).toEqual([{ name: 'drift', holds: true, came: 'none: what runs is what is stored' }])
  }, 240_000)

  test('what n8n writes by itself is no drift', async () => {
    for (const one of live.workflows) one.updatedAt = '2026-11-02T00:00:00Z'
    expect((await set.take()).notes).toEqual(['nothing changed since the last one'])
  }, 240_000)

  test('what changed since is told by name, in a drill and with the next one, and no value of it', async () => {
    live.caddy = { apps: { http: { servers: { shop: { listen: [':443'], routes: [{ secret: 'hidden-2' }, {}] } } } } }
    writeFileSync(file, 'services:\n  storefront: {}\n  admin: {}\n')
    live.workflows = [{ id: 'a1', name: 'Refunds', active: false, nodes: [], updatedAt: '2026-11-03T00:00:00Z' }]
    const drifted = [
      'shipmate.yml: line 3: 1 came, 0 went',
      'caddy: apps.http.servers.shop.routes.0.secret changed, apps.http.servers.shop.routes.1 is new',
      'workflow "Refunds": active changed, nodes.0 is gone',
    ]
    const { holds } = await set.rehearse()
    expect(holds).toEqual([{ name: 'drift', holds: true, came: drifted.join('; ') }])
    const { notes } = await set.take()
    expect(notes).toEqual([...drifted, 'b2.json: gone'])
    expect(JSON.stringify([holds, notes])).not.toContain('hidden')
  }, 240_000)

  test('a system that does not answer stores nothing, and says which', async () => {
    server.close()
    server.closeAllConnections()
    const no = await set.take().catch((thrown) => thrown)
    expect(no.message).toContain('caddy')
    expect((await set.engine.holding(contextFor())).backups).toHaveLength(3)
  }, 240_000)
})

test('drift of a text is told by its lines, of JSON by its names', () => {
  expect(driftOf('a\nb\nc', 'a\nb\nc')).toEqual([])
  expect(driftOf('a\nb\nc', 'a\nX\nY\nc')).toEqual(['lines 2 to 3: 2 came, 1 went'])
  expect(driftOf('{"a":1}', '{"a":2,"b":{}}')).toEqual(['a changed', 'b is new'])
  expect(driftOf('[1]', '{"a":1}')).toEqual(['all of it changed'])
})
