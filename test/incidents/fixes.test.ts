import { expect, test } from 'vitest'
import { addFix, fixNamed, fixNow, fixStanding, watchedFor } from '../../src/incidents/fixes.js'
import type { Fix, FixRef } from '../../src/incidents/incident.js'
import type { Deployment } from '../../src/releases/release.js'
import { minutes, noon, release, served } from '../support/shop.js'
import { marco, minute, rita, viewWith } from './scene.js'

test.each<[string, FixRef | null, string | null]>([
  ['v1.8.2', { kind: 'version', value: 'v1.8.2' }, null],
  ['1.8.2-rc.1', { kind: 'version', value: '1.8.2-rc.1' }, null],
  ['#412', { kind: 'change', value: '412' }, null],
  ['https://github.com/acme/shop/pull/412', { kind: 'change', value: '412' }, 'https://github.com/acme/shop/pull/412'],
  [
    '<https://github.com/acme/shop/pull/412/files|a change>',
    { kind: 'change', value: '412' },
    'https://github.com/acme/shop/pull/412/files',
  ],
  ['3F1C2AB', { kind: 'commit', value: '3f1c2ab' }, null],
  ['412', null, null],
  ['tomorrow', null, null],
  ['https://example.com/nothing', null, null],
])('%s names a fix, or nothing', (word, ref, link) => {
  expect(fixNamed(word)).toEqual(ref && { ref, link })
})

const change = (subject: string) => [{ sha: 'aaaaaaa1', author: 'Ada', subject }]
const releases = [
  release('v1.9.0'),
  release('v1.8.2', { changes: change('Keep the pool small (#412)') }),
  release('v1.8.1', { changes: change('Nothing of #4123') }),
  release('v1.8.0'),
]
const fix = (ref: FixRef): Fix => ({ ref, version: null, liveAt: null, back: null })
const byChange = fix({ kind: 'change', value: '412' })
const at = (version: string, minute: number): Deployment => served(version, minute, minutes(minute))
const alert = (started: number, ended: number | null) => ({
  title: 'PoolExhausted',
  startedAt: minutes(started),
  endedAt: ended === null ? null : minutes(ended),
})

test('a change is found in the release whose commits carry its number, and in none that carries a longer one', () => {
  expect(fixNow(byChange, { releases, history: [], alerts: [] }, noon).version).toBe('v1.8.2')
  const commit = fix({ kind: 'commit', value: 'aaaaaaa1' })
  expect(fixNow(commit, { releases, history: [], alerts: [] }, noon).version).toBe('v1.8.1')
  const unknown = fix({ kind: 'version', value: 'v3.0.0' })
  expect(fixNow(unknown, { releases, history: [], alerts: [] }, noon)).toMatchObject({ version: null, liveAt: null })
  expect(fixNow(fix({ kind: 'version', value: '1.8.2' }), { releases, history: [], alerts: [] }, noon).version).toBe(
    'v1.8.2',
  )
})

test('it is live from the first release that brings it, through newer ones, until an older one serves', () => {
  const now = (history: Deployment[]) => fixNow(byChange, { releases, history, alerts: [] }, minutes(60)).liveAt
  expect(now([at('v1.8.1', 0)])).toBeNull()
  expect(now([at('v1.8.2', 10), at('v1.8.1', 0)])).toEqual(minutes(10))
  expect(now([at('v1.9.0', 20), at('v1.8.2', 10), at('v1.8.1', 0)])).toEqual(minutes(10))
  expect(now([at('v1.8.1', 30), at('v1.8.2', 10)])).toBeNull()
  expect(now([at('v1.8.2', 40), at('v1.8.1', 30), at('v1.8.2', 10)])).toEqual(minutes(40))
})

test('it ended the error when it served for a day and the error was not seen; nothing ends before', () => {
  const history = [at('v1.8.2', 10)]
  const seen = (now: Date, ...alerts: ReturnType<typeof alert>[]) =>
    fixNow(byChange, { releases, history, alerts }, now)
  const day = minutes(10).getTime() + watchedFor
  expect(seen(new Date(day - 1), alert(1, 12)).ended).toBe(false)
  expect(seen(new Date(day), alert(1, 12))).toMatchObject({ ended: true, back: null })
})

