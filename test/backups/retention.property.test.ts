import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BackupKind } from '../../src/backups/backup.js'
import { type Held, type Rotation, rotation } from '../../src/backups/retention.js'
import type { Keep } from '../../src/releases/sections/backups.js'
import { day, hour } from '../support/backups/backups.js'

const began = Date.parse('2025-11-01T02:00:00Z')
const days = 400

type Rotate = (held: Held[], keep: Keep, zone: string, now: Date) => Rotation

const count = (max: number) => fc.integer({ min: 0, max })
const policies = fc.record({
  fulls: fc.integer({ min: 1, max: 6 }),
  days: count(40),
  hourly: count(48),
  daily: count(14),
  weekly: count(8),
  monthly: count(15),
})

/** How an operator may run backups: what is taken on which day, how often one fails, is faulty, or is drilled. */
const habits = fc.record({
  fullEvery: fc.integer({ min: 1, max: 35 }),
  differentialEvery: fc.integer({ min: 0, max: 8 }),
  aDay: fc.integer({ min: 1, max: 2 }),
  drillEvery: fc.integer({ min: 1, max: 90 }),
  luck: fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 7, maxLength: 41 }),
  zone: fc.constantFrom<string>('UTC', 'Europe/Rome', 'America/St_Johns'),
})
type Habits = typeof habits extends fc.Arbitrary<infer T> ? T : never

/** Takes, drills and rotates for 400 days, and says each time what the rotation broke. */
function lived(rotate: Rotate, keep: Keep, habit: Habits): string[] {
  let held: Held[] = []
  const broken: string[] = []
  let turn = 0
  for (let at = 0; at < days; at++) {
    for (let time = 0; time < habit.aDay; time++) {
      const now = new Date(began + at * day + time * 5 * hour)
      const luck = habit.luck[turn++ % habit.luck.length] ?? 0
      // One of ten fails altogether, one of ten is stored and faulty.
      if (luck >= 10) held = [...held, taken(held, kindOf(at, time, habit), now, luck < 20)]
      if (time === 0 && at % habit.drillEvery === 0) held = drilled(held)
      const { remove } = rotate(held, keep, habit.zone, now)
      const after = held.filter(({ label }) => !remove.includes(label))
      broken.push(...mistakes(held, after, keep, now).map((what) => `day ${at}: ${what}`))
      held = after
    }
  }
  return broken
}

function kindOf(at: number, time: number, { fullEvery, differentialEvery }: Habits): BackupKind {
  if (at % fullEvery === 0 && time === 0) return 'full'
  return differentialEvery > 0 && at % differentialEvery === 0 ? 'differential' : 'incremental'
}

function taken(held: Held[], wanted: BackupKind, endedAt: Date, faulty: boolean): Held {
  const full = held.findLast(({ kind }) => kind === 'full')
  const kind = full ? wanted : 'full'
  const parent = kind === 'full' ? null : kind === 'differential' ? full?.label : held.at(-1)?.label
  return {
    ...{ label: `${held.length}-${endedAt.toISOString()}`, kind, parent: parent ?? null, endedAt },
    ...{ faults: faulty ? ['a page does not match its checksum'] : [], proven: false },
  }
}

/** The latest sound one is restored. */
function drilled(held: Held[]): Held[] {
  const last = held.findLast(({ faults }) => faults.length === 0)
  return held.map((one) => (one === last ? { ...one, proven: true } : one))
}

function mistakes(before: Held[], after: Held[], keep: Keep, now: Date): string[] {
  const labels = new Set(after.map(({ label }) => label))
  const proven = before.findLast((one) => one.proven)
  const orphan = after.find(({ parent }) => parent !== null && !labels.has(parent))
  const newest = before.at(-1)
  const from = now.getTime() - keep.days * day
  const reached = before.findLast((one) => one.faults.length === 0 && one.endedAt.getTime() <= from)
  return [
    ...(proven && !labels.has(proven.label) ? [`the last proven backup ${proven.label} was removed`] : []),
    ...(orphan ? [`${orphan.label} is kept and what it needs is gone`] : []),
    ...(newest && !labels.has(newest.label) ? ['the newest backup was removed'] : []),
    ...(keep.days > 0 && reached && !labels.has(reached.label) ? ['the days promised cannot be recovered'] : []),
  ]
}

test('over 400 days no policy removes the last proven backup, breaks a chain, or the days it promises', () => {
  fc.assert(
    fc.property(policies, habits, (keep, habit) => {
      expect(lived(rotation, keep, habit)).toEqual([])
    }),
    { numRuns: 20 },
  )
}, 120_000)

const planted: [what: string, rotate: Rotate, found: RegExp][] = [
  [
    'proof',
    (held, keep, zone, now) =>
      rotation(
        held.map((one) => ({ ...one, proven: false })),
        keep,
        zone,
        now,
      ),
    /last proven/,
  ],
  [
    'chains',
    (held, keep, zone, now) =>
      rotation(
        held.map((one) => ({ ...one, parent: null })),
        keep,
        zone,
        now,
      ),
    /what it needs is gone/,
  ],
  ['the days promised', (held, keep, zone, now) => rotation(held, { ...keep, days: 0 }, zone, now), /days promised/],
]

test.each(planted)('a rotation that knows nothing of %s is found', (_what, rotate, found) => {
  const keep: Keep = { fulls: 1, days: 9, hourly: 0, daily: 0, weekly: 0, monthly: 0 }
  const habit = { fullEvery: 7, differentialEvery: 3, aDay: 1, drillEvery: 60, luck: [50], zone: 'UTC' }
  expect(lived(rotation, keep, habit)).toEqual([])
  expect(lived(rotate, keep, habit).join('\n')).toMatch(found)
})

test('a rotation that keeps everything is no rotation: with a policy of two weeks, weeks are kept', () => {
  const keep: Keep = { fulls: 2, days: 14, hourly: 0, daily: 0, weekly: 0, monthly: 0 }
  let held: Held[] = []
  for (let at = 0; at < days; at++) {
    const endedAt = new Date(began + at * day)
    held = drilled([...held, taken(held, at % 7 === 0 ? 'full' : 'incremental', endedAt, false)])
    held = held.filter(({ label }) => rotation(held, keep, 'UTC', endedAt).keep.includes(label))
  }
  // Two weeks, and at most the one week more that the oldest of them needs.
  expect(held.length).toBeGreaterThanOrEqual(14)
  expect(held.length).toBeLessThanOrEqual(22)
})

test('of each hour, day, week and month that is asked for the last one stays, by the zone’s own calendar', () => {
  const fulls = Array.from({ length: 61 * 4 }, (_, at): Held => {
    const endedAt = new Date(Date.parse('2026-09-01T00:00:00Z') + at * 6 * hour)
    return { label: endedAt.toISOString(), kind: 'full', parent: null, endedAt, faults: [], proven: false }
  })
  const now = fulls.at(-1)?.endedAt ?? new Date(0)
  const keep: Keep = { fulls: 1, days: 0, hourly: 2, daily: 3, weekly: 2, monthly: 2 }
  // Midnight in London is half past nine in the evening in St John's, so it is the last of a day there.
  expect(rotation(fulls, keep, 'America/St_Johns', now).keep).toEqual([
    '2026-10-01T00:00:00.000Z',
    '2026-10-26T00:00:00.000Z',
    '2026-10-30T00:00:00.000Z',
    '2026-10-31T00:00:00.000Z',
    '2026-10-31T12:00:00.000Z',
    '2026-10-31T18:00:00.000Z',
  ])
})
