import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../../src/clock.js'
import { createIntake } from '../../../src/jobs/alerts/intake.js'
import { createBackupClock, timetableOf } from '../../../src/jobs/backups/keeping.js'
import { createRaising } from '../../../src/jobs/backups/raising.js'
import { tendScratch } from '../../../src/jobs/backups/scratch.js'
import { silentLog } from '../../../src/log.js'
import type { RunRecord } from '../../../src/runs/run.js'
import { type AlertFront, createAlertFront } from '../../support/alert-world.js'
import { hour } from '../../support/backups/backups.js'
import { backedUpText, openPlainPlace, type PlainPlace } from '../../support/backups/plain-place.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'
import { shopCatalogue } from '../../support/shop.js'

let now = new Date()
const clock: Clock = { ...systemClock, now: () => now }
const at = (text: string) => {
  now = new Date(text)
}
const minute = 60_000

let database: TestDatabase
let front: AlertFront
let place: PlainPlace
let keep: () => Promise<void>

const catalogue = shopCatalogue(backedUpText())
const engineContext = { signal: new AbortController().signal, clock, log: silentLog, progress: () => {} }

function clockOf(): () => Promise<void> {
  const { store, parts, judge } = front
  const tell = createRaising({
    catalogue,
    firing: () => store.incidents.alerts.list({ firing: true, limit: 100 }),
    take: createIntake(parts, judge),
  })
  const { backups: rows, desk: runs } = store
  const { engines } = place.side
  return createBackupClock({ catalogue, engines, rows, runs, tell, team: async () => 'T1', clock, log: silentLog })
}

beforeEach(async () => {
  database = await freshDatabase()
  front = await createAlertFront(database.ownerUrl, { clock })
  place = await openPlainPlace()
  at('2026-11-02T12:00:00Z')
  keep = clockOf()
})
afterEach(async () => {
  await front.close()
  await database.drop()
  await place.close()
})

const asked = async (): Promise<RunRecord[]> =>
  (await front.store.desk.list({ limit: 100 })).sort((a, b) => a.id - b.id)
const kinds = async () => (await asked()).map(({ intent }) => intent.input.kind ?? intent.job)

/** Ends a run, as if it had been carried out; with the backup, where it took one. */
async function carriedOut({ id, intent }: RunRecord): Promise<void> {
  const engine = await place.side.engines('shop')
  const kind = intent.input.kind
  if (kind === 'full' || kind === 'incremental') await engine.take({ kind, key: `${id}`, run: id }, engineContext)
  const claim = await front.store.runs.claim(id)
  if (!claim) throw new Error(`#${id} cannot be ended`)
  await front.store.runs.write(claim, { ended: { state: 'done', reason: null, at: now } })
  await front.store.runs.release(claim)
}

const alerts = async () =>
  (await front.store.incidents.alerts.list({ limit: 100 }))
    .sort((a, b) => a.id - b.id)
    .map(({ title, state, severity }) => `${state} ${severity} ${title}`)

test('what is due is asked for once, under Shipmate’s own name, at its moment in the file’s zone', async () => {
  await keep()
  at('2026-11-02T12:29:59Z')
  await keep()
  expect(await asked()).toEqual([])
  at('2026-11-02T12:30:00Z')
  await Promise.all([keep(), clockOf()(), clockOf()()])
  const [run, ...more] = await asked()
  expect(more).toEqual([])
  expect(run).toMatchObject({
    via: 'schedule',
    requestedBy: { id: 'shipmate', kind: 'machine' },
    resources: ['database/shop'],
    intent: {
      ...{ job: 'backup', service: 'storefront', environment: 'prod' },
      input: { database: 'shop', kind: 'incremental', because: 'schedule' },
    },
  })
  // 02:00 in Rome.
  await carriedOut(run as RunRecord)
  at('2026-11-03T01:00:00Z')
  await keep()
  expect(await kinds()).toEqual(['incremental', 'full'])
})

test('while one is at work nothing else begins; of all that passed meanwhile only the last is caught up with', async () => {
  await keep()
  at('2026-11-02T12:30:00Z')
  await keep()
  at('2026-11-02T18:40:00Z')
  await keep()
  expect(await kinds()).toEqual(['incremental'])
  await carriedOut((await asked())[0] as RunRecord)
  await keep()
  await keep()
  expect(await kinds()).toEqual(['incremental', 'incremental'])
})

test('a week without Shipmate is caught up with by one full backup and one drill', async () => {
  await keep()
  at('2026-11-09T12:40:00Z')
  await keep()
  expect(await kinds()).toEqual(['full', 'drill'])
  for (const run of await asked()) await carriedOut(run)
  await keep()
  expect(await kinds()).toEqual(['full', 'drill'])
})

test('a scheduled backup that goes well has no card; one that ends badly has', async () => {
  await keep()
  at('2026-11-02T12:30:00Z')
  await keep()
  const [run] = await asked()
  const stale = async () => (await front.store.telling.staleCards(10)).map((card) => card.run)
  expect(await stale()).toEqual([])
  const claim = await front.store.runs.claim(run?.id ?? 0)
  if (!claim) throw new Error('nobody else carries it')
  const reason = { code: 'step-failed', text: 'no space left on device' }
  await front.store.runs.write(claim, { ended: { state: 'failed', reason, at: now } })
  await front.store.runs.release(claim)
  expect(await stale()).toEqual([run?.id])
})

