import { expect, test } from 'vitest'
import { growthOf } from '../../src/backups/growth.js'
import { readingWords } from '../../src/backups/meter.js'
import { expectedOf, expectedWords, newestProven, proofOf } from '../../src/backups/proof.js'
import { shownBytes } from '../../src/backups/sizes.js'
import { isRecoverable, latestMoment, momentIn, windowWords } from '../../src/backups/window.js'
import { backup, day, drill, hour } from '../support/backups/backups.js'

const now = new Date('2026-11-26T14:04:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)
const shown = momentIn('UTC')

test.each([
  [{ done: 3.2e9, total: 14e9, tookMs: 15_238 }, '3.2 of 14 GB, 210 MB/s, 51 s left'],
  [{ done: 900e6, total: 14e9, tookMs: 4_000 }, '900 MB of 14 GB, 225 MB/s, 58 s left'],
  [{ done: 3.2e9, total: 0, tookMs: 15_238 }, '3.2 GB, 210 MB/s'],
  [{ done: 14e9, total: 14e9, tookMs: 60_000 }, '14 of 14 GB, 233 MB/s'],
  [{ done: 0, total: 14e9, tookMs: 9_000 }, '0 B of 14 GB'],
  [{ done: 5e6, total: 14e9, tookMs: 20 }, '5.0 MB of 14 GB'],
])('a reading of %j is "%s"', (reading, words) => {
  expect(readingWords(reading)).toBe(words)
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_200, '1.2 kB'],
  [999_600, '1.0 MB'],
  [14.3e9, '14 GB'],
  [-2e9, '-2.0 GB'],
])('%d bytes are %s', (bytes, words) => expect(shownBytes(bytes)).toBe(words))

const span = (from: number, to: number) => ({ from: ago(from), to: ago(to) })

test('the recoverable window is said with its end, and with what is missing in it', () => {
  const backups = [backup(ago(14 * day))]
  expect(windowWords({ backups, spans: [span(14 * day, 60_000)] }, now, shown)).toBe(
    'recoverable from 12 Nov 14:04 to 26 Nov 14:03 (1 min ago)',
  )
  expect(windowWords({ backups, spans: [span(14 * day, 4 * day), span(3 * day, 500)] }, now, shown)).toBe(
    'recoverable from 12 Nov 14:04 to 26 Nov 14:03 (now), but not 22 Nov 14:04 to 23 Nov 14:04',
  )
  expect(windowWords({ backups, spans: [] }, now, shown)).toBe(
    'recoverable to one moment only, the last 12 Nov 14:04 (14 days ago)',
  )
  expect(windowWords({ backups: [], spans: [] }, now, shown)).toBe('nothing can be recovered: there is no backup')
})

test('a moment in a hole cannot be had again', () => {
  const held = { backups: [], spans: [span(14 * day, 4 * day), span(3 * day, 0)] }
  expect([5, 3.5, 1].map((days) => isRecoverable(held, ago(days * day)))).toEqual([true, false, true])
  expect(latestMoment(held)).toEqual(now)
  const bare = { backups: [backup(ago(hour))], spans: [] }
  expect([isRecoverable(bare, ago(hour)), isRecoverable(bare, ago(hour - 1))]).toEqual([true, false])
})

test('only a drilled backup that is there and sound counts as proven', () => {
  const proven = backup(ago(2 * day), { provenAt: ago(day), provenBy: 7 })
  const gone = backup(ago(day), { provenAt: ago(hour), goneAt: ago(60_000) })
  const damaged = backup(ago(day), { provenAt: ago(hour), defects: ['base.tar: another hash'] })
  const all = [backup(ago(hour)), proven, gone, damaged]
  expect(newestProven(all)).toBe(proven)
  expect(proofOf('shop', all, 3 * day, now)).toMatchObject({
    holds: true,
    words: 'the last proven backup of shop is 2 days old, limit 3 days',
  })
  expect(proofOf('shop', all, day, now)).toMatchObject({ holds: false, next: 'Prove one: /restore drill shop' })
  expect(proofOf('shop', [backup(ago(hour))], day, now)).toMatchObject({
    holds: false,
    words: 'no backup of shop was ever restored in a drill',
  })
  expect(proofOf('shop', [], day, now)).toMatchObject({
    words: 'shop has no backup',
    next: 'Take one, then prove it: /backup shop full, /restore drill shop',
  })
})

test('what a restore would cost is told from drills that passed, for the size of today', () => {
  const drills = [
    drill(ago(day), { restoreMs: 100_000, recoveryMs: 20_000, lossMs: 30_000 }),
    drill(ago(8 * day), { restoreMs: 100_000, recoveryMs: 20_000, lossMs: 90_000 }),
    drill(ago(2 * hour), { passed: false, restoreMs: 1, lossMs: 9_000_000 }),
  ]
  // Twice the bytes of the drills.
  const expected = expectedOf(drills, 6e9)
  expect(expected).toEqual({ lossMs: 90_000, recoveryMs: 220_000, from: 2 })
  expect(expectedWords(expected)).toBe(
    'a restore takes about 3 min 40 s and loses at most 1 min 30 s, by the last 2 drills',
  )
  expect(expectedWords(expectedOf([], 6e9))).toBe('what a restore costs is not known: no drill has passed yet')
})

test('growth is a line through days, not the jump of one night', () => {
  const sample = (at: Date, storedBytes: number) => ({ at, storedBytes })
  expect(growthOf([sample(ago(hour), 1e9), sample(ago(hour / 2), 5e9), sample(now, 9e9)])).toBeNull()
  expect(growthOf([sample(ago(2 * day), 10e9), sample(ago(day), 12e9), sample(now, 14e9)])).toBeCloseTo(2e9, -3)
})
