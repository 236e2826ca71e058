import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBudget } from '../../../src/slack/outbox/budget.js'
import { freshWithin } from '../../../src/slack/outbox/pace.js'

const minute = 60_000

/** Slack with a limit nobody tells: so many calls in any minute, and how long to wait when there were more. */
function hiddenLimit() {
  let calls: number[] = []
  return (perMinute: number, now: number): number => {
    calls = calls.filter((at) => at > now - minute)
    const oldest = calls.at(-perMinute)
    if (oldest !== undefined) return Math.ceil((oldest + minute - now) / 1000) * 1000
    calls.push(now)
    return 0
  }
}

/** Wants to make calls all the time for `ms`; `allowed`: what Slack takes a minute at a moment. */
function pressed(budget: ReturnType<typeof createBudget>, allowed: (now: number) => number, from: number, ms: number) {
  const take = hiddenLimit()
  const [made, refused]: [number[], number[]] = [[], []]
  let now = from
  while (now < from + ms) {
    const free = budget.freeAt('chat.update', 'C1', false, now)
    if (free > now) {
      now = free
      continue
    }
    const wait = take(allowed(now), now + 80)
    if (wait > 0) {
      refused.push(now)
      budget.limited('chat.update', 'C1', now + 150 + wait, now + 150)
    } else {
      made.push(now)
      budget.spent('chat.update', 'C1', false, { sent: now, answered: now + 150 })
    }
    now += 150
  }
  return { made, refused, now }
}

describe('the budget', () => {
  it('keeps inside what Slack promises without one refusal', () => {
    const { made, refused } = pressed(createBudget(), () => 50, 0, 60 * minute)
    expect(refused.length).toBeLessThanOrEqual(6)
    expect(made.length / 60).toBeGreaterThan(42)
  })

  it('finds a limit it does not know with three refusals at most, and loses hardly any of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 60 }), fc.integer({ min: 20, max: 60 }), (before, after) => {
        const budget = createBudget()
        const change = 20 * minute
        const { made, refused } = pressed(budget, (now) => (now < change ? before : after), 0, 40 * minute)
        const settling = (from: number) => refused.filter((at) => at >= from && at < from + 10 * minute).length
        expect(settling(0)).toBeLessThanOrEqual(3)
        expect(settling(change)).toBeLessThanOrEqual(3)
        const late = made.filter((at) => at >= 35 * minute).length / 5
        expect(late).toBeGreaterThan(Math.min(after, 48) * 0.45)
      }),
      { numRuns: 60 },
    )
  })

  it('tries for more than it knows to be allowed at most once in ten minutes', () => {
    for (const hidden of [20, 33, 50]) {
      const { refused } = pressed(createBudget(), () => hidden, 0, 120 * minute)
      const settled = refused.filter((at) => at > 10 * minute)
      for (const [index, at] of settled.entries())
        expect(at - (settled[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(10 * minute)
    }
  })

  it('waits as long as Slack said for that method, and for no other', () => {
    const budget = createBudget()
    budget.limited('chat.update', 'C1', 30_000, 0)
    expect(budget.freeAt('chat.update', 'C1', true, 0)).toBe(30_000)
    expect(budget.freeAt('chat.postMessage', 'C1', true, 0)).toBe(0)
  })

  it('counts posts in each channel on its own', () => {
    const budget = createBudget()
    budget.spent('chat.postMessage', 'C1', true, { sent: 0, answered: 0 })
    expect(budget.freeAt('chat.postMessage', 'C1', true, 0)).toBeGreaterThanOrEqual(1_000)
    expect(budget.freeAt('chat.postMessage', 'C2', true, 0)).toBe(0)
  })

  it('keeps some calls back for what people act on, while progress takes all it may', () => {
    const budget = createBudget()
    const { now } = pressed(budget, () => 50, 0, 10 * minute)
    budget.spent('chat.update', 'C1', false, { sent: now, answered: now })
    expect(budget.freeAt('chat.update', 'C1', false, now)).toBeGreaterThan(now)
    expect(budget.freeAt('chat.update', 'C1', true, now)).toBe(now)
  })

  it('starts from what another process learnt', () => {
    const first = createBudget()
    pressed(first, () => 20, 0, 5 * minute)
    const learnt = first.learnt()
    expect(first.learnt()).toEqual([])
    const next = createBudget()
    next.believe(learnt, 5 * minute)
    const { refused } = pressed(next, () => 20, 6 * minute, 10 * minute)
    expect(refused).toEqual([])
  })
})

it('boards are to be fresher the fewer runs they show, and never fresher than calls allow', () => {
  expect([1, 40, 100, 500].map((runs) => freshWithin(runs, 0))).toEqual([2_750, 2_750, 4_200, 19_200])
  expect(freshWithin(1_000, 0)).toBeGreaterThan(30_000)
  expect(freshWithin(40, 5_000)).toBe(5_000)
})

describe('a clock that is set back by ten minutes', () => {
  it.each(['chat.update', 'chat.postMessage'])('does not silence %s until it is where it was', (method) => {
    const budget = createBudget()
    const before = 20 * minute
    for (let call = 0; call < 60; call++) budget.spent(method, 'C1', true, { sent: before, answered: before })
    budget.limited(method, 'C1', before + 2_000, before)
    const now = before - 10 * minute
    expect(budget.freeAt(method, 'C1', true, now)).toBeLessThanOrEqual(now + minute)
    expect(budget.freeAt(method, 'C1', true, now + minute)).toBe(now + minute)
  })
})
