import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archived, rowsOf } from '../../support/backups/engine-rig.js'
import { acceptedRun, refusalIn } from '../../support/desk-world.js'
import { optIn, requirePart } from '../../support/parts.js'
import { evidenceOf, folderSwap, type LiveShop, openLiveShop } from '../../support/restores/live-shop.js'

const program = optIn('restores') && requirePart('postgresql') ? requirePart('pgbackrest') : null

describe.skipIf(!program)('a restore on a real server with pgBackRest, folder for folder', () => {
  let shop: LiveShop
  let first = 0
  let whileRestored = ''
  beforeAll(async () => {
    shop = await openLiveShop(program ?? '')
    await shop.open(folderSwap(shop.rig))
  }, 180_000)
  afterAll(() => shop?.close())

  test('a dropped table comes back as it was just before, once a second person signed off; the old data is kept', async () => {
    const before = await shop.moment()
    await rowsOf(shop.url, 'drop table orders')
    const asks = await shop.asked(`shop ${before}`)
    first = asks.run.id
    expect(evidenceOf(asks, 'compare')).toBe('1 table differs: orders: not there → 500')
    expect(evidenceOf(asks, 'rows')).toMatch(/600 rows in 2 tables/)
    expect(asks.run.plan?.headline.notes).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^will lose .+ of writes: .+ → now$/),
        'until it is back: not known, since no restore of it was rehearsed',
        'the whole server goes back, every database of it, not only shop',
      ]),
    )
    expect(await shop.isThere('orders')).toBe(false)
    expect(refusalIn(await shop.press('approve', asks, 'U0MARCO')).why).toMatch(/the person who asks never approves/)
    await shop.press('approve', asks, 'U0MINA')
    const done = await shop.ended(first, 'done')
    expect(await shop.count('orders')).toBe(500)
    expect(evidenceOf(done, 'live')).toBe('2 tables with 600 rows, as verified')
    expect(existsSync(`${shop.rig.server.data}.before-${first}`)).toBe(true)
    expect(await shop.yard.left()).toEqual([])
    await rowsOf(shop.url, 'insert into orders values (501, 1)')
    whileRestored = await shop.moment()
    await rowsOf(shop.url, 'insert into orders values (502, 1)')
    await archived(shop.url)
    expect(await rowsOf(shop.url, `select current_setting('archive_mode') as mode`)).toEqual([{ mode: 'on' }])
  }, 240_000)

  test('the way back puts the old data in its place again and keeps what was restored', async () => {
    const run = await shop.approved(`undo ${first} shop`)
    await shop.ended(run, 'done')
    expect(await shop.isThere('orders')).toBe(false)
    expect(existsSync(`${shop.rig.server.data}.restored-${first}`)).toBe(true)
    const again = await shop.ended(acceptedRun(await shop.say(`undo ${first} shop`)), 'refused')
    expect(again.run.reason?.text).toMatch(/left no old data behind/)
  }, 400_000)

  test('after the way back its own latest moment can be had, and so can what was taken back; who rejects leaves nothing behind', async () => {
    for (const [point, differs] of [
      ['latest', 'the one table has as many rows in both'],
      // At that moment the database let nobody in.
      [`name before_restore_${first}`, 'the one table has as many rows in both'],
      [whileRestored, '1 table differs: orders: not there → 501'],
    ] as const) {
      const asks = await shop.asked(`shop ${point}`)
      expect(evidenceOf(asks, 'compare')).toMatch(differs)
      await shop.press('reject', asks, 'U0MINA')
      await shop.ended(asks.run.id, 'undone')
      expect(await shop.yard.left()).toEqual([])
      expect(await shop.count('customers')).toBe(100)
    }
  }, 400_000)

  test('a moment that cannot be had is refused before anything is done', async () => {
    const { run } = await shop.ended(acceptedRun(await shop.say('shop 2020-01-01T00:00:00Z')), 'refused')
    expect(run.reason?.text).toMatch(/^it is before /)
    expect(refusalIn(await shop.say('shop 2099-01-01T00:00:00Z')).code).toBe('restore-in-future')
  }, 60_000)
})
