import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
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

beforeAll(async () => {
  shop = await openEmbeddedShop({ text: secondPerson })
  world = await createDeskWorld({ text: shop.text, backups: embeddedSide(shop), checks: [visitors()] })
}, 180_000)

afterAll(async () => {
  await world?.close()
  await shop?.close()
})

const say = (command: string, text: string, who = 'U0MARCO') => world.desk.say(text, command, asker(who))
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
  const asks = await patient(world).asks(run)
  expect(evidence(asks, 'compare')).toBe('1 table differs: orders: not there now → 2,345 then')
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
  const card = textOf(runCard(done, new Date()))
  expect(card).toContain('Restore of *shop* in *prod* is live. The data before it is kept.')
  expect(card).toMatch(/will lose .+ of writes: .+ → now/)
  expect(card).toMatch(/✓ what it took: whole again after .+; the application was paused for /)
}, 300_000)
