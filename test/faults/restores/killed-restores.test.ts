import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobOf } from '../../../src/jobs/jobs.js'
import { silentLog } from '../../../src/log.js'
import { hasEnded, type Intent, type RunId, type RunView } from '../../../src/runs/run.js'
import { openStore, type Store } from '../../../src/store/connect.js'
import { rowsOf } from '../../support/backups/engine-rig.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'
import { atFullSize } from '../../support/parts.js'
import { programsOf } from '../../support/programs.js'
import { type EmbeddedShop, openEmbeddedShop } from '../../support/restores/embedded-shop.js'
import type { RestoreEdge, RestoreWorkerTask } from '../../support/restores/worker.js'
import { startProgram } from '../../support/storm-programs.js'
import { waitFor } from '../../support/wait-for.js'

// Server, backups, scratch, swap and workers are real processes. A second worker goes on after each kill; where it would wait out
// the deadline of the first, since nothing fences a folder, that deadline is brought forward.

let database: TestDatabase
let store: Store
let shop: EmbeddedShop

beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  shop = await openEmbeddedShop({ text: askingNobody })
}, 120_000)
afterAll(async () => {
  await shop?.close()
  await store?.close()
  await database?.drop()
})

/** Who asks people is the engine of runs, which has kills of its own. */
const askingNobody = (text: string) =>
  text.replace(
    '      deploy:\n        quorum: 1\n',
    '      restore:\n        quorum: 0\n      deploy:\n        quorum: 1\n',
  )

type Die = NonNullable<RestoreWorkerTask['die']>
type More = Partial<Pick<RestoreWorkerTask, 'visitors'>>

const startWorker = (die: Die | null, { visitors = 'answers' }: More = {}) => {
  const { folder, text, url } = shop
  const task: RestoreWorkerTask = { databaseUrl: database.url, shop: { folder, text, url }, die, visitors }
  return startProgram('test/support/restores/worker.js', task)
}

let asked = 0

async function ask(job: 'backup' | 'restore', input: Intent['input']): Promise<RunId> {
  asked += 1
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
    resources: jobOf(job).resources(intent),
    requestedBy: { kind: 'person', id: 'U0RITA', name: 'Rita' },
  })
  return run.id
}

const withinMs = 120_000

const ended = async (run: RunId): Promise<RunView> => {
  let last: RunView | null = null
  const look = async () => {
    last = await store.desk.view(run)
    return last && hasEnded(last.run.state) ? last : undefined
  }
  return waitFor(`#${run} has ended`, look, withinMs).catch((thrown: Error) => {
    throw new Error(`${thrown.message}: ${JSON.stringify(last?.steps.map(({ key, state }) => `${key} ${state}`))}`)
  })
}

const orders = async () => (await rowsOf<{ n: number }>(shop.url, 'select count(*)::int as n from orders'))[0]?.n
const beside = () => readdirSync(dirname(shop.data)).filter((name) => name.startsWith(`${basename(shop.data)}.`))

/** Orders are lost right after a moment; whoever brings them back is killed there, and a second worker goes on. */
async function killedAt(die: Die, more: More & { meanwhile?(run: RunId): void } = {}) {
  await rowsOf(shop.url, 'insert into orders (customer) select 7 from generate_series(1, 5)')
  const then = await orders()
  const [moment] = await rowsOf<{ at: Date }>(shop.url, 'select clock_timestamp() as at')
  await new Promise((passed) => setTimeout(passed, 50))
  await rowsOf(shop.url, 'delete from orders where id % 2 = 0')
  const lost = await orders()
  const before = beside()
  const first = await startWorker(die, more)
  const run = await ask('restore', { database: 'shop', point: { kind: 'time', at: moment?.at.toISOString() ?? '' } })
  await waitFor('the first worker is killed', async () => (first.running() ? undefined : true), withinMs)
  const half = await store.desk.view(run)
  expect(half && hasEnded(half.run.state), 'nothing half-done is called done').toBe(false)
  more.meanwhile?.(run)
  await rowsOf(database.ownerUrl, `update shipmate.steps set deadline = now() where run = $1 and state = 'running'`, [
    run,
  ])
  const second = await startWorker(null, more)
  const view = await ended(run)
  // The backup that it asked for, and whatever else is due.
  for (const { id } of await store.desk.list({ live: true, limit: 10 })) await ended(id)
  await second.kill()
  const added = beside().filter((name) => !before.includes(name))
  return { run, view, then, lost, added }
}

