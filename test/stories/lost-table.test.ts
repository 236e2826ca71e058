import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type KeeperParts, keepOne } from '../../src/jobs/incidents/keeping.js'
import { silentLog } from '../../src/log.js'
import type { RunView } from '../../src/runs/run.js'
import { runCard } from '../../src/slack/cards/run-card.js'
import { incidentCard } from '../../src/slack/incidents/incident-card.js'
import { settings } from '../incidents/scene.js'
import { buttonsIn, textOf } from '../slack/text-of.js'
import { rowsOf } from '../support/backups/engine-rig.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, shown } from '../support/desk-world.js'
import { type EmbeddedShop, embeddedSide, openEmbeddedShop } from '../support/restores/embedded-shop.js'
import { patient } from '../support/restores/patient.js'
import { secondPerson, visitors } from '../support/restores/people.js'

// The shop's server, its backups, the scratch, the swap and the desk are real; its hosts are in memory, so the statement of
// the migration is sent by this test, right after the deploy that would have sent it.

let shop: EmbeddedShop
let world: DeskWorld
let restored = 0

beforeAll(async () => {
  shop = await openEmbeddedShop({ text: secondPerson })
  world = await createDeskWorld({ text: shop.text, backups: embeddedSide(shop), checks: [visitors()] })
}, 180_000)

afterAll(async () => {
  await world?.close()
  await shop?.close()
})

const say = (command: string, text: string, who = 'U0MARCO') => world.desk.say(text, command, asker(who))
const look = (id: number) => keepOne(keeper(), id, new AbortController().signal)
function keeper(): KeeperParts {
  const { incidents, desk, signals, leadership } = world.store
  return {
    ...{ catalogue: world.catalogue, store: incidents.rows, reads: incidents.reads, runs: desk, signals, leadership },
    ...{ abilities: world.abilities, clues: { own: [], outside: [] }, gateChecks: () => [], chores: [], rounds: [] },
    ...{ roundEvery: 1_000, clock: world.clock, log: silentLog },
  }
}
const approve = (view: RunView, who: string) => world.desk.press({ name: 'approve', ...shown(view) }, asker(who))
const evidence = (view: RunView, key: string) => view.steps.find((step) => step.key === key)?.evidence?.summary

/** What the button of the incident's card carries, once the deploy is suspected: looking for suspects is tried elsewhere. */
async function recoverData(incident: number, deploy: number): Promise<{ [field: string]: string }> {
  const view = await world.store.incidents.rows.view(incident)
  if (!view) throw new Error('the incident is there')
  const suspect = { key: `run:${deploy}`, kind: 'deploy' as const, text: `deploy #${deploy}`, score: 0.9, run: deploy }
  const suspects = [{ ...suspect, evidence: [], at: new Date() }]
  const card = incidentCard({ ...view, suspects }, { now: new Date(), settings, guide: null, restorable: 'shop' })
  const button = buttonsIn(card).find(({ label }) => label === 'Recover data…')
  return JSON.parse(button?.value ?? '{}').known
}