test('an error that is seen again, or that never stopped, was not ended', () => {
  const history = [at('v1.8.2', 10)]
  const over = new Date(minutes(10).getTime() + watchedFor)
  const again = fixNow(byChange, { releases, history, alerts: [alert(1, 12), alert(50, 55)] }, minutes(60))
  expect(again).toMatchObject({ ended: false, back: { at: minutes(50), alert: 'PoolExhausted' } })
  expect(fixNow(again, { releases, history, alerts: [] }, over)).toMatchObject({
    ended: false,
    back: { at: minutes(50) },
  })
  const still = fixNow(byChange, { releases, history, alerts: [alert(1, null)] }, over)
  expect(still).toMatchObject({ ended: false, back: { at: over } })
})

test('where it stands is one clause', () => {
  const said = (more: Partial<Fix>, doneAt: Date | null = null) =>
    fixStanding({ text: 'change #412', fix: { ...byChange, ...more }, doneAt })
  expect(said({})).toBe('change #412 is in no release yet')
  expect(said({ version: 'v1.8.2' })).toBe('change #412 (v1.8.2) is built and not live yet')
  expect(said({ version: 'v1.8.2', liveAt: noon })).toBe('change #412 (v1.8.2) is live and watched for a day')
  const dayAfter = new Date(noon.getTime() + watchedFor)
  expect(said({ version: 'v1.8.2', liveAt: noon }, dayAfter)).toBe('change #412 (v1.8.2) ended it')
  expect(said({ version: 'v1.8.2', liveAt: noon }, minutes(5))).toBe('change #412 (v1.8.2) was ticked off by hand')
  expect(said({}, noon)).toBe('change #412 was ticked off by hand')
  expect(said({ version: 'v1.8.2', liveAt: noon, back: { at: noon, alert: 'PoolExhausted' } })).toBe(
    'change #412 (v1.8.2) did not end it: it came back (PoolExhausted)',
  )
})

test('a release that served before it broke ended nothing by that; it is watched from then on', () => {
  const history = [at('v1.8.2', 10)]
  const brokeAt = new Date(minutes(10).getTime() + 3 * watchedFor)
  const around = { releases, history, alerts: [], since: brokeAt }
  expect(fixNow(byChange, around, new Date(brokeAt.getTime() + 60_000))).toMatchObject({ ended: false, back: null })
  const opening = [{ title: 'PoolExhausted', startedAt: new Date(brokeAt.getTime() - 1), endedAt: brokeAt }]
  expect(fixNow(byChange, { ...around, alerts: opening }, new Date(brokeAt.getTime() + 60_000)).back).toBeNull()
  expect(fixNow(byChange, around, new Date(brokeAt.getTime() + watchedFor)).ended).toBe(true)
})

test('going back to a release that served before is a fix from the rollback on', () => {
  const broke = 2_000
  const history = [at('v1.8.2', broke + 5), at('v1.9.0', 1_000), at('v1.8.2', 10)]
  const around = { releases, history, alerts: [alert(broke - 1, broke + 6)], since: minutes(broke) }
  expect(fixNow(fix({ kind: 'version', value: 'v1.8.2' }), around, minutes(broke + 10))).toMatchObject({
    liveAt: minutes(broke + 5),
    back: null,
  })
})

test('a change that was taken back is brought by no later release', () => {
  const reverted = [
    release('v1.8.3', { changes: change('Revert "Keep the pool small (#412)" (#415)') }),
    ...releases.slice(1),
  ]
  const seen = fixNow(
    byChange,
    { releases: reverted, history: [at('v1.8.3', 20)], alerts: [], since: noon },
    minutes(30),
  )
  expect(seen.liveAt).toBeNull()
  const only = [reverted[0], release('v1.8.1')].filter((one) => one !== undefined)
  expect(fixNow(byChange, { releases: only, history: [], alerts: [], since: noon }, minutes(30)).version).toBeNull()
})

test('of a duplicate no fix is noted that nobody would follow: it belongs to the one that it repeats', () => {
  const view = viewWith({ state: 'duplicate', duplicateOf: 30 })
  const decision = addFix({ view, by: rita, now: minute(7) }, fixNamed('v1.8.2'), marco, 'named')
  expect(decision).toMatchObject({
    kind: 'denied',
    denial: { code: 'fix-of-duplicate', next: 'Name it there: /incident fix 30 v1.8.2' },
  })
})
