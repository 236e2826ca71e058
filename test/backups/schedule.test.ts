import { expect, test } from 'vitest'
import { type Clockwork, comingUp, dueNow } from '../../src/backups/schedule.js'
import { countMoments, isCron, lastMoment, nextMoment } from '../../src/releases/backups/cron.js'

const rome = 'Europe/Rome'
const at = (text: string) => new Date(text)

const clockwork = (more: Partial<Clockwork> = {}): Clockwork => ({
  timetable: { full: '0 2 * * *', differential: null, incremental: '30 * * * *', drill: '0 4 * * 0', verify: null },
  zone: 'UTC',
  starts: {},
  since: at('2026-03-01T00:00:00Z'),
  ...more,
})

test('nothing is due before its moment, and at the moment it is', () => {
  const { starts } = { starts: { full: at('2026-03-02T02:00:00Z'), incremental: at('2026-03-02T02:30:00Z') } }
  const calm = clockwork({ starts: { ...starts, drill: at('2026-03-01T04:00:00Z') } })
  expect(dueNow(calm, at('2026-03-02T03:29:59.999Z')).start).toEqual([])
  expect(dueNow(calm, at('2026-03-02T03:30:00Z')).start).toEqual([
    { work: 'incremental', at: at('2026-03-02T03:30:00Z'), missed: 0 },
  ])
})

test('after a week of silence one backup is caught up with, the strongest; the others stand for nothing more', () => {
  const seen = clockwork({
    starts: {
      full: at('2026-03-02T02:00:00Z'),
      incremental: at('2026-03-02T02:30:00Z'),
      drill: at('2026-03-01T04:00:00Z'),
    },
  })
  const { start, stoodFor } = dueNow(seen, at('2026-03-09T12:00:00Z'))
  expect(start).toEqual([
    { work: 'full', at: at('2026-03-09T02:00:00Z'), missed: 6 },
    { work: 'drill', at: at('2026-03-08T04:00:00Z'), missed: 0 },
  ])
  expect(stoodFor).toEqual([{ work: 'incremental', at: at('2026-03-09T11:30:00Z'), missed: 176 }])
})

test('a new database owes nothing for the time before somebody looked after it', () => {
  const fresh = clockwork({ since: at('2026-03-09T12:00:00Z') })
  expect(dueNow(fresh, at('2026-03-09T12:29:00Z')).start).toEqual([])
  expect(dueNow(fresh, at('2026-03-09T12:30:00Z')).start.map(({ work }) => work)).toEqual(['incremental'])
})

test.each([
  [
    'the night that the clocks skip 02:30: right after the gap',
    '30 2 * * *',
    '2026-03-29T00:59:00Z',
    '2026-03-29T01:00:00Z',
  ],
  [
    'the night that they show 02:30 twice: the first time',
    '30 2 * * *',
    '2026-10-24T12:00:00Z',
    '2026-10-25T00:30:00Z',
  ],
  ['after that: once, not again an hour later', '30 2 * * *', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
  ['each hour, also the one that is there twice', '30 * * * *', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'],
])('%s', (_what, text, from, next) => {
  expect(nextMoment(text, rome, at(from))).toEqual(at(next))
  // Looking back from there finds the same moment.
  expect(lastMoment(text, rome, at(next))).toEqual(at(next))
})

test('a year of nights has 365 backups, whatever the clocks do', () => {
  expect(countMoments('30 2 * * *', rome, at('2026-01-01T00:00:00Z'), at('2027-01-01T00:00:00Z'), 400)).toBe(365)
})

test('what comes next is told soonest first', () => {
  expect(comingUp(clockwork().timetable, 'UTC', at('2026-03-07T01:45:00Z')).map(({ work }) => work)).toEqual([
    'full',
    'incremental',
    'drill',
  ])
})

test.each(['61 2 * * *', 'every day', '0 0 30 2 *', '* * *'])('"%s" is no schedule', (text) => {
  expect(isCron(text)).toBe(false)
})
