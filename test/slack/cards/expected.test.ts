import { describe, expect, it } from 'vitest'
import { expectedLeft } from '../../../src/slack/cards/expected.js'

describe('what is left of a run', () => {
  it.each([
    [[], 1_000, null],
    [[240_000, 300_000, 280_000], 102_000, 'about 3 min left'],
    [[60_000], 20_000, 'about 40 s left'],
    [[30_000], 18_000, 'about 10 s left'],
    [[60_000], 58_000, null],
    [[60_000], 70_000, null],
    [[60_000, 62_000, 61_000], 200_000, 'longer than the usual 1 min'],
  ])('after runs of %j ms and %d ms of this one: %s', (earlier, elapsed, words) =>
    expect(expectedLeft(earlier, elapsed)).toBe(words),
  )
})
