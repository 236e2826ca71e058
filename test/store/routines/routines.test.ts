import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '../../../src/log.js'
import type { Opening } from '../../../src/releases/routines/ports.js'
import type { Occurrence } from '../../../src/releases/routines/routine.js'
import { openStore, type Store } from '../../../src/store/connect.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'

let database: TestDatabase
let store: Store

beforeEach(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
})
afterEach(async () => {
  await store.close()
  await database.drop()
})

const rita = { kind: 'person' as const, id: 'U0RITA', name: 'Rita' }
const marco = { kind: 'person' as const, id: 'U0MARCO', name: 'Marco' }
const at = (time: string) => new Date(`2026-11-${time}Z`)
const nine = at('02T09:00:00')

const opening = (more: Partial<Opening> = {}): Opening => ({
  ...{ routine: 'certificates', dueAt: nine, until: at('02T13:00:00'), place: 'C0OPS', day: '2026-11-02', passed: [] },
  asked: {
    ...{ says: 'Look.', guide: null, evidence: 'optional', whose: 'Rita', unasked: 0 },
    called: { people: ['U0RITA'], groups: ['ops'] },
  },
  ...more,
})

const stale = () => store.routines.stale(new Date(), 100)
const open = async () =>
  (await store.routines.openNow()).map(({ routine, dueAt }) => `${routine} ${dueAt.toISOString()}`)

async function posted() {
  for (const { id, version, place } of await stale())
    await store.routines.drawn(id, version, { channel: place, ts: `${id}.0`, shown: `v${version}` })
}

test('two clocks that look at the same moment open one, with one message and one call', async () => {
  await Promise.all(Array.from({ length: 8 }, () => store.routines.open([opening()], nine)))
  expect(await open()).toEqual(['certificates 2026-11-02T09:00:00.000Z'])
  expect((await stale()).map(({ place, occurrences }) => [place, occurrences.length])).toEqual([['C0OPS', 1]])
  await posted()
  const calls = await store.routines.calls(new Date(), 10)
  expect(calls.map(({ kind, people, groups, occurrences }) => [kind, people, groups, occurrences.length])).toEqual([
    ['due', ['U0RITA'], ['ops'], 1],
  ])
})

test('a call waits until its message stands, and what is due together in a channel is called for together', async () => {
  const called = { people: ['U0MARCO'], groups: [] }
  const another = opening({ routine: 'keys', asked: { ...opening().asked, called } })
  const elsewhere = opening({ routine: 'disks', place: 'C0OTHER' })
  await store.routines.open([opening(), another, elsewhere], nine)
  expect(await store.routines.calls(new Date(), 10)).toEqual([])
  await posted()
  const calls = await store.routines.calls(new Date(), 10)
  expect(
    calls.map(({ channel, people, occurrences }) => [channel, people, occurrences.map((one) => one.routine)]),
  ).toEqual([
    ['C0OPS', ['U0MARCO', 'U0RITA'], ['certificates', 'keys']],
    ['C0OTHER', ['U0RITA'], ['disks']],
  ])
  await store.routines.called(calls[0]?.id ?? 0, '1.5', new Date())
  await store.routines.called(calls[1]?.id ?? 0, null, new Date())
  expect(await store.routines.calls(new Date(), 10)).toEqual([])
})

describe('what recurs', () => {
  const tuesday = { dueAt: at('03T09:00:00'), until: at('03T13:00:00'), day: '2026-11-03' }

  test('closes the one before it, which stays missed, and keeps what passed unasked on record', async () => {
    await store.routines.open([opening()], nine)
    const passed = [at('04T09:00:00'), at('05T09:00:00')]
    const friday = { dueAt: at('06T09:00:00'), until: at('06T13:00:00'), day: '2026-11-06', passed }
    await store.routines.open([opening(friday)], at('06T10:00:00'))
    expect(await open()).toEqual(['certificates 2026-11-06T09:00:00.000Z'])
    const [standing] = await store.routines.standings(['certificates'], at('01T00:00:00'), at('06T10:00:00'))
    expect(standing).toMatchObject({ missed: 3, lastDone: null, newest: { dueAt: friday.dueAt } })
    const [first] = await store.routines.standings(['certificates'], at('05T12:00:00'), at('06T14:00:00'))
    expect(first?.missed).toBe(1)
  })

  test('is missed once, with one call for all that were missed together', async () => {
    await store.routines.open([opening(), opening({ routine: 'keys' })], nine)
    expect(await store.routines.late(at('02T12:59:59'))).toEqual([])
    const late = await store.routines.late(at('02T13:00:00'))
    expect(late.map(({ routine }) => routine)).toEqual(['certificates', 'keys'])
    const called = { people: ['U0MARCO'], groups: [] }
    const ones = late.map(({ id }) => ({ id, called }))
    await Promise.all([1, 2, 3].map(() => store.routines.missed(ones, at('02T13:00:01'))))
    expect(await store.routines.late(at('02T14:00:00'))).toEqual([])
    await posted()
    const missed = (await store.routines.calls(new Date(), 10)).filter(({ kind }) => kind === 'missed')
    expect(missed.map(({ people, occurrences }) => [people, occurrences.length])).toEqual([[['U0MARCO'], 2]])
    await store.routines.open([opening(tuesday)], tuesday.dueAt)
    const [standing] = await store.routines.standings(['certificates'], at('01T00:00:00'), tuesday.dueAt)
    expect(standing?.missed).toBe(1)
  })

  test('that was done late was missed, and that it was done is known too', async () => {
    await store.routines.open([opening()], nine)
    const [one] = await store.routines.openNow()
    await store.routines.end(one as Occurrence, { as: 'done', by: rita, note: '', late: true }, at('02T15:00:00'))
    const [standing] = await store.routines.standings(['certificates'], at('01T00:00:00'), at('02T16:00:00'))
    expect(standing).toMatchObject({ missed: 1, lastDone: { ended: { by: rita, at: at('02T15:00:00') } } })
  })
})

