import { createHmac } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import type { Delivery } from '../../src/incidents/public/deliveries.js'
import { followUpIssue } from '../../src/incidents/review/follow-ups.js'
import { createCustomers } from '../../src/integrations/customers.js'
import { createGithubIssues } from '../../src/integrations/github-issues.js'
import { createStatuspage } from '../../src/integrations/statuspage.js'
import { silentLog } from '../../src/log.js'
import { customers, followUps, statusPage } from '../../src/releases/sections/outside.js'
import { declaredAt, minute, viewWith } from '../incidents/scene.js'
import { answering } from '../support/edges/answering.js'
import { statuspageEdge } from '../support/edges/statuspage-edge.js'

// Statuspage, GitHub and the webhook are faked at the HTTP edge from their documented contracts.
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const components = [{ name: 'Checkout', service: 'storefront', environment: 'prod', statuspage: 'c1' }]
const section = statusPage.parse({ title: 'Shop', address: 'https://status.example.com', components })
const delivery = (id: number, phase: Delivery['update']['phase'], before: Delivery['before'] = null): Delivery => ({
  ...{ id, audience: 'status page', key: `INC-31/update-${id}/status-page`, tries: 0, interrupted: false, before },
  incident: { id: 31, team: 'T1', service: 'storefront', environment: 'prod', severity: 'SEV1', declaredAt },
  update: { id, text: `Update ${id}.`, phase, publishedAt: minute(id) },
})

/** A clock whose sleep moves it, and that keeps how long was slept. */
function slept() {
  let [at, total] = [declaredAt.getTime(), 0]
  const sleep = async (ms: number) => {
    at += ms
    total += ms
  }
  return { clock: { now: () => new Date(at), sleep }, total: () => total }
}

test('updates of one incident are one incident at Statuspage, at most one call a second', async () => {
  const edge = await statuspageEdge()
  closing.push(edge.close)
  const { clock, total } = slept()
  const channel = createStatuspage({
    section: { ...section, statuspage: { page: 'page1', token: 'env:KEY', notify: true, url: edge.url } },
    ...{ secret: async () => 'page-key', clock, log: silentLog },
  })
  const first = await channel.send(delivery(1, 'investigating'))
  await channel.send(delivery(1, 'investigating'))
  await channel.send(delivery(2, 'resolved', first))
  await channel.send(delivery(2, 'resolved'))
  expect(edge.kept).toHaveLength(1)
  expect(edge.kept[0]).toMatchObject({
    name: 'Checkout: down',
    status: 'resolved',
    components: { c1: 'operational' },
    updates: ['Update 1.', 'Update 2.'],
  })
  expect(edge.heard.find(({ method }) => method === 'POST')?.body).toMatchObject({
    incident: { components: { c1: 'major_outage' }, deliver_notifications: true },
  })
  expect(total()).toBeGreaterThanOrEqual((edge.heard.length - 1) * 1_000)
})

test('a message to customers is signed, carries its key, and says nothing that is internal', async () => {
  const edge = await answering(() => ({ status: 200, body: { message: 'Workflow was started' } }))
  closing.push(edge.close)
  const settings = customers.parse({ url: 'env:URL', secret: 'env:SECRET' })
  const secret = async (reference: string) => (reference === 'env:URL' ? `${edge.url}/webhook/hidden-path` : 'sign')
  const channel = createCustomers({ settings, components, secret, clock: slept().clock, log: silentLog })
  await channel.send(delivery(1, 'identified'))
  const [heard] = edge.heard
  const [, seconds, given] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(heard?.headers['shipmate-signature'])) ?? []
  expect(given).toBe(createHmac('sha256', 'sign').update(`${seconds}.${heard?.text}`).digest('hex'))
  expect(heard?.body).toMatchObject({
    key: 'INC-31/update-1/status-page',
    heading: 'Checkout: down',
    phase: 'identified',
    text: 'Update 1.',
  })
})

test('the address of the customers’ webhook is in no error', async () => {
  const edge = await answering(() => ({ status: 500, body: { message: 'broken' } }))
  closing.push(edge.close)
  const settings = customers.parse({ url: 'env:URL', secret: 'env:SECRET' })
  const secret = async (reference: string) => (reference === 'env:URL' ? `${edge.url}/webhook/hidden-path` : 'sign')
  const channel = createCustomers({ settings, components, secret, clock: slept().clock, log: silentLog })
  const error = await channel.send(delivery(1, 'identified')).catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'http-refused', message: 'the customers’ webhook answered 500: broken' })
  expect(JSON.stringify([error.message, error.came, error.details])).not.toContain('hidden-path')
})

test('a follow-up becomes one issue, however often it is opened, also among many and after a lost answer', async () => {
  const issues = Array.from({ length: 150 }, (_, index) => ({
    html_url: `https://github.com/acme/shop/issues/${index}`,
    body: 'x',
  }))
  let lost = true
  const edge = await answering(({ method, path, query, headers, body }) => {
    if (headers.authorization !== 'Bearer gh-token' || path !== '/repos/acme/shop/issues')
      return { status: 404, body: { message: 'Not Found' } }
    if (method === 'GET') {
      if (query.get('labels') !== 'incident-follow-up' || query.get('state') !== 'all') return { status: 200, body: [] }
      const page = Number(query.get('page') ?? 1)
      return { status: 200, body: issues.slice((page - 1) * 100, page * 100) }
    }
    const made = {
      html_url: `https://github.com/acme/shop/issues/${issues.length}`,
      body: (body as { body: string }).body,
    }
    issues.push(made)
    if (!lost) return { status: 201, body: made }
    lost = false
    return 'no answer'
  })
  closing.push(edge.close)
  const settings = followUps.parse({ repository: 'acme/shop', token: 'env:GH', url: edge.url })
  const tracker = createGithubIssues({ settings, secret: async () => 'gh-token', log: silentLog })
  const task = {
    id: 7,
    kind: 'follow-up' as const,
    text: 'Raise the pool @everyone <!-- -->',
    owner: null,
    createdAt: minute(1),
    doneAt: null,
    link: null,
    fix: null,
  }
  const issue = followUpIssue(viewWith({ state: 'resolved' }), task, null)
  await expect(tracker.open(issue)).rejects.toMatchObject({ code: 'http-unreachable' })
  expect(await tracker.open(issue)).toEqual({ link: 'https://github.com/acme/shop/issues/150', fresh: false })
  expect(issues).toHaveLength(151)
  expect(issue.body).not.toContain('@everyone')
})
