import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Played = { url: string; close(): void }
type Answer = { status?: number; body: unknown }

/** Somebody on the other side of HTTP, on loopback. */
export async function played(answer: (request: IncomingMessage, body: string) => Answer | Promise<Answer>) {
  const server = createServer(async (request, response) => {
    let said = ''
    for await (const part of request) said += part
    const { status = 200, body } = await answer(request, said)
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close } satisfies Played
}

/** An agent of a host with room, and with nothing of ours running on it: its answers as docs/integrations/hosts.md has them. */
export const playedAgent = () =>
  played(({ url }) => {
    if (url === '/instances') return { body: { instances: [] } }
    if (url !== '/vitals') return { status: 404, body: {} }
    const vitals = { memory: { used: 1e9, size: 4e9 }, load: { minute: 0.1, processors: 4 } }
    return { body: { disks: [{ path: '/', used: 1e9, size: 9e9 }], ...vitals } }
  })

/** A vendor's page as statuspage.io documents it; `ill` is up to the test. */
export async function playedVendor() {
  const state = { ill: false }
  const server = await played(() => {
    const description = state.ill ? 'Partial System Outage' : 'All Systems Operational'
    const status = { indicator: state.ill ? 'major' : 'none', description }
    return { body: { page: { id: 'x', name: 'Vendor' }, status, components: [], incidents: [] } }
  })
  return { ...server, state }
}
