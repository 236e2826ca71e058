import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunView } from '../../../src/runs/run.js'
import { rowsOf } from '../../support/backups/engine-rig.js'
import { installedPostgres } from '../../support/backups/local-server.js'
import { type PgBackRestRig, pgBackRestRig } from '../../support/backups/pgbackrest-rig.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, refusalIn, shown } from '../../support/desk-world.js'
import { optIn } from '../../support/parts.js'
import {
  database,
  folderRestore,
  openShop,
  restoreText,
  shopYard,
  sideOf,
  visitors,
} from '../../support/restores/live-shop.js'
import { patient } from '../../support/restores/patient.js'

const bin = installedPostgres()
const program = '/usr/bin/pgbackrest'
const there = optIn('restores') && bin !== null && existsSync(program)

describe.skipIf(!there)('a restore on a real server with pgBackRest, folder for folder', () => {
  let rig: PgBackRestRig
  let world: DeskWorld
  let url = ''
  let first = 0
  beforeAll(async () => {
    rig = await pgBackRestRig(bin ?? '', program, { ownDisk: false })
    await openShop(rig)
    url = database(rig.url)
    const text = restoreText(rig, folderRestore(rig))
    world = await createDeskWorld({ text, backups: sideOf(rig, text), checks: [visitors('answers')] })
  }, 180_000)
  afterAll(async () => {
    await world?.close()
    await rig?.close()
  })

  const say = (words: string, who = 'U0MARCO') => world.desk.say(words, 'restore', asker(who))
  const count = async (table: string) =>
    Number((await rowsOf<{ n: string }>(url, `select count(*) as n from ${table}`))[0]?.n)
  const evidence = (view: RunView, key: string) => view.steps.find((step) => step.key === key)?.evidence?.summary

  test('a dropped table comes back as it was just before, once a second person signed off; the old data is kept', async () => {
    const [before] = await rowsOf<{ at: Date }>(url, 'select clock_timestamp() as at')
    await new Promise((resolve) => setTimeout(resolve, 50))
    await rowsOf(url, 'drop table orders')
    const run = acceptedRun(await say(`shop ${before?.at.toISOString()}`))
    first = run
    const asks = await patient(world).asks(run)
    expect(evidence(asks, 'compare')).toBe('1 table differs: orders: not there → 500')
    expect(evidence(asks, 'rows')).toMatch(/600 rows in 2 tables/)
    expect(asks.run.plan?.headline.notes).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^will lose .+ of writes: .+ → now$/),
        'until it is back: not known, since no restore of it was rehearsed',
        'the whole server goes back, every database of it, not only shop',
      ]),
    )
    expect(await rowsOf(url, `select to_regclass('orders') as orders`)).toEqual([{ orders: null }])
    const own = await world.desk.press({ name: 'approve', ...shown(asks) }, asker('U0MARCO'))
    expect(refusalIn(own).why).toMatch(/the person who asks never approves/)
    await world.desk.press({ name: 'approve', ...shown(asks) }, asker('U0MINA'))
    const done = await patient(world).ended(run, 'done')
    expect(await count('orders')).toBe(500)
    expect(evidence(done, 'live')).toBe('2 tables with 600 rows, as verified')
    expect(existsSync(`${rig.server.data}.before-${run}`)).toBe(true)
    expect(await shopYard(rig).left()).toEqual([])
    await rowsOf(url, 'insert into orders values (501, 1)')
    expect(await rowsOf(url, `select current_setting('archive_mode') as mode`)).toEqual([{ mode: 'on' }])
  }, 240_000)

  test('the way back puts the old data in its place again and keeps what was restored', async () => {
    const run = acceptedRun(await say(`undo ${first} shop`))
    const asks = await patient(world).asks(run)
    await world.desk.press({ name: 'approve', ...shown(asks) }, asker('U0MINA'))
    await patient(world).ended(run, 'done')
    expect(await rowsOf(url, `select to_regclass('orders') as orders`)).toEqual([{ orders: null }])
    expect(existsSync(`${rig.server.data}.restored-${first}`)).toBe(true)
    const again = await patient(world).ended(acceptedRun(await say(`undo ${first} shop`)), 'refused')
    expect(again.run.reason?.text).toMatch(/left no old data behind/)
  }, 400_000)

  test('who rejects leaves nothing behind, and the live data is as it was', async () => {
    const run = acceptedRun(await say('shop latest'))
    const asks = await patient(world).asks(run)
    await world.desk.press({ name: 'reject', reason: 'not now', ...shown(asks) }, asker('U0MINA'))
    await patient(world).ended(run, 'undone')
    expect(await shopYard(rig).left()).toEqual([])
    expect(await count('customers')).toBe(100)
  }, 400_000)

  test('a moment that cannot be had is refused before anything is done', async () => {
    const run = acceptedRun(await say('shop 2020-01-01T00:00:00Z'))
    const { run: ended } = await patient(world).ended(run, 'refused')
    expect(ended.reason?.text).toMatch(/^it is before /)
    expect(refusalIn(await say('shop 2099-01-01T00:00:00Z')).code).toBe('restore-in-future')
  }, 60_000)
})
