import fc from 'fast-check'
import { expect, test } from 'vitest'
import { zonedMoment } from '../../../src/clock.js'
import { onCallAt, peopleAt } from '../../../src/incidents/paging/rota.js'
import { type OnCallSection, onCall, type RotaLayer } from '../../../src/releases/sections/on-call.js'

const zone = 'Europe/Rome'
const layer = (more: Partial<RotaLayer> = {}) => ({
  people: ['U0A', 'U0B', 'U0C'],
  from: '2026-01-05',
  at: '09:00',
  ...more,
})
const section = (layers: object[], overrides: object[] = [], more: object = {}): OnCallSection =>
  onCall.parse({ rotas: { web: { layers, overrides, group: 'responders' } }, default: 'web', ...more })
const at = (day: string, time: string) => zonedMoment(day, time, zone)
const first = (rota: OnCallSection, now: Date) => onCallAt(rota, zone, 'storefront', now)?.people[0]

// Clocks go forward on 29 March and back on 25 October 2026.
const changes = ['2026-03-29', '2026-10-25']

test.each(changes)('a daily hand-over is at its local time on the day when clocks change, %s', (day) => {
  const rota = section([layer({ handover: 'daily' })])
  const before = first(rota, new Date(at(day, '09:00').getTime() - 1))
  const after = first(rota, at(day, '09:00'))
  expect(after).not.toBe(before)
  expect(first(rota, at(day, '23:30'))).toBe(after)
})

test.each([
  ['2026-03-29', '02:30'],
  ['2026-10-25', '02:30'],
])('a hand-over at a time that clocks skip or show twice happens once, %s', (day, time) => {
  const rota = section([layer({ handover: 'daily', at: time })])
  const minutes = Array.from({ length: 24 * 60 }, (_, minute) => new Date(at(day, '00:00').getTime() + minute * 60_000))
  const seen = minutes.map((moment) => first(rota, moment))
  expect(seen.filter((person, index) => index > 0 && person !== seen[index - 1])).toHaveLength(1)
})

test('a weekly hand-over is on the weekday of its first day, whatever clocks did in between', () => {
  const rota = section([layer()])
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 150 }), (week) => {
      const day = new Date(Date.parse('2026-01-05T00:00:00Z') + week * 7 * 86_400_000).toISOString().slice(0, 10)
      const expected = ['U0A', 'U0B', 'U0C'][week % 3]
      expect(first(rota, at(day, '09:00'))).toBe(expected)
      if (week > 0)
        expect(first(rota, new Date(at(day, '09:00').getTime() - 1))).toBe(['U0A', 'U0B', 'U0C'][(week - 1) % 3])
    }),
    { numRuns: 100 },
  )
})

test('at every moment exactly one person is first, and it changes at the moment that was said and not before', () => {
  const moments = fc.date({
    min: new Date('2026-01-07T00:00:00Z'),
    max: new Date('2027-12-31T00:00:00Z'),
    noInvalidDate: true,
  })
  const layers = fc.record({
    handover: fc.constantFrom('daily' as const, 'weekly' as const),
    at: fc.constantFrom('00:00', '02:30', '09:00', '23:59'),
    people: fc.uniqueArray(fc.constantFrom('U0A', 'U0B', 'U0C', 'U0D'), { minLength: 1 }),
  })
  fc.assert(
    fc.property(
      moments,
      layers,
      fc.constantFrom('Europe/Rome', 'America/New_York', 'Australia/Lord_Howe', 'UTC'),
      (now, more, there) => {
        const rota = section([layer(more)], [{ person: 'U0X', from: '2026-10-24 12:00', to: '2026-10-26 12:00' }], {
          zone: there,
        })
        const standing = onCallAt(rota, zone, null, now)
        const people = standing?.people ?? []
        expect(people.length).toBeGreaterThan(0)
        expect(new Set(people).size).toBe(people.length)
        const until = standing?.until
        if (!until) return
        expect(until > now).toBe(true)
        const inside = [0.1, 0.5, 0.9].map((part) => new Date(now.getTime() + (until.getTime() - now.getTime()) * part))
        for (const moment of [...inside, new Date(until.getTime() - 1)])
          expect(onCallAt(rota, zone, null, moment)?.people[0]).toBe(people[0])
        expect(onCallAt(rota, zone, null, until)?.people[0]).not.toBe(people[0])
      },
    ),
    { numRuns: 150 },
  )
})

test('an override stands before the layers for as long as it says, and the last one written counts', () => {
  const overrides = [
    { person: 'U0X', from: '2026-12-24 09:00', to: '2026-12-27 09:00' },
    { person: 'U0Y', from: '2026-12-25 00:00', to: '2026-12-26 00:00' },
  ]
  const rota = section([layer()], overrides)
  expect(first(rota, at('2026-12-24', '08:59'))).not.toBe('U0X')
  expect(first(rota, at('2026-12-24', '09:00'))).toBe('U0X')
  expect(first(rota, at('2026-12-25', '12:00'))).toBe('U0Y')
  expect(first(rota, at('2026-12-26', '12:00'))).toBe('U0X')
})

test('hours over midnight belong to the day on which they began', () => {
  const nights = layer({ people: ['U0N'], hours: { days: ['friday'], from: '22:00', to: '06:00' } })
  const rota = section([nights, layer({ people: ['U0D'] })])
  expect(first(rota, at('2026-03-27', '23:00'))).toBe('U0N')
  expect(first(rota, at('2026-03-28', '05:59'))).toBe('U0N')
  expect(first(rota, at('2026-03-28', '06:00'))).toBe('U0D')
  expect(first(rota, at('2026-03-28', '23:00'))).toBe('U0D')
})

test('who is next comes last, and a service of its own rota is asked there', () => {
  const rota = section([layer(), layer({ people: ['U0Z'] })])
  expect(
    peopleAt(rota.rotas.web as NonNullable<OnCallSection['rotas'][string]>, zone, at('2026-01-05', '10:00')),
  ).toEqual(['U0A', 'U0Z', 'U0B'])
  const two = onCall.parse({
    rotas: { web: { layers: [layer()] }, shop: { layers: [layer({ people: ['U0S'] })] } },
    ...{ services: { shop: 'shop' }, default: 'web' },
  })
  expect(onCallAt(two, zone, 'shop', at('2026-02-01', '10:00'))).toMatchObject({
    people: ['U0S'],
    source: 'shop',
    until: null,
  })
  expect(onCallAt(two, zone, 'constructor', at('2026-02-01', '10:00'))?.source).toBe('web')
  expect(onCallAt({ ...two, default: undefined }, zone, 'other', at('2026-02-01', '10:00'))).toBeNull()
})

test('before its first day nobody is on call, and a rota that names nobody is refused', () => {
  expect(onCallAt(section([layer()]), zone, null, at('2026-01-05', '08:59'))).toMatchObject({
    people: [],
    until: at('2026-01-05', '09:00'),
  })
  expect(onCall.safeParse({ rotas: { web: { layers: [] } } }).success).toBe(false)
  expect(onCall.safeParse({ rotas: {}, default: 'web' }).success).toBe(false)
})
