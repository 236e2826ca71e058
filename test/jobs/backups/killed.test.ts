import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DyingWorkers, openDyingWorkers } from '../../support/backups/dying.js'
import { openPlainPlace, type PlainPlace } from '../../support/backups/plain-place.js'
import type { Death } from '../../support/backups/worker.js'

let place: PlainPlace
let workers: DyingWorkers

beforeAll(async () => {
  place = await openPlainPlace()
  workers = await openDyingWorkers({ plain: place.folder }, place.folder)
})
afterAll(async () => {
  await workers?.close()
  await place?.close()
})

const stored = async () => (await readdir(place.storage)).sort()
const edges = (step: string, ...at: Death['edge'][]) => at.map((edge): Death => ({ step, edge }))

const inBackup = [
  ...edges('ready', 'before', 'after'),
  ...edges('room', 'before', 'after'),
  ...edges('take', 'before', 'inside', 'after'),
  ...edges('read-back', 'before', 'after'),
  ...edges('cost', 'before', 'after'),
  ...edges('rotate', 'before', 'after'),
]

test.each(inBackup)(
  'a backup whose worker is killed at $step, $edge, is taken once and finished by the next',
  async (death) => {
    const before = await stored()
    const { run } = await workers.killedAt({ death, job: 'backup', input: { kind: 'full', because: 'schedule' } })
    expect(run.state, JSON.stringify(run.reason)).toBe('done')
    const after = await stored()
    // Two stay by the policy, so an older one may have gone; the new one is there once, and nothing half-done.
    expect(after.filter((label) => !before.includes(label))).toHaveLength(1)
    expect(after.filter((label) => label.endsWith('.half'))).toEqual([])
    const [newest] = await workers.store.backups.backups('shop', 1)
    expect(newest).toMatchObject({ run: run.id, defects: [], goneAt: null })
    expect(newest?.verifiedAt).not.toBeNull()
  },
)

const judgements = ['structure', 'rows', 'orphans', 'newest', 'invariants']
const inDrill = [
  ...edges('there', 'before', 'after'),
  ...edges('restore', 'before', 'inside', 'started', 'after'),
  ...edges('destroy', 'before', 'after'),
  ...edges('record', 'before', 'after'),
  ...judgements.flatMap((step) => edges(step, 'after')),
  ...edges('figures', 'before', 'after'),
]

test.each(inDrill)(
  'a drill whose worker is killed at $step, $edge, is finished by the next and leaves no scratch',
  async (death) => {
    const { run } = await workers.killedAt({ death, job: 'drill' })
    expect(run.state, JSON.stringify(run.reason)).toBe('done')
    expect(await readdir(place.yard)).toEqual([])
    const [last, before] = await workers.store.backups.drills('shop', 2)
    expect(last).toMatchObject({ run: run.id, passed: true })
    expect(before?.run).not.toBe(run.id)
  },
)

test('no step was left out', () => expect(workers.leftOut()).toEqual([]))
