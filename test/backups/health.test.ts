import { expect, test } from 'vitest'
import type { Sample } from '../../src/backups/growth.js'
import { type Sight, troublesOf } from '../../src/backups/health.js'
import type { LastLook } from '../../src/backups/known.js'
import { backup, day, drill, hour, policy } from '../support/backups/backups.js'

const now = new Date('2026-11-26T12:40:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)
const minute = 60_000

const look = (more: Partial<LastLook> = {}): LastLook => ({
  at: now,
  spans: [{ from: ago(14 * day), to: ago(minute) }],
  archive: { lastSegment: '0000000100000000000000A1', lastAt: ago(minute), missing: [], failing: null },
  storedBytes: 20e9,
  freeBytes: 400e9,
  problem: null,
  ...more,
})

/** Fulls at 02:00 of the last days, an increment ten minutes ago, drilled on Sunday. */
function well(more: Partial<Sight> = {}): Sight {
  const fulls = [0, 1, 2, 3, 4].map((nights) => backup(new Date(Date.parse('2026-11-26T02:03:00Z') - nights * day)))
  const last = backup(ago(10 * minute), { kind: 'incremental', parent: fulls[0]?.label ?? null })
  const proven = { provenAt: ago(4 * day), provenBy: 480 }
  return {
    policy: policy(),
    clockwork: { timetable: policy().schedule, zone: 'UTC', starts: {}, since: ago(60 * day) },
    backups: [...fulls.slice(0, 4), { ...(fulls[4] ?? backup(ago(5 * day))), ...proven }, last],
    drills: [drill(ago(4 * day))],
    samples: [],
    look: look(),
    live: [],
    ...more,
  }
}

const told = (sight: Sight, at = now) => troublesOf(sight, at).map(({ kind, title }) => `${kind}: ${title}`)

test('nothing is said while all is well', () => {
  expect(troublesOf(well(), now)).toEqual([])
})

test('a night without a full backup is missed, with what to type', () => {
  const sight = well({ backups: well().backups.filter(({ label }) => !label.startsWith('20261126T02')) })
  expect(troublesOf(sight, now)).toEqual([
    {
      kind: 'missed',
      severity: 'SEV2',
      title: 'The full backup of shop was missed: due 10 h 40 min ago, the last sound one is 10 min old.',
      next: 'Take one now: /backup shop full',
    },
  ])
})

test('when nothing at all is stored any more both are missed, and six weeks of success do not hide it', () => {
  const sight = well({ backups: [] })
  expect(told(sight).find((line) => line.startsWith('missed'))).toBe(
    'missed: The full and incremental backup of shop was missed: due 10 h 40 min ago, there is none at all.',
  )
})

test('within the grace nobody is told, after it somebody is', () => {
  const sight = well({ backups: well().backups.filter(({ kind }) => kind === 'full') })
  // The one of 11:30 is missing as well, and that is over; so is told of a day on which it was there.
  const until = {
    ...sight,
    backups: [...sight.backups, backup(new Date('2026-11-26T11:35:00Z'), { kind: 'incremental' })],
  }
  expect(told(until, new Date('2026-11-26T13:14:59Z'))).toEqual([])
  expect(told(until, new Date('2026-11-26T13:15:01Z'))).toEqual([
    expect.stringMatching(/^missed: The incremental backup of shop was missed: due 45 min 1 s ago/),
  ])
})

test('one that is at work past its grace is late and names its run; one that takes as long as usual is not', () => {
  const backups = well().backups.filter(({ label }) => !label.startsWith('20261126T02'))
  const live = [{ run: 512, kind: 'full' as const, askedAt: ago(hour), startedAt: ago(hour) }]
  expect(told(well({ backups, live }))).toEqual([
    expect.stringMatching(/^late: The full backup of shop is late: due 10 h 40 min ago, #512 is at it/),
    expect.stringMatching(/^stuck: .*#512 has run for 1 h, 1 min is usual/),
  ])
  const slow = backups.map((one) => ({ ...one, startedAt: new Date(one.endedAt.getTime() - 6 * hour) }))
  expect(told(well({ backups: slow, live }))).toEqual([])
})

test('a faulty or damaged backup is none: it is told of, and its moment counts as missed', () => {
  const [first, ...rest] = well().backups
  const faulty = { ...(first ?? backup(now)), faults: ['page 7 of 1663/5/16384 does not match its checksum'] }
  expect(told(well({ backups: [faulty, ...rest] }))).toEqual([
    expect.stringMatching(/^missed: The full backup/),
    'damaged: Backup 20261126T020300F of shop is damaged: page 7 of 1663/5/16384 does not match its checksum.',
  ])
})

test.each([
  ['an empty one', { databaseBytes: 0 }, 'is empty'],
  ['one that stored nothing', { storedBytes: 0 }, 'is empty'],
  ['one of less than half the data', { databaseBytes: 1.4e9 }, '1.4 GB of data, 3.0 GB is usual'],
  ['a full one of less than half the size', { storedBytes: 0.4e9 }, '400 MB stored, 1.0 GB is usual'],
])('%s has shrunk', (_what, more, words) => {
  const [first, ...rest] = well().backups
  expect(told(well({ backups: [{ ...(first ?? backup(now)), ...more }, ...rest] }))).toEqual([
    `shrunken: The last full backup of shop has shrunk: ${words.startsWith('is') ? `20261126T020300F ${words}` : words}.`,
  ])
})

test('a small increment of a whole database has not shrunk, nor the third backup there ever was', () => {
  const small = { ...backup(ago(minute), { kind: 'incremental' }), storedBytes: 1_000 }
  expect(told(well({ backups: [...well().backups, small] }))).toEqual([])
  const young = [backup(ago(10 * hour + 30 * minute)), backup(ago(2 * day), { databaseBytes: 9e9 }), small]
  expect(told(well({ backups: young })).filter((line) => line.startsWith('shrunken'))).toEqual([])
})

test('archiving that fails and an archive with a hole are told apart', () => {
  const archive = {
    lastSegment: 'A1',
    lastAt: ago(hour),
    missing: ['000000010000000000000099', '9A'],
    failing: 'exit 1',
  }
  expect(told(well({ look: look({ archive }) }))).toEqual([
    'failing: Archiving the WAL of shop fails: exit 1',
    'holes: The archive of shop has a hole: 000000010000000000000099 and 1 more missing. Moments after it need a newer backup.',
  ])
})

test('a window that ends too long ago is told only where the operator set how much may be lost', () => {
  const old = look({ spans: [{ from: ago(9 * day), to: ago(hour) }] })
  const bare = well().backups.filter(({ endedAt }) => endedAt < ago(2 * hour))
  expect(told(well({ look: old, policy: policy({ loss: null }) }))).toEqual([])
  expect(told(well({ look: old, backups: bare, policy: policy({ loss: 15 * minute }) }))).toContain(
    'behind: shop could be recovered only to 1 h ago, limit 15 min.',
  )
})

const samples = (perDay: number, free: number | null): Sample[] =>
  [3, 2, 1, 0].map((days) => ({
    at: ago(days * day),
    storedBytes: 50e9 - days * perDay,
    freeBytes: free,
    databaseBytes: null,
  }))

test('a storage that is full in so many days is told by its growth', () => {
  expect(told(well({ samples: samples(2e9, 100e9) }))).toEqual([])
  expect(told(well({ samples: samples(2e9, 20e9) }))).toEqual([
    'full: The storage for the backups of shop is full in about 10 days, limit 14 days.',
  ])
  expect(troublesOf(well({ samples: samples(20e9, 10e9) }), now)[0]).toMatchObject({
    severity: 'SEV2',
    title: 'The storage for the backups of shop is full within a day, limit 14 days.',
  })
  // What does not grow, or has no end that anybody knows, is never full.
  expect(told(well({ samples: [...samples(0, 20e9), ...samples(2e9, null)].slice(0, 4) }))).toEqual([])
})

test('a proven backup that is too old refuses deploys, and a drill that failed is told at once', () => {
  const old = well().backups.map((one) => (one.provenAt ? { ...one, endedAt: ago(9 * day) } : one))
  expect(told(well({ backups: old }))).toEqual([
    'unproven: Deploys are refused: the last proven backup of shop is 9 days old, limit 8 days.',
  ])
  const failed = drill(ago(hour), { run: 512, passed: false, verdict: '3 orphans in orders_customer_fkey' })
  expect(told(well({ drills: [...well().drills, failed] }))).toEqual([
    'drill failed: The last restore drill of shop failed: 3 orphans in orders_customer_fkey',
  ])
})

test('a storage that cannot be looked at is told after ten minutes, not at the first hiccup', () => {
  const problem = (since: Date) => ({ text: 'The bucket does not answer.', next: null, since })
  expect(told(well({ look: look({ problem: problem(ago(9 * minute)) }) }))).toEqual([])
  expect(told(well({ look: look({ problem: problem(ago(11 * minute)) }) }))).toEqual([
    'unreadable: The backups of shop cannot be looked at for 11 min: The bucket does not answer.',
  ])
})
