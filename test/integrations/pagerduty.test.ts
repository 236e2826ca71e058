import { afterEach, expect, test } from 'vitest'
import type { Told } from '../../src/incidents/paging/mirror.js'
import { createMirroring } from '../../src/incidents/paging/mirroring.js'
import { usualSettings } from '../../src/incidents/settings.js'
import type { TimelineEntry } from '../../src/incidents/timeline.js'
import { createPagerDuty } from '../../src/integrations/pagerduty.js'
import { silentLog } from '../../src/log.js'
import { pagerduty } from '../../src/releases/sections/outside.js'
import { minute, rita, viewWith } from '../incidents/scene.js'
import { answering } from '../support/edges/answering.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

type Theirs = { id: string; incident_key: string; status: string; urgency: string; notes: string[] }
type Event = { routing_key: string; event_action: string; dedup_key: string; payload?: { severity: string } }

/** PagerDuty from its documented contract: Events API v2, which folds by dedup_key, and the REST API's few calls. */
async function pagerDutyEdge() {
  const kept: Theirs[] = []
  let lost = 0
  const open = (key: string) => kept.find((one) => one.incident_key === key && one.status !== 'resolved')
  const happened = ({ event_action, dedup_key }: Event) => {
    const one = open(dedup_key)
    if (event_action === 'trigger' && !one)
      kept.unshift({
        id: `P${kept.length + 1}ABCDE`,
        incident_key: dedup_key,
        status: 'triggered',
        urgency: 'high',
        notes: [],
      })
    else if (event_action !== 'trigger' && one) one.status = `${event_action}d`
  }
  const edge = await answering(({ method, path, query, headers, body }) => {
    if (path === '/v2/enqueue') {
      const event = body as Event
      if (event.routing_key !== 'routing-secret')
        return { status: 400, body: { status: 'invalid event', message: 'no' } }
      happened(event)
      if (lost > 0) {
        lost -= 1
        return 'no answer'
      }
      return { status: 202, body: { status: 'success', dedup_key: event.dedup_key } }
    }
    if (headers.authorization !== 'Token token=rest-secret') return { status: 401, body: { error: { message: 'no' } } }
    if (path === '/oncalls') return { status: 200, body: { oncalls: onCalls } }
    if (method === 'GET' && path === '/incidents')
      return {
        status: 200,
        body: { incidents: kept.filter((one) => one.incident_key === query.get('incident_key')).slice(0, 1) },
      }
    const one = kept.find(({ id }) => path.split('/')[2] === id)
    if (!one) return { status: 404, body: { error: { message: 'Not Found' } } }
    if (method !== 'GET' && headers.from !== 'ops@example.com')
      return { status: 400, body: { error: { message: 'From' } } }
    if (path.endsWith('/notes')) {
      if (method === 'POST') one.notes.push((body as { note: { content: string } }).note.content)
      return { status: 200, body: { notes: one.notes.map((content) => ({ content })) } }
    }
    if (method === 'PUT') Object.assign(one, (body as { incident: object }).incident)
    return { status: 200, body: { incident: one } }
  })
  closing.push(edge.close)
  const acts = () =>
    edge.heard.flatMap(({ method, path, body }) => {
      if (path === '/v2/enqueue') return [(body as Event).event_action]
      return method === 'GET' ? [] : [`${method} ${path.split('/').at(-1) === 'notes' ? 'note' : 'incident'}`]
    })
  return {
    ...edge,
    kept,
    acts,
    loseNext: () => {
      lost = 1
    },
  }
}

const onCalls = [
  { user: { email: 'second@example.com', summary: 'Second' }, escalation_level: 2, end: null },
  { user: { email: 'first@example.com', summary: 'First' }, escalation_level: 1, end: '2026-11-24T09:00:00Z' },
]

