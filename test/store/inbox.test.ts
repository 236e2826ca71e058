import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { silentLog } from '../../src/log.js'
import type { Parcel } from '../../src/runs/inbox.js'
import { openDatabase } from '../../src/store/database.js'
import { createInbox } from '../../src/store/inbox.js'
import { appRole } from '../../src/store/migrate.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'

let database: TestDatabase
let rows: ReturnType<typeof openDatabase>
beforeAll(async () => {
  database = await freshDatabase()
  rows = openDatabase({ url: database.url, name: 'test', role: null }, silentLog)
})
afterAll(async () => {
  await rows?.close()
  await database?.drop()
})

beforeEach(async () => {
  await rows.query('truncate shipmate.inbox')
})

/** What one process has; `die` ends its connections as a death would. */
function front() {
  const plan = (name: string) => ({ url: database.url, name: `shipmate ${name}`, role: appRole })
  const inbox = createInbox(plan, systemClock, silentLog)
  onTestFinished(() => inbox.close())
  return inbox
}

let number = 0
const parcel = (more: Partial<Parcel> = {}): Parcel => ({
  team: 'T1',
  key: `event Ev${++number}`,
  kind: 'event',
  format: 'json',
  body: '{"type":"event_callback"}',
  answer: null,
  receivedAt: new Date(),
  ...more,
})
const fresh = { fresh: true }
const later = () => new Date(Date.now() + 60_000)

describe('accepting', () => {
  test('of two copies of one key in one batch exactly one is fresh', async () => {
    const one = parcel()
    expect(await front().accept([one, parcel(), { ...one }, { ...one }])).toEqual([
      fresh,
      fresh,
      { fresh: false, answer: null },
      { fresh: false, answer: null },
    ])
  })

  test('of copies at many fronts at once exactly one is fresh, in whatever order the batches name them', async () => {
    const fronts = [front(), front(), front()]
    const parcels = Array.from({ length: 60 }, () => parcel())
    const batches = Array.from({ length: 12 }, (_, turn) => (turn % 2 ? parcels : [...parcels].reverse()))
    const answers = await Promise.all(
      batches.map(async (batch, turn) => {
        const accepted = await fronts[turn % 3]?.accept(batch)
        return batch.filter((_, index) => accepted?.[index]?.fresh).map(({ key }) => key)
      }),
    )
    expect(answers.flat().sort()).toEqual(parcels.map(({ key }) => key).sort())
  })

  test('the same key of another workspace is another parcel', async () => {
    const one = parcel()
    expect(await front().accept([one, { ...one, team: 'T2' }])).toEqual([fresh, fresh])
  })

  test('a copy is told the answer that was kept first', async () => {
    const inbox = front()
    const one = parcel({ answer: { says: { response_action: 'clear' } } })
    await inbox.accept([one])
    expect(await inbox.accept([{ ...one, answer: { says: null } }])).toEqual([{ fresh: false, answer: one.answer }])
  })

  test('takes texts that JSON in the database would refuse', async () => {
    const body = '{"text":"\\u0000 \\ud800 \\\\ \\" {},NULL"}'
    const inbox = front()
    await inbox.accept([parcel({ body })])
    await inbox.close()
    const left = await front().left(later(), 100, 5)
    expect(left.map((one) => one.body)).toContain(body)
  })
})

describe('what a process leaves behind', () => {
  test('is taken by exactly one of those that live, oldest first', async () => {
    const dying = front()
    const parcels = Array.from({ length: 40 }, (_, age) => parcel({ receivedAt: new Date(Date.now() - age * 1000) }))
    await dying.accept(parcels)
    await dying.close()
    const found = await Promise.all([front(), front(), front(), front()].map((inbox) => inbox.left(later(), 15, 5)))
    const mine = found.flat()
    expect(mine.map(({ key }) => key).sort()).toEqual(parcels.map(({ key }) => key).sort())
    expect(mine.every(({ tries }) => tries === 2)).toBe(true)
    for (const part of found) {
      expect(part).toEqual([...part].sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime()))
    }
  })

  test('is not taken while it lives, when it is done, or before its time', async () => {
    const living = front()
    const [held, done, young] = [parcel(), parcel(), parcel({ receivedAt: new Date(Date.now() + 3_600_000) })]
    await living.accept([held, done, young])
    await living.done([{ ...done, outcome: 'handled' }])
    const keys = async () => (await front().left(later(), 100, 5)).map(({ key }) => key)
    expect(await keys()).not.toContain(held.key)
    await living.close()
    const after = await keys()
    expect(after).toContain(held.key)
    expect(after).not.toContain(done.key)
    expect(after).not.toContain(young.key)
  })

  test('can be given back by whoever took it', async () => {
    const one = front()
    const mine = parcel()
    await one.accept([mine])
    await one.letGo([mine])
    expect((await front().left(later(), 100, 5)).map(({ key }) => key)).toContain(mine.key)
  })

  test('is taken with others until it was with five processes that died, then alone and after all others', async () => {
    const dying = front()
    const [one, two, other] = [parcel(), parcel(), parcel()]
    await dying.accept([one, two, other])
    await dying.close()
    const tries = 'update shipmate.inbox set tries = 5 where key = any ($1)'
    await rows.query(tries, [[one.key, two.key]])
    const taken = async () => {
      const inbox = front()
      const found = (await inbox.left(later(), 100, 5)).filter(({ key }) =>
        [one, two, other].some((p) => p.key === key),
      )
      await inbox.done(found.map(({ team, key }) => ({ team, key, outcome: 'handled' })))
      return found.map(({ key }) => key)
    }
    expect(await taken()).toEqual([other.key])
    const alone = [await taken(), await taken()]
    expect(alone.map((keys) => keys.length)).toEqual([1, 1])
    expect(alone.flat().sort()).toEqual([one.key, two.key].sort())
    expect(await taken()).toEqual([])
  })

  test('a front that lost its connections keeps its own', async () => {
    const inbox = front()
    const mine = parcel()
    await inbox.accept([mine])
    await rows.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'shipmate %'`,
    )
    await expect
      .poll(async () => {
        const own = await inbox.left(later(), 100, 5).catch(() => [])
        return own.some(({ key, tries }) => key === mine.key && tries === 1)
      })
      .toBe(true)
    expect((await front().left(later(), 100, 5)).map(({ key }) => key)).not.toContain(mine.key)
  })
})

test('old contents are forgotten, their hashes stay, and what is not done is kept', async () => {
  const inbox = front()
  const long = new Date('2020-01-01T00:00:00Z')
  const [old, open, young] = [parcel({ receivedAt: long, body: 'secret' }), parcel({ receivedAt: long }), parcel()]
  await inbox.accept([old, open, young])
  await inbox.done([old, young].map((one) => ({ ...one, outcome: 'handled' })))
  expect(await inbox.forget(new Date('2020-02-01T00:00:00Z'))).toBe(1)
  const [kept] = await rows.query<{ body: null; hash: string }>(
    'select body, hash from shipmate.inbox where key = $1',
    [old.key],
  )
  expect(kept).toEqual({ body: null, hash: '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b' })
  expect(await inbox.accept([old])).toEqual([{ fresh: false, answer: null }])
  expect((await rows.query('select body from shipmate.inbox where key = $1', [open.key]))[0]).toEqual({
    body: open.body,
  })
})
