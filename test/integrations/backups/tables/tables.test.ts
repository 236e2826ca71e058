import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTableRecovery } from '../../../../src/integrations/backups/tables/tables.js'
import { contextFor, rowsOf } from '../../../support/backups/engine-rig.js'
import { bareDatabase, type TestDatabase } from '../../../support/database.js'

// "Then" is a second database here; a restored one goes the same way in test/jobs/backups/restoring-one.test.ts.

let then: TestDatabase
let live: TestDatabase
let run = 0
beforeAll(async () => {
  then = await bareDatabase()
  live = await bareDatabase()
})
afterAll(async () => {
  await rowsOf(live.url, 'drop role if exists looker')
  await then?.drop()
  await live?.drop()
})

const schema = `
  drop schema if exists sales cascade; drop table if exists orders, customers, notes, "Odd ""name""" cascade; drop type if exists mood cascade;
  create type mood as enum ('well', 'ill');
  create schema sales;
  create table customers (id int primary key, name text);
  create table orders (id bigint generated always as identity primary key, customer int references customers, note text, at timestamptz default '2026-03-01 12:00+00');
  create table notes (words text);
  create table sales.lines ("order" int, place int, price numeric(8, 2), primary key ("order", place));
  create table "Odd ""name""" (id uuid primary key, state mood, span interval, bytes bytea, list text[], doc jsonb, part numrange, size double precision, twice int generated always as (cardinality(list) * 2) stored);
  insert into customers select n, 'customer ' || n from generate_series(1, 10) n;
  insert into orders (customer) select 1 + n % 10 from generate_series(1, 2500) n;
  insert into notes values ('one'), ('one'), (null);
  insert into sales.lines select n, 1, n from generate_series(1, 5) n;
  insert into "Odd ""name""" values
    (gen_random_uuid(), 'well', '1 mon 2 days 03:04:05.678901', '\\x00ff10', '{"a,b","c\\"d",NULL,""}', '{"a": [1.0, null]}', '[1,2)', 0.1 + 0.2),
    (gen_random_uuid(), null, null, '', '{}', 'null', 'empty', 'NaN');`

beforeEach(async () => {
  run += 1
  await rowsOf(then.url, schema)
  await rowsOf(live.url, schema)
  // The same rows on both sides, also where a value was made up.
  for (const { bytes, ...row } of await rowsOf<{ id: string; size: number; bytes: Buffer }>(
    then.url,
    'select id, size, bytes from "Odd ""name"""',
  ))
    await rowsOf(live.url, 'update "Odd ""name""" set id = $1 where bytes = $2', [row.id, bytes])
})

const recovery = () => createTableRecovery('the shop', async () => live.url)
const review = (...tables: string[]) => recovery().review({ run, tables, from: then.url }, contextFor())
const merge = (kind: 'gone' | 'all') => recovery().merge({ run, kind }, contextFor())
const all = (table: string, of = live) => rowsOf(of.url, `select t::text as row from ${table} t order by 1`)