async function world() {
  const edge = await pagerDutyEdge()
  const settings = pagerduty.parse({
    ...{ token: 'env:REST', from: 'ops@example.com', url: edge.url, events: edge.url },
    services: { storefront: { id: 'PABC123', routingKey: 'env:ROUTING', policy: 'PESC123' } },
  })
  const secret = async (reference: string) => (reference === 'env:REST' ? 'rest-secret' : 'routing-secret')
  const memberOf = async (email: string) => (email === 'first@example.com' ? 'U0FIRST' : null)
  const pager = createPagerDuty({ settings, secret, memberOf, log: silentLog })
  const remembered: { told: Told | null } = { told: null }
  const lines: TimelineEntry[] = []
  const mirroring = createMirroring({
    ...{ system: 'pagerduty', pager, settings: usualSettings, covers: pager.covers, linkOf: () => null },
    mirrors: {
      told: async () => remembered.told,
      remember: async (_incident, _system, told) => {
        remembered.told = told
      },
    },
    timeline: async () => lines,
    theirs: async () => null,
  })
  return { edge, pager, mirroring, remembered, lines }
}

test('an incident is triggered once, acknowledged and resolved there, each step once however often one looks', async () => {
  const { edge, mirroring } = await world()
  for (const view of [
    viewWith(),
    viewWith(),
    viewWith({ acknowledgedAt: minute(2) }),
    viewWith({ acknowledgedAt: minute(2) }),
    viewWith({ acknowledgedAt: minute(2), state: 'resolved', resolvedAt: minute(9) }),
    viewWith({ acknowledgedAt: minute(2), state: 'resolved', resolvedAt: minute(9) }),
  ])
    await mirroring.look(view, minute(9))
  expect(edge.acts()).toEqual(['trigger', 'acknowledge', 'resolve'])
  expect(edge.kept).toMatchObject([{ status: 'resolved', incident_key: 'shipmate/T1/INC-31' }])
  expect(edge.heard.find(({ path }) => path === '/v2/enqueue')?.body).toMatchObject({ payload: { severity: 'error' } })
})

test('what PagerDuty said first is not said back to it', async () => {
  const { edge, mirroring } = await world()
  await mirroring.look(viewWith(), minute(0))
  const [theirs] = edge.kept
  if (theirs) theirs.status = 'acknowledged'
  await mirroring.look(viewWith({ acknowledgedAt: minute(1) }), minute(1))
  expect(edge.acts()).toEqual(['trigger'])
})

test('an answer that was lost makes one incident there, not two', async () => {
  const { edge, mirroring } = await world()
  edge.loseNext()
  await expect(mirroring.look(viewWith(), minute(0))).rejects.toMatchObject({
    code: 'http-unreachable',
    transient: true,
  })
  await mirroring.look(viewWith(), minute(1))
  expect(edge.kept).toHaveLength(1)
})

test('a severity that changes is its urgency, and a note of people is one note, also after its record was lost', async () => {
  const { edge, mirroring, remembered, lines } = await world()
  await mirroring.look(viewWith(), minute(0))
  lines.push({
    incident: 31,
    position: 2,
    key: 'n',
    kind: 'note',
    at: minute(1),
    by: rita,
    text: 'The card network is fine.',
    data: {},
  })
  const before = remembered.told
  await mirroring.look(viewWith({ severity: 'SEV3' }), minute(1))
  remembered.told = before
  await mirroring.look(viewWith({ severity: 'SEV3' }), minute(2))
  expect(edge.kept[0]).toMatchObject({ urgency: 'low' })
  expect(edge.kept[0]?.notes).toHaveLength(1)
})

test('what is open again begins anew there, and what pages nobody is not told', async () => {
  const { edge, mirroring } = await world()
  await mirroring.look(viewWith({ severity: 'SEV4' }), minute(0))
  expect(edge.acts()).toEqual([])
  for (const state of ['open', 'resolved', 'open'] as const) await mirroring.look(viewWith({ state }), minute(1))
  expect(edge.acts()).toEqual(['trigger', 'resolve', 'trigger'])
  expect(edge.kept.map(({ status }) => status)).toEqual(['triggered', 'resolved'])
})

test('who is on call is asked level by level, as members of the workspace', async () => {
  const { pager } = await world()
  expect(await pager.onCall('storefront')).toEqual({
    ...{
      people: ['U0FIRST'],
      unknown: ['Second'],
      until: new Date('2026-11-24T09:00:00Z'),
      source: 'PagerDuty',
      group: null,
    },
  })
  expect(await pager.onCall('other')).toBeNull()
})
