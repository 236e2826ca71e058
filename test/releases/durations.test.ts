import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDuration, shownDuration } from '../../src/releases/durations.js'

test.each([
  ['20s', 20_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
  ['250ms', 250],
  ['0s', 0],
  [' 5M ', 300_000],
])('"%s" is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['', '5', 'm', '5 m', '-5m', '1m1h', '5min', '1.5h', '99999999999999999d'])('"%s" is no duration', (text) => {
  expect(parseDuration(text)).toBeNull()
})

test.each([
  [0, '0 ms'],
  [850, '850 ms'],
  [1_000, '1 s'],
  [102_000, '1 min 42 s'],
  [3_600_000, '1 h'],
  [3_720_000, '1 h 2 min'],
  [90_000_000, '1 day 1 h'],
  [172_800_000, '2 days'],
  [-5, '0 ms'],
])('%i ms reads "%s"', (ms, words) => {
  expect(shownDuration(ms)).toBe(words)
})

test('nothing shown is ever empty', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (ms) => shownDuration(ms).length > 0))
})
