import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { backup } from '../../../src/jobs/backups/backup.js'
import { drill } from '../../../src/jobs/backups/drill.js'
import { silentLog } from '../../../src/log.js'
import { hasEnded, type Intent, type RunId } from '../../../src/runs/run.js'
import { openStore, type Store } from '../../../src/store/connect.js'
import { openPlainPlace, type PlainPlace } from '../../support/backups/plain-place.js'
import type { BackupWorkerTask, Death } from '../../support/backups/worker.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'
import { type StormProcess, startProgram } from '../../support/storm-programs.js'
import { waitFor } from '../../support/wait-for.js'

let database: TestDatabase
let store: Store
let place: PlainPlace
let worker: StormProcess | null = null

beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  place = await openPlainPlace()
})
afterAll(async () => {
  await worker?.kill()
  await store.close()
  await database.drop()
  await place.close()
})

const orders = () => join(place.folder, 'die')

const startWorker = () => {
  const task: BackupWorkerTask = { databaseUrl: database.url, folder: place.folder, orders: orders() }
  return startProgram('test/support/backups/worker.js', task)
}

let asked = 0

async function ask(job: 'backup' | 'drill'): Promise<RunId> {
  asked += 1
  const input: Intent['input'] =
    job === 'backup' ? { database: 'shop', kind: 'full', because: 'schedule' } : { database: 'shop' }
  const intent = { job, service: 'storefront', environment: 'prod', input }
  const { run } = await store.desk.submit({
    ...{
      requestKey: `killed-${asked}`,
      team: 'T0',
      intent,
      priority: 0,
      via: 'terminal',
      parent: null,
      at: new Date(),
    },
    resources: (job === 'backup' ? backup : drill).resources(intent),
    requestedBy: { kind: 'person', id: 'U0RITA', name: 'Rita' },
  })
  return run.id
}

const ended = (run: RunId) =>
  waitFor(`#${run} has ended`, async () => {
    const view = await store.desk.view(run)
    return view && hasEnded(view.run.state) ? view : undefined
  })

/** Asks for it, kills the worker there, and has a second one go on, which is the first one of the next death. */
async function killedAt(job: 'backup' | 'drill', death: Death) {
  const first = worker?.running() ? worker : await startWorker()
  await writeFile(orders(), JSON.stringify(death))
  const run = await ask(job)
  await waitFor('the first worker is killed', async () => (first.running() ? undefined : true))
  await rm(orders())
  const before = await store.desk.view(run)
  expect(before && hasEnded(before.run.state), 'nothing half-done is called done').toBe(false)
  worker = await startWorker()
  return { run, view: await ended(run) }
}

const stored = async () => (await readdir(place.storage)).sort()

const inBackup: [string, Death['edge']][] = [
  ...(['ready', 'room'] as const).map((step): [string, Death['edge']] => [step, 'after']),
  ...(['before', 'inside', 'after'] as const).map((edge): [string, Death['edge']] => ['take', edge]),
  ...(['before', 'after'] as const).flatMap((edge): [string, Death['edge']][] => [
    ['read-back', edge],
    ['rotate', edge],
  ]),
]

test.each(inBackup)(
  'a backup whose worker is killed at %s, %s, is taken once and finished by the next',
  async (step, edge) => {
    const before = await stored()
    const { run, view } = await killedAt('backup', { step, edge })
    expect(view.run.state, JSON.stringify(view.run.reason)).toBe('done')
    const after = await stored()
    // Two stay by the policy, so an older one may have gone; the new one is there once, and nothing half-done.
    expect(after.filter((label) => !before.includes(label))).toHaveLength(1)
    expect(after.filter((label) => label.endsWith('.half'))).toEqual([])
    const [newest] = await store.backups.backups('shop', 1)
    expect(newest).toMatchObject({ run, defects: [], goneAt: null })
    expect(newest?.verifiedAt).not.toBeNull()
  },
)

const inDrill: [string, Death['edge']][] = [
  ['there', 'after'],
  ...(['before', 'inside', 'started', 'after'] as const).map((edge): [string, Death['edge']] => ['restore', edge]),
  ...(['before', 'after'] as const).flatMap((edge): [string, Death['edge']][] => [
    ['destroy', edge],
    ['record', edge],
  ]),
  ['figures', 'before'],
]

test.each(inDrill)(
  'a drill whose worker is killed at %s, %s, is finished by the next and leaves no scratch',
  async (step, edge) => {
    const { run, view } = await killedAt('drill', { step, edge })
    expect(view.run.state, JSON.stringify(view.run.reason)).toBe('done')
    expect(await readdir(place.yard)).toEqual([])
    const [last, before] = await store.backups.drills('shop', 2)
    expect(last).toMatchObject({ run, passed: true })
    expect(before?.run).not.toBe(run)
  },
)
