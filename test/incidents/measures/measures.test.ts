import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chartOf } from '../../../src/incidents/measures/chart.js'
import { type MeasuredDeploy, type MeasuredIncident, measured } from '../../../src/incidents/measures/measures.js'
import { stakeholdersDigest } from '../../../src/incidents/public/digest.js'
import { knownErrors, type SolvedIncident } from '../../../src/incidents/review/known-errors.js'
import { pictureOf } from '../../../src/integrations/picture.js'
import { minute, rita, viewWith } from '../scene.js'

const now = new Date('2026-11-26T12:00:00Z')
const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000)
const scope = { days: 7, environment: 'prod', service: null, zone: 'Europe/Rome', now }
const deploy = (run: number, hours: number, more: Partial<MeasuredDeploy> = {}): MeasuredDeploy => ({
  ...{
    run,
    service: 'storefront',
    environment: 'prod',
    version: 'v1',
    endedAt: ago(hours),
    wentLive: true,
    caused: null,
  },
  ...{ builtAt: ago(hours + 2), ...more },
})
const incident = (id: number, hours: number, minutes: [number | null, number | null]): MeasuredIncident => {
  const after = (value: number | null) => (value === null ? null : new Date(ago(hours).getTime() + value * 60_000))
  const [acknowledgedAt, resolvedAt] = minutes.map(after) as [Date | null, Date | null]
  return { id, service: 'storefront', severity: 'SEV2', declaredAt: ago(hours), acknowledgedAt, resolvedAt }
}

test('the measures are those of the deploys and incidents of that time and place', () => {
  const deploys = [
    deploy(1, 5),
    deploy(2, 30, { caused: 31 }),
    deploy(3, 50, { wentLive: false, builtAt: null }),
    deploy(4, 60),
    deploy(5, 24 * 9),
    deploy(6, 3, { environment: 'staging' }),
  ]
  const incidents = [incident(31, 29, [2, 40]), incident(32, 10, [4, null]), incident(33, 24 * 20, [1, 1])]
  const { all, verdict, series, byService } = measured({ deploys, incidents }, scope)
  expect(all).toMatchObject({ deploys: 4, failed: 2, changeFailure: 0.5, incidents: 2 })
  expect(all.leadTime).toEqual({ median: 7_200_000, mean: 7_200_000, of: 3 })
  expect(all.toAcknowledge).toEqual({ median: 180_000, mean: 180_000, of: 2 })
  expect(all.toResolve).toEqual({ median: 2_400_000, mean: 2_400_000, of: 1 })
  expect(verdict).toBe(
    'prod, last 7 days: 4 deploys (4 a week). 2 of 4 failed or caused an incident (50 %). From built to live 2 h (median of 3). 2 incidents. Acknowledged after 3 min (median of 2). Resolved after 40 min (median of 1).',
  )
  expect(series.map(({ day }) => day)).toEqual(
    ['20', '21', '22', '23', '24', '25', '26'].map((day) => `2026-11-${day}`),
  )
  expect(byService.map(({ service }) => service)).toEqual(['storefront'])
})

test('nothing measured is said, not divided by', () => {
  const { all, verdict } = measured({ deploys: [], incidents: [] }, { ...scope, service: 'search' })
  expect(all).toMatchObject({ changeFailure: null, leadTime: null, toResolve: null })
  expect(verdict).toBe('search in prod, last 7 days: no deploys. No incidents.')
})

test('the days hold exactly what the figures count, over both changes of the clock', () => {
  const moments = fc.array(fc.integer({ min: 0, max: 24 * 40 }), { maxLength: 30 })
  const ends = fc.constantFrom(new Date('2026-03-30T00:30:00Z'), new Date('2026-10-25T23:30:00Z'), now)
  fc.assert(
    fc.property(moments, ends, fc.integer({ min: 1, max: 40 }), (hours, end, days) => {
      const deploys = hours.map((hour, run) =>
        deploy(run, 0, { endedAt: new Date(end.getTime() - hour * 3_600_000), wentLive: run % 3 > 0 }),
      )
      const { all, series } = measured({ deploys, incidents: [] }, { ...scope, days, now: end })
      expect(series).toHaveLength(days)
      expect(series.reduce((sum, day) => sum + day.deploys, 0)).toBe(all.deploys)
      expect(series.reduce((sum, day) => sum + day.failed, 0)).toBe(all.failed)
    }),
    { numRuns: 100 },
  )
})

