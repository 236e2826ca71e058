import { type Answer, answering, type Heard } from './answering.js'

type Kept = { id: string; status: string; metadata: unknown; updates: string[]; [name: string]: unknown }

/** Statuspage from its documented contract: incidents of one page, and what was written into each; no key is honoured. */
export async function statuspageEdge(before: (heard: Heard) => Answer | null | Promise<Answer | null> = () => null) {
  const kept: Kept[] = []
  const base = '/v1/pages/page1/incidents'
  const write = (one: Kept, body: { incident: { status: string; body: string; metadata: unknown } }) => {
    Object.assign(one, body.incident)
    one.updates.push(body.incident.body)
    return one
  }
  const edge = await answering(async (heard) => {
    const { method, path, headers, body } = heard
    if (headers.authorization !== 'OAuth page-key') return { status: 401, body: { error: 'Could not authenticate' } }
    const written = body as Parameters<typeof write>[1]
    const id = path.slice(base.length + 1)
    const one = kept.find((incident) => incident.id === id)
    const reply = (): Answer => {
      if (method === 'GET' && id === 'unresolved')
        return { status: 200, body: kept.filter(({ status }) => status !== 'resolved') }
      if (method === 'GET' && path === base) return { status: 200, body: kept }
      if (method === 'POST') {
        const fresh = write({ id: `sp${kept.length + 1}`, status: '', metadata: {}, updates: [] }, written)
        kept.push(fresh)
        return { status: 201, body: fresh }
      }
      if (!one) return { status: 404, body: { error: 'Not found' } }
      return { status: 200, body: method === 'PATCH' ? write(one, written) : one }
    }
    const early = await before(heard)
    return early ?? reply()
  })
  return { ...edge, kept }
}
