import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distance, nearest } from '../../src/releases/nearest.js'

test.each([
  ['prdo', 'prod'],
  ['Prod', 'prod'],
  ['stagin', 'staging'],
  ['storfront', 'storefront'],
  ['production', 'prod'],
  ['stag', 'staging'],
  ['store', 'storefront'],
  ['st', null],
  ['banana', null],
  ['', null],
])('"%s" probably means %s', (word, meant) => {
  expect(nearest(word, ['prod', 'staging', 'storefront'])).toBe(meant)
})

test('a distance is none to itself, the same both ways, and at most the longer word', () => {
  const word = fc.string({ maxLength: 12 })
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(distance(a, a)).toBe(0)
      expect(distance(a, b)).toBe(distance(b, a))
      expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
    }),
  )
})