describe('rows of single tables', () => {
  test('what is as it was stays out of the schema, whatever its type', async () => {
    const found = await review('"Odd ""name"""', 'sales.lines', 'customers')
    expect(found.map(({ table, was, now, gone, changed, fresh }) => [table, was, now, gone, changed, fresh])).toEqual([
      ['Odd "name"', 2, 2, 0, 0, 0],
      ['sales.lines', 5, 5, 0, 0, 0],
      ['customers', 10, 10, 0, 0, 0],
    ])
  })

  test('rows that are gone come back with every value, those that changed only when it is asked, new ones stay', async () => {
    await rowsOf(live.url, `delete from "Odd ""name"""; delete from orders where id <= 1200`)
    await rowsOf(
      live.url,
      `update orders set note = 'wrong' where id between 1201 and 1210; insert into orders (customer) values (7)`,
    )
    const found = await review('orders', '"Odd ""name"""')
    expect(found).toMatchObject([
      { table: 'orders', was: 2500, now: 1301, gone: 1200, changed: 10, fresh: 1 },
      { table: 'Odd "name"', gone: 2, changed: 0, fresh: 0 },
    ])
    expect(
      await rowsOf(
        live.url,
        `select shipmate_found, count(*)::int as n from shipmate_review_${run}.orders group by 1 order by 1`,
      ),
    ).toEqual([
      { shipmate_found: 'changed', n: 10 },
      { shipmate_found: 'gone', n: 1200 },
    ])
    expect(await merge('gone')).toEqual([
      { table: 'orders', added: 1200, setBack: 0 },
      { table: 'Odd "name"', added: 2, setBack: 0 },
    ])
    expect(await recovery().missing({ run, kind: 'gone' }, contextFor())).toBe(0)
    expect(await all('"Odd ""name"""')).toEqual(await all('"Odd ""name"""', then))
    expect(await rowsOf(live.url, `select count(*)::int as all, count(note)::int as wrong from orders`)).toEqual([
      { all: 2501, wrong: 10 },
    ])
    run += 1
    await review('orders')
    expect(await merge('all')).toEqual([{ table: 'orders', added: 0, setBack: 10 }])
    expect(await rowsOf(live.url, 'select count(note)::int as wrong from orders')).toEqual([{ wrong: 0 }])
    expect(
      await rowsOf(
        live.url,
        `select count(*)::int as kept from shipmate_review_${run}.orders_before where note = 'wrong'`,
      ),
    ).toEqual([{ kept: 10 }])
  })

  test('parents come before their children, in whatever order they were named; without them nothing is written', async () => {
    await rowsOf(live.url, 'delete from orders where customer = 4; delete from customers where id = 4')
    await review('orders')
    await expect(merge('gone')).rejects.toMatchObject({
      code: 'merge-refused',
      next: expect.stringMatching(/refer to/),
    })
    expect(await rowsOf(live.url, 'select count(*)::int as n from orders')).toEqual([{ n: 2250 }])
    run += 1
    await review('orders', 'customers')
    expect(await merge('gone')).toEqual([
      { table: 'customers', added: 1, setBack: 0 },
      { table: 'orders', added: 250, setBack: 0 },
    ])
    expect(await all('orders')).toEqual(await all('orders', then))
  })

  test('done twice it is done once, and the way back takes out what nobody has changed since', async () => {
    await rowsOf(live.url, `delete from sales.lines where "order" > 2; update sales.lines set price = 99`)
    const before = await all('sales.lines')
    expect(await review('sales.lines')).toEqual(await review('sales.lines'))
    expect(await merge('all')).toEqual([{ table: 'sales.lines', added: 3, setBack: 2 }])
    expect(await merge('all')).toEqual([{ table: 'sales.lines', added: 3, setBack: 2 }])
    await rowsOf(live.url, 'update sales.lines set price = 7 where "order" = 5')
    expect(await recovery().merged(run, contextFor())).toBe(true)
    expect(await recovery().unmerge(run, contextFor())).toEqual({
      summary: '4 rows are as before the merge (sales.lines: 3 added, 2 set back); 1 was changed since and stays',
    })
    expect(await all('sales.lines')).toEqual([...before, { row: '(5,1,7.00)' }])
    expect(await recovery().merged(run, contextFor())).toBe(false)
    await recovery().unmerge(run, contextFor())
    await recovery().drop(run, contextFor())
    await recovery().drop(run, contextFor())
    await expect(merge('all')).rejects.toMatchObject({ code: 'review-gone' })
  })

  test('a table without a key, and one that is gone, lie in the schema whole and are not merged', async () => {
    await rowsOf(live.url, 'drop table orders; delete from notes')
    expect(await review('notes', 'orders')).toMatchObject([
      { table: 'notes', was: 3, now: 0, onlyToSee: expect.stringMatching(/no primary key/) },
      { table: 'orders', was: 2500, now: null },
    ])
    expect(await rowsOf(live.url, `select count(*)::int as n from shipmate_review_${run}.orders`)).toEqual([
      { n: 2500 },
    ])
    expect(await merge('all')).toEqual([])
    expect(await rowsOf(live.url, 'select count(*)::int as n from notes')).toEqual([{ n: 0 }])
  })

  test('a column that came, went or is of another type is left out and named', async () => {
    await rowsOf(
      live.url,
      `alter table customers add column since date default '2026-01-01'; alter table orders drop column note;
       delete from orders; alter table orders alter column customer type bigint; delete from customers where id = 1`,
    )
    expect(await review('customers', 'orders')).toMatchObject([
      { gone: 1, leftOut: ['since'] },
      { gone: 2500, leftOut: ['customer', 'note'] },
    ])
    await merge('gone')
    expect(await rowsOf(live.url, `select name, since::text from customers where id = 1`)).toEqual([
      { name: 'customer 1', since: '2026-01-01' },
    ])
  })

  test('what was no table then, and who may make no schema, is told before anything is written', async () => {
    await expect(review('nothing')).rejects.toMatchObject({ code: 'scratch-table-missing' })
    const schemas = `select nspname from pg_namespace where nspname = 'shipmate_review_${run}'`
    expect(await rowsOf(live.url, schemas)).toEqual([])
    await rowsOf(
      live.url,
      `do $$ begin create role looker login password 'looker'; exception when duplicate_object then null; end $$`,
    )
    const looker = new URL(live.url)
    looker.username = 'looker'
    looker.password = 'looker'
    const asLooker = createTableRecovery('the shop', async () => looker.href)
    await expect(asLooker.ready(contextFor())).rejects.toMatchObject({ code: 'restore-swap-not-ready' })
    await expect(recovery().ready(contextFor())).resolves.toMatchObject({ summary: expect.any(String) })
  })
})