async function nothingElseIsLeft(kept: string[]) {
  expect(readdirSync(shop.yard), 'no scratch is left').toEqual([])
  expect(programsOf(shop.yard), 'no scratch server runs').toEqual([])
  expect(existsSync(`${shop.data}/shipmate-wal`)).toBe(false)
  // What is kept on purpose needs room for each of these tests.
  for (const name of kept) rmSync(join(dirname(shop.data), name), { recursive: true })
  // It writes, with the settings that the live server had, and no role of ours stayed in it.
  await rowsOf(shop.url, 'insert into orders (customer) values (7)')
  expect(await rowsOf(shop.url, `select rolname from pg_roles where rolname like 'shipmate\\_scratch%'`)).toEqual([])
  expect(await rowsOf(shop.url, `select current_setting('wal_level') as level`)).toEqual([{ level: 'replica' }])
}

async function first() {
  const worker = await startWorker(null)
  const run = await ask('backup', { database: 'shop', kind: 'full', because: 'schedule' })
  expect((await ended(run)).run.state).toBe('done')
  await worker.kill()
}

const edges = (step: string, ...at: RestoreEdge[]) => at.map((edge): Die => ({ step, edge }))
const everyday: Die[] = [{ step: 'stage', edge: 'inside' }]
const everywhere: Die[] = [
  ...edges('able', 'after'),
  ...edges('hand-over', 'before', 'after'),
  ...edges('reachable', 'after'),
  ...edges('scratch', 'before', 'inside', 'after'),
  ...edges('structure', 'after'),
  ...edges('compare', 'after'),
  ...edges('stage', 'before', 'inside', 'after'),
  ...edges('close', 'before', 'after'),
  ...edges('keep', 'before', 'after'),
  ...edges('swap', 'before', 'stopped', 'starting', 'after'),
  ...edges('open-read-only', 'before', 'after'),
  ...edges('live', 'after'),
  ...edges('open-all', 'before', 'after'),
  ...edges('clear', 'before', 'after'),
  ...edges('backup', 'before', 'after'),
]
const full = atFullSize('killed-restores')

test('there is a backup to go back to', first, 60_000)

test.each(full ? everywhere : everyday)(
  'a restore whose worker is killed at $step, $edge, is finished by the next, once and whole',
  async (die) => {
    const { run, view, then, added } = await killedAt(die)
    expect(view.run.state, JSON.stringify(view.run.reason)).toBe('done')
    expect(await orders()).toBe(then)
    expect(added).toEqual([`${basename(shop.data)}.before-${run}`])
    await nothingElseIsLeft(added)
  },
  300_000,
)

test.skipIf(!full)(
  'cut off between the two names, the next one gives the second',
  async () => {
    const meanwhile = (run: RunId) => renameSync(shop.data, `${shop.data}.before-${run}`)
    const { run, view, then, added } = await killedAt({ step: 'swap', edge: 'stopped' }, { meanwhile })
    expect(view.run.state, JSON.stringify(view.run.reason)).toBe('done')
    expect(await orders()).toBe(then)
    expect(added).toEqual([`${basename(shop.data)}.before-${run}`])
    await nothingElseIsLeft(added)
  },
  300_000,
)

const undos: Die[] = [
  ...edges('undo-swap', 'before', 'stopped', 'starting', 'after'),
  ...edges('undo-close', 'before', 'after'),
  ...edges('undo-stage', 'before', 'after'),
  ...edges('undo-scratch', 'before', 'after'),
]
test.skipIf(!full).each(undos)(
  'a restore that goes back because visitors get errors, killed at $step, $edge, leaves the data that was live before',
  async (die) => {
    const { run, view, lost, added } = await killedAt(die, { visitors: 'errors' })
    expect(view.run.state, JSON.stringify(view.run.reason)).toBe('undone')
    expect(await orders()).toBe(lost)
    expect(added).toEqual([`${basename(shop.data)}.restored-${run}`])
    await nothingElseIsLeft(added)
  },
  300_000,
)
