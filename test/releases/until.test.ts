import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inZone, zonedMoment } from '../../src/clock.js'
import { endOf, readUntil } from '../../src/releases/until.js'

const noon = new Date('2026-03-02T12:00:00Z')
const ends = (words: string, zone = 'Europe/Rome', now = noon) => {
  const read = readUntil(words.split(' '))
  if ('problem' in read || read.until === null) return read
  return endOf(read.until, now, zone)?.toISOString() ?? 'over already'
}

test.each([
  ['for 2h x', '2026-03-02T14:00:00.000Z'],
  ['1h30m x', '2026-03-02T13:30:00.000Z'],
  ['for 90 minutes x', '2026-03-02T13:30:00.000Z'],
  ['until 18:00 x', '2026-03-02T17:00:00.000Z'],
  ['until 9:00 x', '2026-03-03T08:00:00.000Z'],
  ['until 6pm x', '2026-03-02T17:00:00.000Z'],
  ['until 12am x', '2026-03-02T23:00:00.000Z'],
  ['until noon x', '2026-03-03T11:00:00.000Z'],
  ['until tomorrow 9:05 x', '2026-03-03T08:05:00.000Z'],
  ['until monday 12:30 x', '2026-03-09T11:30:00.000Z'],
  ['until monday 18:00 x', '2026-03-02T17:00:00.000Z'],
  ['until sun at 8.15 x', '2026-03-08T07:15:00.000Z'],
  ['until 2026-04-01 18:00 x', '2026-04-01T16:00:00.000Z'],
  ['until 2026-03-01 18:00 x', 'over already'],
  ['until today 9:00 x', 'over already'],
  ['for 0s x', 'over already'],
])('"%s", said at 13:00 in Rome, ends at %s', (words, end) => {
  expect(ends(words)).toBe(end)
})

test('the same words end at another moment in another zone', () => {
  expect(ends('until 18:00 x', 'America/New_York')).toBe('2026-03-02T23:00:00.000Z')
  expect(ends('until 18:00 x', 'Asia/Kolkata')).toBe('2026-03-02T12:30:00.000Z')
})

test.each(['for the exam', 'until the disk is back', 'exam week', 'for', 'until', ''])('"%s" is a reason', (words) => {
  const all = words.split(' ')
  expect(readUntil(all)).toEqual({ until: null, rest: all })
})

test.each([
  'for 2 parsecs',
  'until 25:00',
  'until 13pm x',
  'until 9 x',
  'until tomorrow',
  'until fri soon',
  'until 2026-13-45',
])('"%s" is a slip, not a reason', (words) => {
  expect(readUntil(words.split(' '))).toMatchObject({ problem: expect.any(String) })
})

describe('a time of day', () => {
  test('that the clocks skip is the moment after the gap', () => {
    expect(zonedMoment('2026-03-29', '02:30', 'Europe/Rome').toISOString()).toBe('2026-03-29T01:30:00.000Z')
  })

  test('that the clocks show twice is the first of the two', () => {
    expect(zonedMoment('2026-10-25', '02:30', 'Europe/Rome').toISOString()).toBe('2026-10-25T00:30:00.000Z')
  })

  test('is shown by the zone’s clocks as it was said, wherever it exists', () => {
    const zones = [
      'Europe/Rome',
      'America/St_Johns',
      'Asia/Kathmandu',
      'Pacific/Kiritimati',
      'Australia/Lord_Howe',
      'UTC',
    ]
    const day = fc
      .integer({ min: 0, max: 1_000 })
      .map((n) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10))
    const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    fc.assert(
      fc.property(day, time, fc.constantFrom(...zones), (date, [hour, minute], zone) => {
        const said = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
        const moment = zonedMoment(date, said, zone)
        const shown = inZone(moment, zone).format('YYYY-MM-DD HH:mm')
        // Only around a change of the clocks may it differ, and then by that change.
        const turns = inZone(new Date(+moment - 7_200_000), zone).utcOffset() !== inZone(moment, zone).utcOffset()
        expect(turns || shown === `${date} ${said}`).toBe(true)
      }),
    )
  })
})
