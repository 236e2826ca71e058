import { describe, expect, test } from 'vitest'
import { byUrgency, dueNow, isOpen, stateOf, wasMissed } from '../../../src/releases/routines/calendar.js'
import type { Occurrence } from '../../../src/releases/routines/routine.js'

const rome = 'Europe/Rome'
const hour = 3_600_000
const at = (text: string) => new Date(text)
const routine = (every: string, within = 4 * hour) => ({ every, within })

/** A clock that looks every half hour from `from` to `to`: the moments that it asks for, and until when. */
function asked(every: string, from: string, to: string, within = 4 * hour): { due: string; until: string }[] {
  const all: { due: string; until: string }[] = []
  const since = at(from)
  let last: Date | null = null
  for (let now = since.getTime(); now <= at(to).getTime(); now += hour / 2) {
    const due = dueNow(routine(every, within), { since, last }, rome, new Date(now))
    if (!due) continue
    expect(due.passed).toEqual([])
    last = due.dueAt
    all.push({ due: due.dueAt.toISOString(), until: due.until.toISOString() })
  }
  return all
}

const dues = (every: string, from: string, to: string) => asked(every, from, to).map(({ due }) => due)

describe('what is due', () => {
  test('is asked for once at each moment, in the zone of the operator’s file', () => {
    expect(asked('0 9 * * *', '2026-11-02T00:00:00Z', '2026-11-04T00:00:00Z')).toEqual([
      { due: '2026-11-02T08:00:00.000Z', until: '2026-11-02T12:00:00.000Z' },
      { due: '2026-11-03T08:00:00.000Z', until: '2026-11-03T12:00:00.000Z' },
    ])
  })

  test('on Mondays is due on Mondays, monthly on the first, and by the names that cron has', () => {
    expect(dues('0 9 * * 1', '2026-11-01T00:00:00Z', '2026-11-16T23:00:00Z')).toEqual([
      '2026-11-02T08:00:00.000Z',
      '2026-11-09T08:00:00.000Z',
      '2026-11-16T08:00:00.000Z',
    ])
    expect(dues('@monthly', '2026-10-15T00:00:00Z', '2026-12-02T00:00:00Z')).toEqual([
      '2026-10-31T23:00:00.000Z',
      '2026-11-30T23:00:00.000Z',
    ])
  })

  test('on the 31st is due in months of 31 days alone; on the last day in every month', () => {
    const days = (every: string) =>
      dues(every, '2026-01-01T00:00:00Z', '2026-08-01T00:00:00Z').map((one) => one.slice(5, 10))
    expect(days('0 9 31 * *')).toEqual(['01-31', '03-31', '05-31', '07-31'])
    expect(days('0 9 L * *')).toEqual(['01-31', '02-28', '03-31', '04-30', '05-31', '06-30', '07-31'])
  })

  test('keeps its hour when the clocks change, comes after the gap that they skip, and once where they show it twice', () => {
    expect(dues('0 9 * * *', '2026-03-28T00:00:00Z', '2026-03-30T00:00:00Z')).toEqual([
      '2026-03-28T08:00:00.000Z',
      '2026-03-29T07:00:00.000Z',
    ])
    expect(dues('30 2 * * *', '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z')).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ])
    expect(dues('30 2 * * *', '2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z')).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ])
  })

  test('has its time, but none beyond the moment at which it comes again', () => {
    const [first] = asked('0 * * * *', '2026-11-02T00:30:00Z', '2026-11-02T01:30:00Z', 4 * hour)
    expect(first).toEqual({ due: '2026-11-02T01:00:00.000Z', until: '2026-11-02T02:00:00.000Z' })
    const [long] = asked('0 9 * * *', '2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z', 30 * hour)
    expect(long?.until).toBe('2026-10-26T08:00:00.000Z')
  })

  test('before it was looked after for the first time was never asked for', () => {
    const clockwork = { since: at('2026-11-02T08:00:01Z'), last: null }
    expect(dueNow(routine('0 9 * * *'), clockwork, rome, at('2026-11-03T07:59:59Z'))).toBeNull()
    expect(dueNow(routine('0 9 * * *'), clockwork, rome, at('2026-11-03T08:00:00Z'))?.passed).toEqual([])
  })
})