test('a bad migration drops a table; from the incident people bring it back as it was just before, and nothing older is lost', async () => {
  await patient(world).ended(acceptedRun(await say('backup', 'shop full')), 'done')
  // Written after the backup: only the WAL has it.
  await rowsOf(shop.url, 'insert into orders (customer) select 7 from generate_series(1, 345)')

  const deploy = acceptedRun(await say('deploy', 'prod v1.8.0'))
  await approve(await patient(world).asks(deploy), 'U0MINA')
  await patient(world).ended(deploy, 'done')
  await rowsOf(shop.url, 'drop table orders')
  await say('incident', 'prod SEV2 orders are gone')
  const [incident] = await world.store.incidents.rows.list({ state: 'open', limit: 1 })

  const known = await recoverData(incident?.id ?? 0, deploy)
  expect(known).toEqual({ incident: String(incident?.id), database: 'shop', point: `before ${deploy}` })
  const form = await world.desk.form('restore', known, asker('U0MARCO'))
  expect(form.fields.find(({ name }) => name === 'point')?.value).toBe(`before ${deploy}`)
  expect(form.intro).toMatch(/^Goes back to just before #\d+ \(storefront v1\.8\.0\): will lose .+ → now\./)
  expect(world.desk.mistakeIn('restore', { ...known, confirmed: 'shpo' })).toMatchObject({ field: 'confirmed' })
  const reply = await world.desk.submitForm('restore', { ...known, confirmed: 'shop' }, asker('U0MARCO'))
  const run = acceptedRun(reply)
  restored = run
  const asks = await patient(world).asks(run)
  expect(evidence(asks, 'compare')).toBe('1 table differs: orders: not there → 2,345')
  expect(evidence(asks, 'invariants')).toBe('the one of the operator’s file')
  await approve(asks, 'U0MINA')
  const done = await patient(world).ended(run, 'done')

  expect(await rowsOf(shop.url, 'select count(*)::int as orders from orders')).toEqual([{ orders: 2345 }])
  await rowsOf(shop.url, 'insert into orders (customer) values (7)')
  // Its own backup follows: what serves now has a history of its own.
  const [backup] = await world.store.desk.list({ limit: 1 })
  expect(backup).toMatchObject({ parent: run, intent: { job: 'backup', input: { kind: 'full' } } })
  await patient(world).ended(backup?.id ?? 0, 'done')
  expect(existsSync(`${shop.data}.before-${run}`)).toBe(true)
  expect(done.run.plan?.headline.notes[0]).toMatch(new RegExp(`^to .+, just before #${deploy}$`))
  expect(evidence(done, 'scratch')).toMatch(/connections accepted after/)
  const view = await world.store.incidents.rows.view(incident?.id ?? 0)
  expect(view?.runs).toContainEqual(expect.objectContaining({ run, part: 'recovery' }))
  expect(evidence(done, 'reachable')).toMatch(/ can be had: will lose .+ of writes$/)
  expect(evidence(done, 'live')).toBe('2 tables with 2,445 rows, as verified')
  expect(evidence(done, 'figures')).toMatch(
    /^whole again after .+ of it until people had signed off; the application was paused for .+$/,
  )
  // Right before the swap, with the database closed: the last WAL of the server that was replaced is in the storage. There the
  // table is gone, so what must hold cannot even be asked, and people are.
  const before = await patient(world).asks(acceptedRun(await say('restore', `shop name before_restore_${run}`)))
  expect(evidence(before, 'rows')).toMatch(/^100 rows in 1 table/)
  const ask = before.steps.find(({ step, state }) => step.verb === 'ask' && state === 'waiting')
  const undo = { name: 'choose' as const, answer: 'undo', reason: 'only looked at', ...shown(before, ask?.key) }
  await world.desk.press(undo, asker('U0MARCO'))
  await patient(world).ended(before.run.id, 'undone')
  for (const _ of [1, 2]) await look(incident?.id ?? 0)
  const [draft, ...more] = (await world.store.incidents.rows.view(incident?.id ?? 0))?.updates ?? []
  expect(more).toEqual([])
  expect(draft).toMatchObject({ audience: ['stakeholders'], draftedBy: { id: 'shipmate' }, publishedAt: null })
  expect(draft?.text).toMatch(/^Data of storefront was lost and is back as it was at .+ \(Europe\/Rome\)\./)
  expect(draft?.text).toMatch(/What was entered between then and .+ is missing/)
  const card = textOf(runCard(done, new Date()))
  expect(card).toContain('Restore of *shop* in *prod* is live. The data before it is kept.')
  expect(card).toMatch(/What was written from .+ to .+ is only in the kept data\./)
  expect(card).toContain('orders: not there → 2,345')
  expect(card).not.toContain('will lose')
  expect(card).toMatch(/✓ what it took: whole again after .+; the application was paused for /)
}, 300_000)

test('from the incident rows of one table come back while the shop runs, and /restore undo takes them out again but for those that changed', async () => {
  const orders = async () => (await rowsOf<{ n: number }>(shop.url, 'select count(*)::int as n from orders'))[0]?.n
  const before = await orders()
  const moment = new Date()
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  await rowsOf(shop.url, 'delete from orders where id <= 30')
  const [incident] = await world.store.incidents.rows.list({ state: 'open', limit: 1 })
  const known = { incident: String(incident?.id), database: 'shop', moment: moment.toISOString(), tables: ' orders, ' }
  const form = await world.desk.form('restore', known, asker('U0MARCO'))
  const values = Object.fromEntries(form.fields.map(({ name, value }) => [name, value ?? '']))
  expect(values).toMatchObject({ tables: ' orders, ', merge: 'gone' })
  const given = { ...values, ...known, confirmed: 'shop' }
  expect(world.desk.mistakeIn('restore', { ...given, tables: 'drop table' })).toBeNull()
  expect(world.desk.mistakeIn('restore', { ...given, tables: 'a-b' })).toMatchObject({ field: 'tables' })
  const run = acceptedRun(await world.desk.submitForm('restore', given, asker('U0MARCO')))
  const asks = await patient(world).asks(run)
  expect(asks.run.intent).toMatchObject({ job: 'tables', input: { tables: ['orders'], merge: 'gone' } })
  expect((await world.store.incidents.rows.view(incident?.id ?? 0))?.runs).toContainEqual({ run, part: 'recovery' })
  await approve(asks, 'U0MINA')
  await patient(world).ended(run, 'done')
  expect(await orders()).toBe(before)
  await rowsOf(shop.url, `update orders set note = 'called the customer' where id = 7`)

  const undo = acceptedRun(await say('restore', `undo ${run} shop`))
  const back = await patient(world).asks(undo)
  expect(back.run.plan?.headline.notes).toContain(
    'only where nobody changed them since; the application goes on meanwhile',
  )
  await approve(back, 'U0MINA')
  const done = await patient(world).ended(undo, 'done')
  expect(evidence(done, 'unmerge')).toBe(
    '29 rows are as before the merge (orders: 30 added, 0 set back); 1 was changed since and stays',
  )
  expect(await rowsOf(shop.url, 'select id::int, note from orders where id <= 30')).toEqual([
    { id: 7, note: 'called the customer' },
  ])
  expect(textOf(runCard(done, new Date()))).toContain('Merge into *shop* in *prod* is taken back')
  const again = await patient(world).ended(acceptedRun(await say('restore', `undo ${run} shop`)), 'refused')
  expect(again.run.reason?.text).toMatch(/was taken back already/)
}, 300_000)

test('/restore undo puts the data back that the restore replaced, and keeps what was restored', async () => {
  const run = acceptedRun(await say('restore', `undo ${restored} shop`))
  const asks = await patient(world).asks(run)
  expect(asks.run.plan?.headline.notes).toContain(`to the data that #${restored} replaced`)
  await approve(asks, 'U0MINA')
  await patient(world).ended(run, 'done')
  expect(await rowsOf(shop.url, `select to_regclass('orders') as orders`)).toEqual([{ orders: null }])
  expect(existsSync(`${shop.data}.restored-${restored}`)).toBe(true)
  const [backup] = await world.store.desk.list({ limit: 1 })
  await patient(world).ended(backup?.id ?? 0, 'done')
}, 300_000)
