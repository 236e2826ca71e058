import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { artifactDigest } from '../../../examples/storefront/artifact.js'
import { buildReleases } from '../../../examples/storefront/build-releases.js'
import { bareDatabase, type TestDatabase } from '../../support/database.js'
import { waitFor } from '../../support/wait-for.js'
import { migrate, type RunningShop, startShop } from './running-shop.js'

let dir: string
let database: TestDatabase
const running: RunningShop[] = []
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'shipmate-shop-'))
  await buildReleases(dir)
  database = await bareDatabase()
}, 60_000)
afterAll(async () => {
  await Promise.all(running.map((shop) => shop.stop()))
  await database?.drop()
  rmSync(dir, { recursive: true, force: true })
})

async function shop(version: string): Promise<RunningShop> {
  const started = await startShop(join(dir, version), database.url)
  running.push(started)
  return started
}
const ready = (started: RunningShop) =>
  waitFor('ready', async () => (await fetch(`${started.url}/readyz`)).status === 200, 20_000)

describe('releases', () => {
  test('the same sources give the same artifacts, whose digest is of what is in them', async () => {
    const other = mkdtempSync(join(tmpdir(), 'shipmate-shop-'))
    await buildReleases(other)
    for (const version of readdirSync(dir).filter((name) => name.startsWith('v'))) {
      const release = JSON.parse(readFileSync(join(dir, version, 'release.json'), 'utf8'))
      expect(release.artifact).toBe(artifactDigest(join(dir, version)))
      expect(release.artifact).toBe(artifactDigest(join(other, version)))
    }
    rmSync(other, { recursive: true, force: true })
  })

  test('no two releases look the same', () => {
    const versions = readdirSync(dir).filter((name) => name.startsWith('v'))
    const looks = versions.map((version) => {
      const { look, assets } = JSON.parse(readFileSync(join(dir, version, 'shop.json'), 'utf8'))
      return `${look.tagline} ${assets.css}`
    })
    expect(new Set(looks).size).toBe(versions.length)
  })
})

describe('migrations', () => {
  test('run once, are recorded, and two at the same time do not collide', async () => {
    const fresh = await bareDatabase()
    const outputs = await Promise.all([
      migrate(join(dir, 'v1.8.0'), fresh.url),
      migrate(join(dir, 'v1.8.0'), fresh.url),
    ])
    expect(outputs.map(({ code }) => code)).toEqual([0, 0])
    expect(outputs.map(({ output }) => output.trim().split('\n').at(-1)).sort()).toEqual([
      '3 applied',
      'nothing to apply',
    ])
    await fresh.drop()
  })

  test('one that fails says why and leaves nothing of itself', async () => {
    const fresh = await bareDatabase()
    const client = new pg.Client({ connectionString: fresh.url })
    await client.connect()
    await client.query('create table orders (id int)')
    const { code, output } = await migrate(join(dir, 'v1.7.3'), fresh.url)
    expect(code).toBe(1)
    expect(output).toContain('migration failed: relation "orders" already exists')
    expect((await client.query('select name from shop_migrations')).rows).toEqual([{ name: '001_products.sql' }])
    await client.end()
    await fresh.drop()
  })
})

describe('the running shop', () => {
  test('is alive before it is ready, and ready once the schema is what it needs', async () => {
    const started = await shop('v1.8.0')
    expect((await fetch(`${started.url}/healthz`)).status).toBe(200)
    const before = await fetch(`${started.url}/readyz`)
    expect(before.status).toBe(503)
    await migrate(join(dir, 'v1.7.3'), database.url)
    expect(await (await fetch(`${started.url}/readyz`)).json()).toEqual({
      ready: false,
      reason: 'the schema is at 002_orders.sql, this release needs 003_order_gift_note.sql',
    })
    await migrate(join(dir, 'v1.8.0'), database.url)
    await ready(started)
  })

  test('a release before a migration runs on the schema after it', async () => {
    const old = await shop('v1.7.3')
    await ready(old)
    expect((await fetch(`${old.url}/`)).status).toBe(200)
  })

  test('tells its version, in the footer and as data, and counts what it answers', async () => {
    const started = await shop('v1.8.1')
    await ready(started)
    expect(await (await fetch(`${started.url}/version`)).json()).toMatchObject({
      service: 'storefront',
      version: 'v1.8.1',
    })
    const page = await fetch(started.url)
    expect(page.headers.get('x-shop-version')).toBe('v1.8.1')
    expect(await page.text()).toContain('storefront <b>v1.8.1</b>')
    const metrics = await (await fetch(`${started.url}/metrics`)).text()
    expect(metrics).toMatch(/http_requests_total\{method="GET",route="\/",status="200",version="v1.8.1"\} 1/)
  })

  test('serves the assets of pages that any other release made, for ever cacheable', async () => {
    const old = await shop('v1.7.3')
    for (const version of ['v1.7.3', 'v2.0.0-rc.2']) {
      const { assets } = JSON.parse(readFileSync(join(dir, version, 'shop.json'), 'utf8'))
      const answer = await fetch(`${old.url}/assets/${assets.css}`)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    }
  })

  test('a cart becomes an order in the database', async () => {
    const started = await shop('v1.8.0')
    await ready(started)
    const post = (path: string, body: string, cookie = '') =>
      fetch(`${started.url}${path}`, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/x-www-form-urlencoded', cookie },
        body,
      })
    const added = await post('/cart', 'product=3', 'cart=1x2')
    const cookie = added.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect(cookie).toBe('cart=1x2.3x1')
    const placed = await post('/checkout', 'note=Fair+winds', cookie)
    expect(placed.status).toBe(303)
    const thanks = await fetch(`${started.url}${placed.headers.get('location')}`)
    expect(await thanks.text()).toContain('€156.00')
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const { rows } = await client.query('select total_cents, gift_note, served_by from orders')
    expect(rows).toEqual([{ total_cents: 15600, gift_note: 'Fair winds', served_by: 'v1.8.0' }])
    await client.end()
  })

  test('says no to nonsense with a page of its own', async () => {
    const started = await shop('v1.8.0')
    await ready(started)
    for (const path of ['/products/999999999999', '/products/x', '/orders/1', '/nothing'])
      expect((await fetch(`${started.url}${path}`)).status).toBe(404)
  })

  test('one release answers five pages in a hundred with an error, and is healthy', async () => {
    const faulty = await shop('v2.0.0-rc.2')
    await ready(faulty)
    const statuses = []
    for (let turn = 0; turn < 40; turn += 1) statuses.push((await fetch(faulty.url)).status)
    expect(statuses.filter((status) => status === 500)).toHaveLength(2)
  })

  test('when told to stop it finishes what it is answering and ends', async () => {
    const started = await shop('v1.7.3')
    await ready(started)
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await client.query('begin; lock table products in access exclusive mode')
    const page = fetch(started.url)
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'storefront v1.7.3'`
    await waitFor('the page to wait for the database', async () => ((await client.query(waiting)).rowCount ?? 0) > 0)
    const stopped = started.stop()
    await waitFor('no new connections', () =>
      fetch(`${started.url}/healthz`).then(
        () => false,
        () => true,
      ),
    )
    await client.query('commit')
    await client.end()
    const answer = await page
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close'])
    const code = await stopped
    expect(code).toBe(0)
  })
})
