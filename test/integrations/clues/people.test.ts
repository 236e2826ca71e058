import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { impactOfPeople, peopleClue } from '../../../src/integrations/clues/people.js'
import { joinedImpact } from '../../../src/jobs/incidents/first-look.js'
import { where } from '../../support/watched/scene.js'
import { shopServer } from '../../support/watched/shop-server.js'

let shop: Awaited<ReturnType<typeof shopServer>>
beforeAll(async () => {
  shop = await shopServer()
  const owner = await shop.connect('setup')
  // Four orders a minute, an hour and a day ago; one in the last ten minutes. Three of eight people see a failure.
  await owner.query(`
    create table orders (placed_at timestamptz not null, total numeric not null);
    create table checkouts (customer int not null, failed boolean not null, at timestamptz not null);
    insert into orders select now() - interval '1 hour' - make_interval(secs => n * 14), 10 from generate_series(1, 40) n;
    insert into orders select now() - interval '1 day' - make_interval(secs => n * 14), 10 from generate_series(1, 40) n;
    insert into orders values (now() - interval '5 minutes', 12.5);
    insert into checkouts select n, n <= 3, now() - interval '2 minutes' from generate_series(1, 8) n;
    insert into checkouts select n, true, now() - interval '2 hours' from generate_series(20, 90) n;
    grant select on orders, checkouts to watcher;`)
})
afterAll(() => shop?.close())

const impact = `
impact:
  users: select count(distinct customer) filter (where failed), count(distinct customer) from checkouts where at >= $1 and at < $2
  counts:
    orders: select count(*) from orders where placed_at >= $1 and placed_at < $2
    revenue: select coalesce(sum(total), 0) from orders where placed_at >= $1 and placed_at < $2
    refunds: select 0 where $1::timestamptz < $2::timestamptz`

const look = (watch: string) => {
  const now = new Date()
  const parts = { ...shop.watching(watch), checks: [], clock: systemClock }
  const scene = { ...where, since: new Date(now.getTime() - 60_000), now }
  return peopleClue(parts).look(scene, new AbortController().signal)
}

test('people who are hit are counted among all, and what is sold against what is usual', async () => {
  const found = await look(`database: shop${impact}`)
  expect(found.impact).toEqual({
    text: '3 of 8 people (37.5 %) are hit; orders 1 in 10 min, usually 40; revenue 12.5 in 10 min, usually 400',
    requests: null,
    users: 3 / 8,
    since: null,
    evidence: [
      '3 of 8 people (37.5 %) are hit',
      'orders 1 in 10 min, usually 40',
      'revenue 12.5 in 10 min, usually 400',
      'refunds 0 in 10 min, what is usual is not known yet',
    ],
  })
})

test('where nothing is asked it is skipped, and says what would have to be set up', async () => {
  expect(await look('database: shop')).toMatchObject({ impact: null, skipped: expect.stringContaining('no impact') })
})

test('where no question can be answered it is an error; one that would write changes nothing', async () => {
  const alone = `
impact:
  users: select count(*), count(*) from nowhere where at >= $1 and at < $2`
  await expect(look(`database: shop${alone}`)).rejects.toThrow(/nowhere/)
  const writing = impact.replace(
    /select 0 where.*/,
    'with gone as (delete from orders where placed_at >= $1 and placed_at < $2 returning 1) select count(*) from gone',
  )
  expect((await look(`database: shop${writing}`)).impact?.evidence.at(-1)).toMatch(/^refunds .*(read-only|top level)/)
})

test('nobody at all is unknown and not nobody; counts as usual are evidence and no news', () => {
  expect(impactOfPeople({ hit: 0, all: 0 }, [], 600_000)).toBeNull()
  const usual = impactOfPeople({ hit: 0, all: 9 }, [{ name: 'orders', now: 21, usual: 40 }], 600_000)
  expect(usual).toMatchObject({ text: '', users: 0 })
  expect(usual?.evidence).toContain('orders 21 in 10 min, usually 40')
})

test('what Prometheus and the database tell is one impact', () => {
  const requests = { text: '12 % of requests fail', requests: 0.12, users: null, since: new Date(0), evidence: ['a'] }
  const people = { text: '3 of 8 people (37.5 %) are hit', requests: null, users: 0.375, since: null, evidence: ['b'] }
  expect(joinedImpact([])).toBeNull()
  expect(joinedImpact([requests, people])).toEqual({
    text: '12 % of requests fail; 3 of 8 people (37.5 %) are hit',
    ...{ requests: 0.12, users: 0.375, since: new Date(0), evidence: ['a', 'b'] },
  })
  expect(joinedImpact([{ ...people, text: '' }])?.text).toBe('b')
})

test('a question that is too slow or broken hides no other: what was told by then counts, and what was not is said', async () => {
  const broken = impact.replace('from checkouts', 'from nowhere')
  const one = await look(`database: shop${broken}`)
  expect(one.impact).toMatchObject({
    text: 'orders 1 in 10 min, usually 40; revenue 12.5 in 10 min, usually 400',
    users: null,
  })
  expect(one.impact?.evidence.at(-1)).toMatch(/^people could not be counted: .*nowhere/)
  const slow = impact
    .replace('select 0 where', 'select pg_sleep(4), 0 where')
    .replace('pg_sleep(4), 0', 'count(pg_sleep(4))')
  const late = await look(`database: shop${slow}`)
  expect(late.impact?.text).toMatch(/^3 of 8 people/)
  expect(late.impact?.evidence.at(-1)).toMatch(/^refunds could not be counted: /)
}, 20_000)