test('the first of two who say what became of it counts, and it is in the trail with a hash of the words alone', async () => {
  await store.routines.open([opening()], nine)
  const [one] = await store.routines.openNow()
  const id = one?.id ?? 0
  const ends = await Promise.all([
    store.routines.end(one as Occurrence, { as: 'done', by: rita, note: 'all good', late: false }, at('02T10:00:00')),
    store.routines.end(
      one as Occurrence,
      { as: 'skipped', by: marco, note: 'no time', late: false },
      at('02T10:00:00'),
    ),
  ])
  expect(ends.filter(Boolean)).toHaveLength(1)
  const after = await store.routines.occurrence(id)
  const first = ends[0] ? { as: 'done', by: rita, note: 'all good' } : { as: 'skipped', by: marco, note: 'no time' }
  expect(after?.ended).toMatchObject(first)
  const trail = await store.audit.outside(10)
  expect(trail.map(({ act, actor }) => [act, actor?.id])).toEqual([
    [ends[0] ? 'did a routine' : 'skipped a routine', first.by.id],
  ])
  expect(trail[0]?.subject).toMatchObject({
    routine: 'certificates',
    due: nine.toISOString(),
    late: false,
    words: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  expect(JSON.stringify(trail)).not.toContain(first.note)
  expect(await store.audit.verify()).toMatchObject({ broken: [] })
  expect(await open()).toEqual([])
})

describe('the operator’s file', () => {
  const kept = (names: [name: string, timetable: string][], now: Date) =>
    store.routines.keep(
      names.map(([name, timetable]) => ({ name, timetable })),
      now,
    )

  test('has a routine from when it was first seen, until its timetable changes or it comes back', async () => {
    expect(await kept([['a', '@daily UTC']], at('01T00:00:00'))).toEqual({
      a: { since: at('01T00:00:00'), last: null },
    })
    expect(await kept([['a', '@daily UTC']], at('02T00:00:00'))).toEqual({
      a: { since: at('01T00:00:00'), last: null },
    })
    expect(await kept([['a', '@daily Asia/Seoul']], at('03T00:00:00'))).toMatchObject({
      a: { since: at('03T00:00:00') },
    })
    expect(await kept([], at('04T00:00:00'))).toEqual({})
    expect(await kept([['a', '@daily Asia/Seoul']], at('05T00:00:00'))).toMatchObject({
      a: { since: at('05T00:00:00') },
    })
  })

  test('that has it no more asks for it no longer: nothing is missed, and the message says so', async () => {
    await kept([['certificates', '@daily UTC']], at('01T00:00:00'))
    await store.routines.open([opening()], nine)
    await posted()
    expect(await kept([['certificates', '@daily UTC']], nine)).toMatchObject({ certificates: { last: nine } })
    await kept([], at('02T10:00:00'))
    expect(await open()).toEqual([])
    expect(await store.routines.late(at('02T20:00:00'))).toEqual([])
    const [digest] = await stale()
    expect(digest?.occurrences[0]).toMatchObject({ missedAt: null, closedAt: at('02T10:00:00'), ended: null })
    expect(
      await store.routines.end(
        digest?.occurrences[0] as Occurrence,
        { as: 'done', by: rita, note: '', late: false },
        nine,
      ),
    ).toBe(false)
  })
})

test('a message that changed while it was drawn is drawn once more', async () => {
  await store.routines.open([opening()], nine)
  const [before] = await stale()
  await store.routines.open([opening({ routine: 'keys' })], nine)
  await store.routines.drawn(before?.id ?? 0, before?.version ?? 0, { channel: 'C0OPS', ts: '1.0', shown: 'old' })
  const [again] = await stale()
  expect(again).toMatchObject({ ts: '1.0', shown: 'old' })
  expect(again?.occurrences).toHaveLength(2)
  await store.routines.drawn(again?.id ?? 0, again?.version ?? 0, { channel: 'C0OPS', ts: '1.0', shown: 'new' })
  expect(await stale()).toEqual([])
})

test('the newest message of a channel names what earlier ones still wait for, and no other does', async () => {
  await store.routines.open([opening({ until: at('05T09:00:00') })], nine)
  await store.routines.open(
    [opening({ routine: 'keys', day: '2026-11-03', dueAt: at('03T09:00:00') })],
    at('03T09:00:00'),
  )
  const [first, second] = await stale()
  expect(first?.earlier).toEqual([])
  expect(second?.earlier.map(({ routine }) => routine)).toEqual(['certificates'])
  await posted()
  const one = (await store.routines.openNow()).find(({ routine }) => routine === 'certificates')
  await store.routines.end(one as Occurrence, { as: 'done', by: rita, note: '', late: false }, at('03T10:00:00'))
  expect((await stale()).map(({ earlier }) => earlier)).toEqual([[], []])
})

test('a Shipmate that comes back from a backup calls nobody for what the lost one had told', async () => {
  await store.routines.open([opening()], nine)
  await posted()
  await store.routines.open([opening({ routine: 'keys', place: 'C0OTHER' })], nine)
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: database.ownerUrl })
  await client.connect()
  await client.query('select shipmate.tell_nothing_old(now())')
  await client.end()
  expect(await store.routines.calls(new Date(), 10)).toEqual([])
  expect(await stale()).toEqual([])
})