describe('after a time in which nobody kept the clock', () => {
  const since = at('2026-11-01T00:00:00Z')
  const last = at('2026-11-02T08:00:00Z')

  test('only the newest moment is asked for; each of those before it is on record', () => {
    const due = dueNow(routine('0 9 * * *'), { since, last }, rome, at('2026-11-06T10:00:00Z'))
    expect(due?.dueAt).toEqual(at('2026-11-06T08:00:00Z'))
    expect(due?.passed.map((one) => one.toISOString().slice(0, 10))).toEqual(['2026-11-03', '2026-11-04', '2026-11-05'])
  })

  test('people have its whole time from when it was asked for, since nobody could do what nobody asked for', () => {
    const askedFor = (now: string) => dueNow(routine('0 9 * * *'), { since, last }, rome, at(now))?.until
    expect(askedFor('2026-11-03T08:00:05Z')).toEqual(at('2026-11-03T12:00:00Z'))
    expect(askedFor('2026-11-03T11:59:00Z')).toEqual(at('2026-11-03T15:59:00Z'))
    expect(askedFor('2026-11-03T20:00:00Z')).toEqual(at('2026-11-04T00:00:00Z'))
    expect(askedFor('2026-11-04T07:59:00Z')).toEqual(at('2026-11-04T08:00:00Z'))
  })

  test('of years away not more is kept than anybody would read, and it is quick', () => {
    const began = performance.now()
    const due = dueNow(routine('* * * * *'), { since, last: null }, rome, at('2029-11-01T00:00:30Z'))
    expect(due?.dueAt).toEqual(at('2029-11-01T00:00:00Z'))
    expect(due?.passed).toHaveLength(500)
    expect(due?.passed.at(-1)).toEqual(at('2029-10-31T23:59:00Z'))
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})

const rita = { kind: 'person' as const, id: 'U0RITA', name: 'Rita' }

function occurrence(more: Partial<Occurrence> = {}): Occurrence {
  return {
    ...{ id: 1, routine: 'certificates', missedAt: null, closedAt: null, ended: null },
    dueAt: at('2026-11-02T08:00:00Z'),
    openedAt: at('2026-11-02T08:00:01Z'),
    until: at('2026-11-02T12:00:00Z'),
    asked: {
      ...{ says: 'Look.', guide: null, evidence: 'optional', whose: 'Rita', unasked: 0 },
      called: { people: ['U0RITA'], groups: [] },
    },
    ...more,
  }
}

describe('one that was asked for', () => {
  const done = (moment: string) => ({ as: 'done' as const, by: rita, at: at(moment), note: '' })
  const before = at('2026-11-02T11:59:59Z')
  const after = at('2026-11-02T12:00:00Z')

  test('is due until its time is over, then missed, whether or not the clock has come by', () => {
    expect(stateOf(occurrence(), before)).toBe('due')
    expect(stateOf(occurrence(), after)).toBe('missed')
    expect(stateOf(occurrence({ missedAt: after }), before)).toBe('missed')
  })

  test('is done by whoever says so, and one that was missed stays missed whatever is done later', () => {
    const inTime = occurrence({ ended: done('2026-11-02T11:00:00Z') })
    const late = occurrence({ ended: done('2026-11-02T13:00:00Z'), missedAt: after })
    const unseen = occurrence({ ended: done('2026-11-02T13:00:00Z') })
    expect([inTime, late, unseen].map((one) => stateOf(one, after))).toEqual(['done', 'done', 'done'])
    expect([inTime, late, unseen].map((one) => wasMissed(one, after))).toEqual([false, true, true])
  })

  test('can be said of until it comes again, or the file has it no more, and never when nobody was asked', () => {
    expect(isOpen(occurrence())).toBe(true)
    expect(isOpen(occurrence({ missedAt: after }))).toBe(true)
    expect(isOpen(occurrence({ missedAt: after, closedAt: after }))).toBe(false)
    expect(isOpen(occurrence({ asked: null }))).toBe(false)
    expect(stateOf(occurrence({ closedAt: before }), after)).toBe('withdrawn')
    expect(stateOf(occurrence({ missedAt: before, closedAt: before }), after)).toBe('missed')
  })

  test('stands first when it was missed, then by the end of its time', () => {
    const later = occurrence({ id: 2, until: at('2026-11-02T15:00:00Z') })
    const missed = occurrence({ id: 3, missedAt: before })
    const over = occurrence({ id: 4, ended: done('2026-11-02T09:00:00Z') })
    const sorted = [over, later, occurrence(), missed].sort(byUrgency(before))
    expect(sorted.map(({ id }) => id)).toEqual([3, 1, 2, 4])
  })
})
