import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { failed } from '../../../src/errors.js'
import { createStatusFace } from '../../../src/http/status-page/face.js'
import { createPublicPage } from '../../../src/http/status-page/public-page.js'
import type { PublicIncident } from '../../../src/incidents/public/status.js'
import { silentLog } from '../../../src/log.js'
import { statusPage } from '../../../src/releases/sections/outside.js'
import { declaredAt, minute } from '../../incidents/scene.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const incident = (more: Partial<PublicIncident> = {}): PublicIncident => ({
  ...{
    id: 31,
    service: 'storefront',
    environment: 'prod',
    severity: 'SEV1',
    state: 'open',
    declaredAt,
    resolvedAt: null,
  },
  updates: [
    {
      id: 1,
      text: 'Checkout fails for <b>some</b> & we look into it.',
      phase: 'investigating',
      publishedAt: minute(3),
    },
  ],
  ...more,
})

async function world(incidents: PublicIncident[]) {
  const folder = await mkdtemp(join(tmpdir(), 'status-'))
  closing.push(() => rm(folder, { recursive: true }))
  const seen = { incidents, broken: false, looks: 0, now: minute(10) }
  const components = [
    { name: 'Checkout', service: 'storefront' },
    { name: 'Search', service: 'search' },
  ]
  const section = statusPage.parse({
    title: 'Shop & co',
    address: 'https://status.example.com',
    folder: join(folder, 'public'),
    components,
  })
  const page = createPublicPage({
    ...{ section, zone: 'Europe/Rome', log: silentLog },
    rows: {
      incidents: async () => {
        seen.looks += 1
        if (seen.broken) throw failed('database-unreachable', 'no database')
        return seen.incidents
      },
    },
    clock: { now: () => seen.now, sleep: async () => {} },
  })
  const face = createStatusFace({ page, port: 0, address: '127.0.0.1', log: silentLog })
  const { url } = await face.listen()
  closing.push(face.close)
  return { seen, page, url, folder: join(folder, 'public') }
}

test('it says in one sentence what is so, by component, with what was published, and needs no script', async () => {
  const { url } = await world([incident()])
  const html = await (await fetch(url)).text()
  expect(html).toContain('<p class="headline down" role="status">Checkout is down.</p>')
  expect(html).toContain('Checkout fails for &#60;b&#62;some&#60;/b&#62; &#38; we look into it.')
  expect(html).toContain('aria-label="Search: no trouble in 90 days"')
  expect(html).not.toMatch(/<script|src=/)
  expect(html.length).toBeLessThan(60_000)
})

test.each([
  [
    'being watched',
    incident({ updates: [{ id: 2, text: 'Mended.', phase: 'monitoring', publishedAt: minute(9) }] }),
    'Checkout works worse than usual.',
  ],
  [
    'over for the public',
    incident({ updates: [{ id: 2, text: 'Over.', phase: 'resolved', publishedAt: minute(9) }] }),
    'Everything works.',
  ],
  ['resolved without a last word', incident({ state: 'resolved', resolvedAt: minute(8) }), 'Everything works.'],
])('an incident that is %s', async (_what, one, headline) => {
  const { url } = await world([one])
  expect(await (await fetch(url)).text()).toContain(headline)
})

test('a page that has not changed is not sent again, and whoever has an old one gets the new one', async () => {
  const { seen, url } = await world([incident()])
  const first = await fetch(url)
  const etag = first.headers.get('etag') ?? ''
  expect(first.headers.get('cache-control')).toContain('public, max-age=15')
  expect((await fetch(url, { headers: { 'if-none-match': `W/${etag}` } })).status).toBe(304)
  seen.now = minute(11)
  expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304)
  seen.incidents = []
  seen.now = minute(12)
  const later = await fetch(url, { headers: { 'if-none-match': etag } })
  expect([later.status, (await later.text()).includes('Everything works.')]).toEqual([200, true])
})

test('a thousand readers are one look at the rows, and without a database the last page is shown', async () => {
  const { seen, url } = await world([incident()])
  await Promise.all(Array.from({ length: 200 }, () => fetch(url).then((answer) => answer.text())))
  expect(seen.looks).toBe(1)
  seen.broken = true
  seen.now = minute(20)
  expect(await (await fetch(url)).text()).toContain('Checkout is down.')
})

test('nothing else is there, and without anything ever seen it says so', async () => {
  const { seen, url } = await world([])
  expect((await fetch(`${url}/metrics`)).status).toBe(404)
  expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBeGreaterThanOrEqual(400)
  seen.broken = true
  expect((await fetch(url)).status).toBe(503)
})

test('the files of a static host are the same pages, written whole and only when they changed', async () => {
  const { seen, page, url, folder } = await world([incident()])
  expect(await page.write()).toEqual(['index.html', 'feed.atom', 'status.json'])
  expect(await page.write()).toEqual([])
  expect((await readdir(folder)).sort()).toEqual(['feed.atom', 'index.html', 'status.json'])
  expect(await readFile(join(folder, 'index.html'), 'utf8')).toBe(await (await fetch(url)).text())
  seen.incidents = []
  expect(await page.write()).toContain('feed.atom')
})

test('the feed is well-formed whatever was published', async () => {
  const { seen, page } = await world([])
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async (text) => {
      seen.now = new Date(seen.now.getTime() + 60_000)
      seen.incidents = [incident({ updates: [{ id: 1, text, phase: 'identified', publishedAt: minute(3) }] })]
      const feed = (await page.files()).find(({ name }) => name === 'feed.atom')?.body ?? ''
      const content = /<content type="text">([\s\S]*)<\/content>/.exec(feed)?.[1] ?? 'none'
      expect(content).not.toMatch(/[<>"]|&(?!#\d+;)|(?![\t\n\r])\p{Cc}|\p{Surrogate}/u)
      expect(feed.match(/<entry>/g)).toHaveLength(1)
    }),
    { numRuns: 100 },
  )
})