test('a night that is missed raises an alert, and the next backup ends it', async () => {
  await keep()
  at('2026-11-03T01:50:00Z')
  await place.set('away')
  await keep()
  await front.judge.settled()
  // The runs are asked for, and nobody carries them: late, not missed.
  expect(await alerts()).toEqual([
    'firing SEV3 The full and incremental backup of shop is late: due 50 min ago, #1 is at it, and there is none at all.',
  ])
  await place.lift('away')
  for (const run of await asked()) await carriedOut(run)
  now = new Date(now.getTime() + minute)
  await keep()
  await front.judge.settled()
  expect((await alerts()).filter((line) => line.startsWith('firing'))).toEqual([])
})

test('a restore that has the server stopped raises no alert; what fails after it does, at once', async () => {
  await keep()
  const { run } = await front.store.desk.submit({
    ...{ requestKey: 'restore', team: 'T1', resources: ['database/shop'], priority: 1, parent: null, at: now },
    ...{ requestedBy: { kind: 'person', id: 'U0IVY', name: 'Ivy' }, via: 'slack' },
    intent: { job: 'restore', service: 'storefront', environment: 'prod', input: { database: 'shop' } },
  })
  const claim = await front.store.runs.claim(run.id)
  if (!claim) throw new Error('nobody else carries it')
  await place.set('failing')
  now = new Date(now.getTime() + 2 * minute)
  await keep()
  await front.judge.settled()
  expect(await alerts()).toEqual([])
  await front.store.runs.write(claim, { ended: { state: 'done', reason: null, at: now } })
  await front.store.runs.release(claim)
  await keep()
  await front.judge.settled()
  expect(await alerts()).toEqual(['firing SEV2 Archiving the WAL of shop fails: the server cannot be reached'])
})

test('a run that ended without a backup is missed: nothing stored is nothing stored', async () => {
  await keep()
  at('2026-11-03T01:00:00Z')
  await keep()
  const [run] = await asked()
  const claim = await front.store.runs.claim(run?.id ?? 0)
  await front.store.runs.write(claim as NonNullable<typeof claim>, { ended: { state: 'done', reason: null, at: now } })
  await front.store.runs.release(claim as NonNullable<typeof claim>)
  at('2026-11-03T01:25:00Z')
  await keep()
  at('2026-11-03T01:46:00Z')
  await keep()
  await front.judge.settled()
  const missed = (await alerts()).filter((line) => line.startsWith('firing'))
  expect(missed).toEqual([
    'firing SEV2 The full and incremental backup of shop was missed: due 46 min ago, there is none at all.',
  ])
  // Repeated now and then, so that it is not taken for one of which nothing is heard; as one alert.
  const before = (await front.store.incidents.alerts.list({ limit: 1 }))[0]
  now = new Date(now.getTime() + 2 * minute)
  await keep()
  expect((await front.store.incidents.alerts.list({ limit: 1 }))[0]?.notices).toBe(before?.notices)
})

test('a storage that cannot be looked at is told after a while, and a backup that vanished is gone', async () => {
  const engine = await place.side.engines('shop')
  const taken = await engine.take({ kind: 'full', key: 'one', run: 1 }, engineContext)
  now = new Date(now.getTime() + minute)
  await keep()
  expect((await front.store.backups.backups('shop', 5)).map(({ goneAt }) => goneAt)).toEqual([null])
  await rm(join(place.storage, taken.label), { recursive: true })
  now = new Date(now.getTime() + 2 * minute)
  await keep()
  expect((await front.store.backups.backups('shop', 5))[0]?.goneAt).toEqual(now)
  await place.set('away')
  for (const passed of [2, 13]) {
    now = new Date(now.getTime() + passed * minute)
    await keep()
  }
  await front.judge.settled()
  expect(await alerts()).toContain(
    'firing SEV2 The backups of shop cannot be looked at for 13 min: the server does not answer',
  )
})

test('what an engine cannot take is never due', () => {
  const { schedule } = catalogue.backups.shop ?? {}
  if (!schedule) throw new Error('shop is backed up')
  expect(timetableOf(schedule, { kinds: ['full'], scratch: false })).toEqual({
    ...{ full: '0 2 * * *', differential: null, incremental: null, drill: null, verify: null },
  })
})

test('a scratch that no live run owns is removed; one of a live run, or of nobody known, stays', async () => {
  const [yard, { store }] = [await place.side.yards('shop'), front]
  at('2026-11-02T12:30:00Z')
  await keep()
  now = new Date(now.getTime() + hour)
  await keep()
  const [live] = await asked()
  for (const key of [`${live?.id}/scratch`, '4711/scratch', 'somebody-elses']) await yard.folder(key, 1)
  const gone = await tendScratch({ yards: place.side.yards, runs: store.desk, log: silentLog }, ['shop'])
  expect(gone).toHaveLength(1)
  expect((await yard.left()).map(({ key }) => key).sort()).toEqual([`${live?.id}/scratch`, 'somebody-elses'])
})
