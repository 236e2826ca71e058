import { afterEach, expect, test } from 'vitest'
import { silentLog } from '../../../src/log.js'
import { openStore } from '../../../src/store/connect.js'
import { freshDatabase } from '../../support/database.js'
import { answering } from '../../support/edges/answering.js'
import { statuspageEdge } from '../../support/edges/statuspage-edge.js'
import { incidentWith, published } from '../../support/incident-rows.js'
import { waitFor } from '../../support/wait-for.js'
import { startChild } from '../child.js'

// Statuspage and the webhook are faked at the HTTP edge; PostgreSQL and the processes that are killed are real.
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function world() {
  const database = await freshDatabase()
  closing.push(database.drop)
  const store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  closing.push(store.close)
  const start = async (...args: string[]) => {
    const child = await startChild('incidents/publishing.ts', database.url, ...args)
    closing.push(child.kill)
    return child
  }
  return { store, start }
}

test('a publisher that is killed after Statuspage wrote and before it knew, writes nothing twice when it is back', async () => {
  const { store, start } = await world()
  let child: { kill(): Promise<void> } | null = null
  let written = 0
  const edge = await statuspageEdge(async ({ method, body }) => {
    if (method !== 'POST' && method !== 'PATCH') return null
    written += 1
    if (written !== 1) return null
    // The page has it, and whoever wrote it dies before the answer.
    edge.kept.push({
      id: 'sp1',
      updates: ['We look into it.'],
      ...(body as { incident: { status: string; metadata: unknown } }).incident,
    })
    await child?.kill()
    return 'no answer'
  })
  closing.push(edge.close)
  child = await start('statuspage', edge.url)
  const { id } = await incidentWith(store, {}, published('We look into it.', 'investigating', ['status page']))
  await waitFor('the first one is killed', () => written === 1)
  const [half] = await store.incidents.deliveries.of(id)
  expect(half?.sentAt).toBeNull()
  await start('statuspage', edge.url)
  await waitFor('it is told', async () => (await store.incidents.deliveries.of(id))[0]?.sentAt != null, 30_000)
  expect(written).toBe(1)
  expect(edge.kept.map(({ updates }) => updates)).toEqual([['We look into it.']])
})

test.each([
  ['drops repeated keys gets the message again, with the same key', 'true', 2],
  ['does not is left to people, who are told', 'false', 1],
])('a webhook that %s, when the publisher was killed in the middle', async (_what, deduplicates, calls) => {
  const { store, start } = await world()
  let child: { kill(): Promise<void> } | null = null
  const edge = await answering(async () => {
    if (edge.heard.length > 1) return { status: 200, body: { message: 'Workflow was started' } }
    await child?.kill()
    return 'no answer'
  })
  closing.push(edge.close)
  child = await start('customers', edge.url, deduplicates)
  const { id } = await incidentWith(store, {}, published('We look into it.', 'investigating', ['customers']))
  await waitFor('the first one is killed', () => edge.heard.length === 1)
  await start('customers', edge.url, deduplicates)
  await waitFor(
    'it has ended',
    async () => {
      const [one] = await store.incidents.deliveries.of(id)
      return one?.sentAt != null || one?.givenUpAt != null
    },
    30_000,
  )
  expect(edge.heard).toHaveLength(calls)
  expect(new Set(edge.heard.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
  const said = (await store.incidents.reads.timeline(id)).filter(({ key }) => key.startsWith('delivery:'))
  expect(said.map(({ text }) => text.includes('It is not sent twice by itself'))).toEqual(calls === 1 ? [true] : [])
})
