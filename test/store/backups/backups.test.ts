import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Backup, Holding } from '../../../src/backups/backup.js'
import { silentLog } from '../../../src/log.js'
import { openStore, type Store } from '../../../src/store/connect.js'
import { backup, day, drill, hour } from '../../support/backups/backups.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
})
afterAll(async () => {
  await store.close()
  await database.drop()
})

const now = new Date('2026-11-26T12:00:00Z')
const at = (ms: number) => new Date(now.getTime() + ms)

const engineSays = (endedAt: Date, more: Partial<Backup> = {}): Backup => {
  const {
    database: _,
    verifiedAt: __,
    defects: ___,
    provenAt: ____,
    provenBy: _____,
    goneAt: ______,
    ...rest
  } = backup(endedAt)
  return { ...rest, ...more }
}
const holding = (backups: Backup[], more: Partial<Holding> = {}): Holding => ({
  ...{ backups, archive: null, storedBytes: 5e9, freeBytes: 9e9 },
  spans: [{ from: at(-day), to: now }],
  ...more,
})

test('what was seen is told as it was seen, moments included', async () => {
  const archive = { lastSegment: 'A1', lastAt: at(-hour), missing: ['99'], failing: null }
  const one = engineSays(at(-2 * hour), { run: 7 })
  await store.backups.seen('seen', holding([one], { archive }), now)
  expect((await store.backups.backups('seen', 5))[0]).toMatchObject({
    ...one,
    database: 'seen',
    goneAt: null,
    provenAt: null,
  })
  expect(await store.backups.look('seen')).toEqual({
    ...{ at: now, spans: [{ from: at(-day), to: now }], archive, storedBytes: 5e9, freeBytes: 9e9, problem: null },
  })
})

test('what the storage does not hold any more is gone, and back when it holds it again', async () => {
  const [old, young] = [engineSays(at(-2 * hour)), engineSays(at(-hour), { label: 'young' })]
  await store.backups.seen('gone', holding([old, young]), now)
  await store.backups.verified('gone', [old.label], ['a byte'], now)
  await store.backups.seen('gone', holding([young]), at(1))
  expect((await store.backups.backups('gone', 5)).map(({ goneAt }) => goneAt)).toEqual([null, at(1)])
  await store.backups.seen('gone', holding([old, young]), at(2))
  expect((await store.backups.backups('gone', 5))[1]).toMatchObject({ goneAt: null, defects: ['a byte'] })
})

test('one that was taken while somebody looked is not gone because it was not there yet, and an old look changes nothing', async () => {
  const one = engineSays(at(50), { label: 'while' })
  await store.backups.taken('while', one)
  await store.backups.seen('while', holding([]), now)
  expect((await store.backups.backups('while', 5))[0]?.goneAt).toBeNull()
  await store.backups.seen('while', holding([one]), at(200))
  await store.backups.seen('while', holding([]), at(100))
  expect((await store.backups.backups('while', 5))[0]?.goneAt).toBeNull()
})

test('a problem is told since when it is there, and ends with the next look', async () => {
  await store.backups.unseen('problem', { text: 'no answer', next: null }, now)
  await store.backups.unseen('problem', { text: 'still none', next: 'Look.' }, at(hour))
  expect((await store.backups.look('problem'))?.problem).toEqual({ text: 'still none', next: 'Look.', since: now })
  await store.backups.seen('problem', holding([]), at(2 * hour))
  expect((await store.backups.look('problem'))?.problem).toBeNull()
})

test('a drill that passed proves its backup; one that failed, and an older one, prove nothing', async () => {
  const one = engineSays(at(-hour), { label: 'L' })
  await store.backups.taken('drilled', one)
  const rehearsal = drill(now, { database: 'drilled', label: 'L', run: 91 })
  await store.backups.drilled({ ...rehearsal, passed: false, verdict: 'orphans' })
  expect((await store.backups.backups('drilled', 1))[0]?.provenAt).toBeNull()
  // A second try of the same run.
  await store.backups.drilled(rehearsal)
  await store.backups.drilled({ ...rehearsal, run: 90, at: at(-day) })
  expect((await store.backups.backups('drilled', 1))[0]).toMatchObject({ provenAt: now, provenBy: 91 })
  expect(await store.backups.drills('drilled', 5)).toEqual([rehearsal, { ...rehearsal, run: 90, at: at(-day) }])
})

test('starts never go back, and whoever looks first begins to look after a database', async () => {
  expect(await store.backups.clockwork('starts', now)).toEqual({ starts: {}, since: now })
  await store.backups.started('starts', 'full', now, 5, now)
  await store.backups.started('starts', 'full', at(-day), 4, at(1))
  await store.backups.started('starts', 'drill', at(-day), null, now)
  expect(await store.backups.clockwork('starts', at(hour))).toEqual({
    starts: { full: now, drill: at(-day) },
    since: now,
  })
})

test('growth keeps a sample an hour, and tells four a day', async () => {
  for (let minutes = 0; minutes < 24 * 60; minutes += 20)
    await store.backups.seen(
      'growth',
      holding([], { storedBytes: minutes }),
      new Date(Date.parse('2026-11-20T00:00:00Z') + minutes * 60_000),
    )
  const samples = await store.backups.samples('growth', new Date('2026-11-19T00:00:00Z'))
  expect(samples.map((one) => one.storedBytes)).toEqual([5, 11, 17, 23].map((hours) => hours * 60 + 40))
  expect(await store.backups.samples('growth', new Date('2026-11-20T18:00:00Z'))).toHaveLength(1)
})
