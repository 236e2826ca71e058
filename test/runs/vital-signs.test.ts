import { expect, test } from 'vitest'
import { type VitalSigns, whatFails } from '../../src/runs/vital-signs.js'

const now = new Date('2026-03-02T12:00:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)
const well: VitalSigns = { workers: 1, waiting: [], untold: { cards: 0, since: null } }

test('all is well with a living worker, runs that move and cards that are told', () => {
  expect(whatFails(well, null, now)).toEqual([])
  expect(whatFails({ ...well, untold: { cards: 500, since: ago(600_000) } }, well, now)).toEqual([])
})

test('no worker, a run that nobody takes up between two looks, and cards that stay untold are each said', () => {
  expect(whatFails({ ...well, workers: 0 }, well, now)).toEqual(['no worker is alive'])
  expect(whatFails({ ...well, waiting: [7, 9] }, { ...well, waiting: [7] }, now)).toEqual(['nobody carries #7'])
  expect(whatFails({ ...well, untold: { cards: 1, since: ago(400_000) } }, well, now)[0]).toMatch(
    /1 card waits to be told/,
  )
})