test.each([1, 30, 365])('the chart of %d days is a picture, sharp, with letters in it', async (days) => {
  const measures = measured(
    { deploys: [deploy(1, 5), deploy(2, 6, { caused: 31 })], incidents: [incident(31, 6, [1, 2])] },
    { ...scope, days, service: 'a<b' as string | null },
  )
  const drawn = chartOf({
    ...measures,
    series: measures.series.map((day, at) => (at === 0 ? { ...day, deploys: 3, failed: 1, incidents: 2 } : day)),
  })
  expect(drawn).not.toMatch(/NaN|undefined|a<b/)
  const png = await pictureOf(drawn)
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1440, 600])
  const silent = await pictureOf(drawn.replace(/<text[^>]*>[^<]*<\/text>/g, ''))
  expect(png.length).toBeGreaterThan(silent.length + 2_000)
})

const solved = (id: number, more: Partial<SolvedIncident> = {}): SolvedIncident => ({
  ...{ incident: id, title: 'Checkout slow', service: 'storefront', environment: 'prod', resolvedAt: minute(id) },
  ...{
    fingerprints: ['alertmanager/f1'],
    alerts: ['HighLatency'],
    suspects: [],
    guide: 'slow-application',
    recovery: null,
    fix: null,
    decision: null,
    ...more,
  },
})
const symptoms = {
  incident: 99,
  service: 'storefront',
  environment: 'prod',
  title: 'x',
  alerts: [{ source: 'alertmanager', fingerprint: 'f1', title: 'HighLatency' }],
}

test('what was seen before is counted by how it was solved, the surest first', () => {
  const found = knownErrors(symptoms, [
    solved(1),
    solved(2),
    solved(3),
    solved(4, { fingerprints: [], guide: null, recovery: 'rollback of storefront' }),
    solved(5, { fingerprints: [], alerts: [], title: 'something else' }),
    solved(99),
  ])
  expect(found.map(({ text, score }) => [text, score])).toEqual([
    ['Seen 3 times, last in INC-3; solved with the guide slow-application.', 1],
    ['Seen once, in INC-4; solved with rollback of storefront.', 0.8],
  ])
  expect(found[0]?.guide).toBe('slow-application')
})

test('the same words at another service are nothing known', () => {
  const words = { ...symptoms, alerts: [], title: 'checkout slow' }
  expect(knownErrors({ ...words, service: 'search' }, [solved(1)])).toEqual([])
  expect(knownErrors(words, [solved(1)])).toHaveLength(1)
})

test('stakeholders read the last thing that was published for them, and nothing of a private incident', () => {
  const update = {
    id: 1,
    text: 'We look into it.',
    phase: 'investigating' as const,
    audience: ['stakeholders' as const],
    draftedBy: rita,
    draftedAt: minute(1),
    publishedBy: rita,
    publishedAt: minute(2),
  }
  const draft = { ...update, id: 2, text: 'Not yet read.', publishedAt: null }
  const digest = stakeholdersDigest(viewWith({}, { updates: [update, draft] }), minute(9))
  expect(digest).toBe('SEV2 · Checkout is slow · open · INC-31\nWe look into it.\nWhere: storefront in prod')
  expect(stakeholdersDigest(viewWith({}, { updates: [update] }), minute(59))).toBe(digest)
  expect(stakeholdersDigest(viewWith({ private: true }, { updates: [update] }), minute(9))).toBeNull()
  expect(stakeholdersDigest(viewWith({}, { updates: [draft] }), minute(9))).toBeNull()
})
