import { afterEach, expect, test, vi } from 'vitest'
import { createSeldom } from '../../../src/slack/front-door/seldom.js'

afterEach(() => {
  vi.useRealTimers()
})

test('what happens thousands of times is said at once, then every ten seconds with its number, then no more', () => {
  vi.useFakeTimers()
  const said: number[] = []
  const seldom = createSeldom((times) => said.push(times))
  for (let time = 0; time < 5_000; time++) seldom()
  expect(said).toEqual([1])
  vi.advanceTimersByTime(10_000)
  expect(said).toEqual([1, 4_999])
  vi.advanceTimersByTime(60_000)
  expect(said).toEqual([1, 4_999])
  seldom()
  expect(said).toEqual([1, 4_999, 1])
})
