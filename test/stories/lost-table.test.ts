import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBackupSide } from '../../src/app/backups/engines.js'
import { createSurroundings } from '../../src/app/backups/surroundings.js'
import { systemClock } from '../../src/clock.js'
import { silentLog } from '../../src/log.js'
import type { RunView } from '../../src/runs/run.js'
import { startEmbeddedPostgres } from '../../src/store/embedded.js'
import { rowsOf } from '../support/backups/engine-rig.js'
import { backedUpText } from '../support/backups/plain-place.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, shown } from '../support/desk-world.js'
import { optIn } from '../support/parts.js'
import { secondPerson } from '../support/restores/live-shop.js'
import { patient } from '../support/restores/patient.js'
import { shopCatalogue } from '../support/shop.js'

// The shop's server, its backups, the scratch, the swap and the desk are real; its hosts are in memory, so the statement of
// the migration is sent by this test, right after the deploy that would have sent it.

const settings = ['fsync=off', 'summarize_wal=on', 'max_wal_size=256MB', 'wal_level=replica']
const script = new URL('../../dist/test/support/restores/server.js', import.meta.url).pathname

const asked = optIn('lost-table')

let folder: string
let dir: string
let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>
let world: DeskWorld

const words = (what: 'stop' | 'start') =>
  JSON.stringify([process.execPath, script, what, dir, ...(what === 'start' ? settings : [])])

const policy = () => `    proven: never
    beforeMigrations: false
    scratch: { folder: ${folder}/scratch, superuser: shipmate }
    drill: { invariants: [{ name: every order has a customer, sql: select count(*) from orders where customer is null, max: 0 }] }
    restore:
      swap:
        folder:
          data: ${dir}/data
          stop: { run: ${words('stop')}, within: 30s }
          start: { run: ${words('start')}, within: 30s }
`

beforeAll(async () => {
  if (!asked) return
  folder = mkdtempSync(join(tmpdir(), 'shipmate-lost-'))
  // PostgreSQL runs as another user than root, who has to get through.
  chmodSync(folder, 0o755)
  server = await startEmbeddedPostgres({ dir: join(folder, 'shop'), settings, log: silentLog })
  dir = server.dir
  await rowsOf(server.url, 'create database shop')
  const text = secondPerson(backedUpText(policy()).replace('/srv/backups', join(folder, 'stored')))
  const env = { SHOP_DATABASE_READ: shop(), SHOP_DATABASE_ACT: shop() }
  const catalogue = shopCatalogue(text)
  const side = createBackupSide({ catalogue, env, clock: systemClock, log: silentLog })
  const surroundings = createSurroundings(catalogue, async () => shop())
  world = await createDeskWorld({ text, backups: { ...side, surroundings } })
  await rowsOf(shop(), 'create table customers (id int primary key)')
  await rowsOf(shop(), 'create table orders (id bigserial primary key, customer int references customers)')
  await rowsOf(shop(), 'insert into customers select generate_series(1, 100)')
  await rowsOf(shop(), 'insert into orders (customer) select 1 + i % 100 from generate_series(1, 2000) i')
}, 180_000)

afterAll(async () => {
  await world?.close()
  await server?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

function shop(): string {
  const url = new URL(server.url)
  url.pathname = '/shop'
  return url.href
}

const say = (command: string, text: string, who = 'U0MARCO') => world.desk.say(text, command, asker(who))
const approve = (view: RunView, who: string) => world.desk.press({ name: 'approve', ...shown(view) }, asker(who))
const evidence = (view: RunView, key: string) => view.steps.find((step) => step.key === key)?.evidence?.summary

test.skipIf(!asked)(
  'a bad migration drops a table; from the incident people bring it back as it was just before, and nothing older is lost',
  async () => {
    await patient(world).ended(acceptedRun(await say('backup', 'shop full')), 'done')
    // Written after the backup: only the WAL has it.
    await rowsOf(shop(), 'insert into orders (customer) select 7 from generate_series(1, 345)')

    const deploy = acceptedRun(await say('deploy', 'prod v1.8.0'))
    await approve(await patient(world).asks(deploy), 'U0MINA')
    await patient(world).ended(deploy, 'done')
    await rowsOf(shop(), 'drop table orders')
    await say('incident', 'prod SEV2 orders are gone')
    const [incident] = await world.store.incidents.rows.list({ state: 'open', limit: 1 })

    const known = { incident: String(incident?.id), database: 'shop', point: `before ${deploy}` }
    const form = await world.desk.form('restore', known, asker('U0MARCO'))
    console.log(JSON.stringify(form, null, 1))
    expect(form.fields.find(({ name }) => name === 'point')?.value).toBe(`before ${deploy}`)
    expect(form.intro).toMatch(/^Goes back to just before #\d+ \(storefront v1\.8\.0\): will lose .+ → now\./)
    expect(world.desk.mistakeIn('restore', { ...known, confirmed: 'shpo' })).toMatchObject({ field: 'confirmed' })
    const began = Date.now()
    const reply = await world.desk.submitForm('restore', { ...known, confirmed: 'shop' }, asker('U0MARCO'))
    const run = acceptedRun(reply)
    const asks = await patient(world).asks(run)
    expect(evidence(asks, 'compare')).toBe('1 table differs: orders: not there now → 2,345 then')
    expect(evidence(asks, 'invariants')).toBe('the one of the operator’s file')
    await approve(asks, 'U0MINA')
    const done = await patient(world).ended(run, 'done')
    const rtoMs = Date.now() - began

    expect(await rowsOf(shop(), 'select count(*)::int as orders from orders')).toEqual([{ orders: 2345 }])
    await rowsOf(shop(), 'insert into orders (customer) values (7)')
    expect(existsSync(`${dir}/data.before-${run}`)).toBe(true)
    expect(done.run.plan?.headline.notes[0]).toMatch(new RegExp(`^to .+, just before #${deploy}$`))
    expect(evidence(done, 'scratch')).toMatch(/connections accepted after/)
    const view = await world.store.incidents.rows.view(incident?.id ?? 0)
    expect(view?.runs).toContainEqual(expect.objectContaining({ run, part: 'recovery' }))
    expect(rtoMs).toBeLessThan(120_000)
  },
  300_000,
)
