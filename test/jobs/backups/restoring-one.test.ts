import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { rowsOf } from '../../support/backups/engine-rig.js'
import { optIn, requirePart } from '../../support/parts.js'
import { evidenceOf, folderSwap, type LiveShop, layOrders, openLiveShop } from '../../support/restores/live-shop.js'
import { bouncerProgram, startPgBouncer } from '../../support/restores/pgbouncer.js'

const wanted = optIn('restores-one') && existsSync(bouncerProgram) && requirePart('postgresql')
const program = wanted ? requirePart('pgbackrest') : null

describe.skipIf(!program)('restores on a real server with pgBackRest', () => {
  let shop: LiveShop
  let bouncer: Awaited<ReturnType<typeof startPgBouncer>>
  beforeAll(async () => {
    shop = await openLiveShop(program ?? '')
    bouncer = await startPgBouncer(shop.rig.server)
  }, 240_000)
  afterEach(() => shop?.shut())
  afterAll(async () => {
    await bouncer?.stop()
    await shop?.close()
  })

  test('one database goes back and no other; readers behind PgBouncer get no error, and its settings and rights stay', async () => {
    const restore = '      swap: { database: {} }\n      pause: { pgbouncer: { admin: env:BOUNCER, within: 20s } }\n'
    await shop.open(restore, { 'env:BOUNCER': bouncer.through('pgbouncer') })
    const { rig, url } = shop
    await rowsOf(rig.url, 'create table elsewhere (id int)')
    await rowsOf(rig.url, 'create role reporter login')
    await rowsOf(rig.url, 'revoke connect on database shop from public')
    await rowsOf(rig.url, 'grant connect on database shop to reporter')
    await rowsOf(rig.url, `alter database shop set search_path = public, pg_catalog`)
    await rowsOf(rig.url, `alter role reporter in database shop set statement_timeout = '7s'`)
    const said = await saidOf()
    const at = await shop.moment()
    await rowsOf(url, 'drop table orders')
    await rowsOf(rig.url, 'insert into elsewhere values (1)')
    const visitors = readersOn(bouncer.through('shop'))
    const run = await shop.approved(`shop ${at}`)
    const done = await shop.ended(run, 'done')
    const { answers, errors } = await visitors.stop()
    expect(errors).toEqual([])
    expect(answers).toBeGreaterThan(10)
    expect(evidenceOf(done, 'close')).toBe('its clients wait')
    expect(evidenceOf(done, 'live')).toBe('2 tables with 600 rows, as verified')
    expect(await shop.count('orders')).toBe(500)
    expect(await rowsOf(rig.url, 'select id from elsewhere')).toEqual([{ id: 1 }])
    expect(await saidOf()).toEqual(said)
    await rowsOf(bouncer.through('shop'), 'insert into orders values (501, 1)')
    expect(await databases()).toEqual(['shop', `shop_before_${run}`])
    expect(await shop.yard.left()).toEqual([])

    const back = await shop.approved(`undo ${run} shop`)
    await shop.ended(back, 'done')
    expect(await shop.isThere('orders')).toBe(false)
    expect(await databases()).toEqual(['shop', `shop_undone_${run}`])
    expect(await rowsOf(bouncer.through('shop'), 'select count(*)::int as n from customers')).toEqual([{ n: 100 }])
    // As it was, for the tests below.
    await rowsOf(url, layOrders)
    await rowsOf(rig.url, 'alter database shop reset all')
  }, 600_000)

  test('an application that cannot be let in again has its old data back, and is let in on that', async () => {
    const { rig, url } = shop
    const state = join(rig.server.dir, 'application')
    const script = (name: string, line: string) => {
      const path = join(rig.server.dir, `app-${name}`)
      writeFileSync(path, `#!/bin/sh\n${line}\n`)
      chmodSync(path, 0o755)
      return `{ run: [${path}] }`
    }
    const told = (what: string) => `echo ${what} >> ${state}; echo the application is ${what}`
    await shop.open(
      `${folderSwap(rig)}      pause:
        commands:
          close: ${script('close', told('closed'))}
          readOnly: ${script('read-only', 'echo nobody can log in; exit 3')}
          open: ${script('open', told('open'))}
`,
    )
    const at = await shop.moment()
    await rowsOf(url, 'delete from orders where id > 100')
    const run = await shop.approved(`shop ${at}`)
    const undone = await shop.ended(run, 'undone')
    expect(evidenceOf(undone, 'swap')).toMatch(/^the restored data serves/)
    expect(evidenceOf(undone, 'undo-swap')).toMatch(/^the old data serves again; what was restored is kept as /)
    expect(readFileSync(state, 'utf8')).toBe('closed\nopen\n')
    expect(await shop.count('orders')).toBe(100)
    await rowsOf(url, 'insert into orders values (501, 1)')
    expect(existsSync(`${rig.server.data}.restored-${run}`)).toBe(true)
    expect(existsSync(`${rig.server.data}.next-${run}`)).toBe(false)
    expect(await shop.yard.left()).toEqual([])
  }, 600_000)

  test('rows of single tables come back beside what is new, once a second person saw them; the rest is as it is', async () => {
    await shop.open(folderSwap(shop.rig))
    const { url } = shop
    await rowsOf(
      url,
      `create table moods (id int primary key generated always as identity, mood text, "of" numrange, raw bytea, twice int generated always as (length(mood) * 2) stored)`,
    )
    await rowsOf(
      url,
      `insert into moods (mood, "of", raw) values ('a, "b"', '[1,2)', '\\x00ff'), (null, null, null), ('', 'empty', '')`,
    )
    await rowsOf(url, 'delete from orders where id > 400')
    const at = await shop.moment()
    await rowsOf(url, `update orders set customer = 1 where id <= 10; delete from orders where id between 11 and 60`)
    await rowsOf(url, `delete from moods; insert into orders values (900, 5)`)
    const asks = await shop.asked(`tables shop orders,moods ${at}`)
    const run = asks.run.id
    expect(evidenceOf(asks, 'review')).toMatch(
      /^orders: 50 gone, 10 changed, 1 new since; moods: 3 gone, 0 changed, 0 new since, in the schema shipmate_review_\d+$/,
    )
    expect(evidenceOf(asks, 'shown')).toMatch(/^53 rows come back; 10 that changed stay as they are now; to look at: /)
    await shop.press('approve', asks, 'U0MINA')
    const done = await shop.ended(run, 'done')
    expect(evidenceOf(done, 'merge')).toBe('orders: 50 added, 0 set back; moods: 3 added, 0 set back')
    expect(evidenceOf(done, 'merged')).toBe('every row of the review is in its table')
    expect(await shop.count('orders')).toBe(101)
    expect(await rowsOf(url, 'select mood, "of"::text, raw, twice from moods order by id')).toEqual([
      { mood: 'a, "b"', of: '[1,2)', raw: Buffer.from([0, 255]), twice: 12 },
      { mood: null, of: null, raw: null, twice: null },
      { mood: '', of: 'empty', raw: Buffer.from([]), twice: 0 },
    ])

    const all = await shop.approved(`tables shop orders ${at} and changes`)
    await shop.ended(all, 'done')
    const [wrong] = await rowsOf<{ n: number }>(
      url,
      'select count(*)::int as n from orders where id <= 400 and customer <> 1 + id % 100',
    )
    expect(wrong?.n).toBe(0)
    expect(await rowsOf(url, `select count(*)::int as n from shipmate_review_${all}.orders_before`)).toEqual([
      { n: 10 },
    ])
  }, 600_000)

  const databases = async () =>
    (
      await rowsOf<{ name: string }>(
        shop.rig.url,
        `select datname as name from pg_database where datname like 'shop%' order by 1`,
      )
    ).map(({ name }) => name)
  const saidOf = () =>
    rowsOf(
      shop.rig.url,
      `select array(select one::text from unnest(d.datacl) one order by 1) as rights, (select array_agg(s.setconfig::text order by s.setconfig::text) from pg_db_role_setting s where s.setdatabase = d.oid)::text as settings
         from pg_database d where datname = 'shop'`,
    )
})

/** Visitors that read without a pause, each over one connection that they keep. */
function readersOn(url: string) {
  let [going, answers] = [true, 0]
  const errors: string[] = []
  const one = async () => {
    const client = new pg.Client({ connectionString: url })
    client.on('error', (error) => errors.push(error.message))
    await client.connect()
    while (going) {
      await client.query('select count(*) from customers').then(
        () => {
          answers += 1
        },
        (error: Error) => errors.push(error.message),
      )
      await new Promise((passed) => setTimeout(passed, 10))
    }
    await client.end()
  }
  const all = [one(), one()]
  return {
    async stop() {
      going = false
      await Promise.all(all)
      return { answers, errors: [...new Set(errors)] }
    },
  }
}
