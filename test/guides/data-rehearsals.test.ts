import { afterEach, beforeEach, expect, test } from 'vitest'
import { acceptedRun, asker, shown } from '../support/desk-world.js'
import { follow } from '../support/rehearsal/following.js'
import { expectFound, expectHonest, expectRepaired } from '../support/rehearsal/proofs.js'
import { openRehearsal, type RehearsalWorld } from '../support/rehearsal/world.js'
import { patient } from '../support/restores/patient.js'

// What is lost is lost on a real server, and comes back out of real backups; hosts are in memory, so what a migration says
// is sent by these tests, right after the deploy that would have sent it.

let world: RehearsalWorld
// A place of its own for each: what one skips of the time of day would be the future of the next one's data.
beforeEach(async () => {
  world = await openRehearsal({ backups: true })
}, 240_000)
afterEach(() => world?.close(), 240_000)

const limit = { timeout: 400_000 }
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

async function sql<Row = object>(text: string): Promise<Row[]> {
  const client = await world.place.shop.connect('psql')
  const { rows } = await client.query(text)
  await client.end()
  return rows
}

/** What Ivy types, and the run that comes of it in the end. */
async function run(command: string, words: string): Promise<number> {
  const id = acceptedRun(await world.desk.say(words, command, asker('U0IVY')))
  await patient(world).ended(id, 'done')
  return id
}

/** Asks for the restore as the form does, has Mina sign off on what came back, and waits until it is live. */
async function broughtBack(to: { point?: string; moment?: string }): Promise<void> {
  const [incident] = await world.store.incidents.rows.list({ state: 'open', limit: 1 })
  const known = { incident: String(incident?.id), database: 'shop', ...to }
  const form = await world.desk.form('restore', known, asker('U0IVY'))
  const values = Object.fromEntries(form.fields.map(({ name, value }) => [name, value ?? '']))
  const reply = await world.desk.submitForm('restore', { ...values, ...known, confirmed: 'shop' }, asker('U0IVY'))
  const asks = await patient(world).asks(acceptedRun(reply))
  expect(asks.steps.find(({ key }) => key === 'compare')?.evidence?.summary).toMatch(/stock: not there → 2/)
  await world.desk.press({ name: 'approve', ...shown(asks) }, asker('U0MINA'))
  await patient(world).ended(asks.run.id, 'done')
}

const standing = async () => JSON.stringify(await world.desk.say('status', 'backup', asker('U0IVY')))

test(
  'lost-data is gone through to its end: a table was dropped, and comes back with what only the WAL has',
  limit,
  async () => {
    await run('backup', 'shop full')
    await sql('insert into stock values (2, 7)')
    // Moments are typed to the second.
    await pause(1_100)
    const moment = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}`
    await pause(1_100)
    await sql('drop table stock')
    const followed = await follow(world, 'lost-data', {
      answers: { worse: 'no', way: 'bring-it-back' },
      heal: { restore: () => broughtBack({ moment }) },
    })
    expect(followed.view.run.state).toBe('done')
    expectFound(followed, { probe: /answered 500/ })
    expect(followed.step('probe-again').state).toBe('passed')
    expect(followed.step('by-hand').state).toBe('skipped')
    expect(await sql('select id, left_over from stock order by id')).toEqual([
      { id: 1, left_over: 5 },
      { id: 2, left_over: 7 },
    ])
    expectHonest(followed)
  },
)

test(
  'bad-migration is gone through to its end: a migration dropped a table; the version goes back, and then the data',
  limit,
  async () => {
    await run('backup', 'shop full')
    await sql('insert into stock values (2, 7)')
    await pause(1_100)
    const deploy = await run('deploy', 'prod v1.8.0')
    await sql('drop table stock')
    const followed = await follow(world, 'bad-migration', {
      answers: { did: 'it-took-something-away' },
      heal: { restore: () => broughtBack({ point: `before ${deploy}` }) },
    })
    expect(followed.view.run.state).toBe('done')
    expectFound(followed, { probe: /answered 500/ })
    expect(followed.children.map(({ run: { intent, state } }) => [intent.job, state])).toContainEqual([
      'rollback',
      'done',
    ])
    expect(followed.step('proof').state).toBe('passed')
    expect(await sql('select id, left_over from stock order by id')).toEqual([
      { id: 1, left_over: 5 },
      { id: 2, left_over: 7 },
    ])
    expectHonest(followed)
  },
)

test(
  'bad-migration is gone through to its end: a migration never ends, and everybody waits behind it',
  limit,
  async () => {
    const [migration, web] = [await world.place.shop.connect('migration'), await world.place.shop.connect('web')]
    await migration.query('begin')
    await migration.query('alter table stock add column note text')
    migration.query('select pg_sleep(600)').catch(() => null)
    web.query('select left_over from stock').catch(() => null)
    await pause(1_500)
    const followed = await follow(world, 'bad-migration', { answers: { did: 'it-never-ended', 'roll-back': 'skip' } })
    expect(followed.view.run.state).toBe('done')
    expectFound(followed, { locks: /\(migration, active\) blocks/ })
    expectRepaired(followed, 'cancel')
    expect(await sql(`select 1 from information_schema.columns where column_name = 'note'`)).toEqual([])
    expectHonest(followed)
  },
)

test(
  'backup-failed is gone through to its end: nothing can be stored; put right, a full backup is taken and proven',
  limit,
  async () => {
    const { stored } = world.place
    stored?.takeAway()
    const failed = acceptedRun(await world.desk.say('shop full', 'backup', asker('U0IVY')))
    // Found before anything was done.
    await patient(world).ended(failed, 'refused')
    let said = ''
    const followed = await follow(world, 'backup-failed', {
      answers: { why: 'a-backup-did-not-work' },
      heal: {
        status: async () => {
          said = await standing()
          stored?.putBack()
        },
        take: () => run('backup', 'shop full'),
        drill: () => run('restore', 'drill shop'),
      },
    })
    expect(followed.view.run.state).toBe('done')
    expect(said).toContain('"backups":[]')
    for (const key of ['archive', 'schedule', 'room']) expect(followed.step(key).state, key).toBe('skipped')
    const proven = (await world.store.backups.backups('shop', 10)).filter(({ provenAt }) => provenAt !== null)
    expect(proven).toHaveLength(1)
    expectHonest(followed)
  },
)
