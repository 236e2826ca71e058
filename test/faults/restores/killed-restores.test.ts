import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunId } from '../../../src/runs/run.js'
import { type Asked, type DyingWorkers, openDyingWorkers } from '../../support/backups/dying.js'
import { rowsOf } from '../../support/backups/engine-rig.js'
import type { Death } from '../../support/backups/worker.js'
import { atFullSize } from '../../support/parts.js'
import { programsOf } from '../../support/programs.js'
import { type EmbeddedShop, openEmbeddedShop } from '../../support/restores/embedded-shop.js'

// Server, backups, scratch, swap and workers are real processes. A second worker goes on after each kill; where it would wait out
// the deadline of the first, since nothing fences a folder, that deadline is brought forward.

let shop: EmbeddedShop
let workers: DyingWorkers

beforeAll(async () => {
  shop = await openEmbeddedShop({ text: askingNobody })
  const { folder, text, url } = shop
  workers = await openDyingWorkers({ embedded: { folder, text, url } }, folder)
}, 120_000)
afterAll(async () => {
  await workers?.close()
  await shop?.close()
})

/** Who asks people is the engine of runs, which has kills of its own. */
const askingNobody = (text: string) =>
  text.replace(
    '      deploy:\n        quorum: 1\n',
    '      restore:\n        quorum: 0\n      deploy:\n        quorum: 1\n',
  )

const orders = async () => (await rowsOf<{ n: number }>(shop.url, 'select count(*)::int as n from orders'))[0]?.n
const beside = () => readdirSync(dirname(shop.data)).filter((name) => name.startsWith(`${basename(shop.data)}.`))

/** Half of the orders are lost right after a moment, five of which only the WAL has. */
async function lost() {
  await rowsOf(shop.url, 'insert into orders (customer) select 7 from generate_series(1, 5)')
  const then = await orders()
  const [moment] = await rowsOf<{ at: Date }>(shop.url, 'select clock_timestamp() as at')
  await new Promise((passed) => setTimeout(passed, 50))
  await rowsOf(shop.url, 'delete from orders where id % 2 = 0')
  return { then, now: await orders(), point: { kind: 'time', at: moment?.at.toISOString() ?? '' } }
}

/** Whoever does it is killed there, and the next worker goes on. */
async function killedAt(death: Death, asks: Asked, moved: (run: RunId) => void = () => {}) {
  const before = beside()
  const meanwhile = async (run: RunId) => {
    moved(run)
    const early = `update shipmate.steps set deadline = now() where run = $1 and state = 'running'`
    await rowsOf(workers.database.ownerUrl, early, [run])
  }
  const { run } = await workers.killedAt({ death, ...asks, meanwhile })
  await workers.idle()
  return { run, added: beside().filter((name) => !before.includes(name)) }
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

const edges = (step: string, ...at: Death['edge'][]) => at.map((edge): Death => ({ step, edge }))
const everyday = edges('stage', 'inside')
const before = ['unlocked', 'able', 'reachable']
const judged = ['structure', 'rows', 'orphans', 'newest', 'invariants', 'compare']
const live = ['reads', 'live', 'visits', 'figures']
const everywhere = [
  ...[...before, ...judged, ...live].flatMap((step) => edges(step, 'after')),
  ...edges('hand-over', 'before', 'after'),
  ...edges('scratch', 'before', 'inside', 'started', 'after'),
  ...edges('stage', 'before', 'started', 'inside', 'after'),
  ...edges('close', 'before', 'after'),
  ...edges('keep', 'before', 'after'),
  ...edges('swap', 'before', 'stopped', 'starting', 'after'),
  ...edges('open-read-only', 'before', 'after'),
  ...edges('open-all', 'before', 'after'),
  ...edges('clear', 'before', 'after'),
  ...edges('backup', 'before', 'after'),
]
const full = atFullSize('killed-restores')

test('there is a backup to go back to', async () => {
  const { run } = await workers.done({ job: 'backup', input: { kind: 'full', because: 'schedule' } })
  expect(run.state, JSON.stringify(run.reason)).toBe('done')
}, 60_000)

const withinMs = 300_000

const restore = (point: { kind: string; at: string }): Asked => ({ job: 'restore', input: { point } })

test.each(full ? everywhere : everyday)(
  'a restore whose worker is killed at $step, $edge, is finished by the next, once and whole',
  async (death) => {
    const { then, point } = await lost()
    const { run, added } = await killedAt(death, restore(point))
    expect(run.state, JSON.stringify(run.reason)).toBe('done')
    expect(await orders()).toBe(then)
    expect(added).toEqual([`${basename(shop.data)}.before-${run.id}`])
    await nothingElseIsLeft(added)
  },
  withinMs,
)

test.skipIf(!full)(
  'cut off between the two names, the next one gives the second',
  async () => {
    const { then, point } = await lost()
    const moved = (run: RunId) => renameSync(shop.data, `${shop.data}.before-${run}`)
    const { run, added } = await killedAt({ step: 'swap', edge: 'stopped' }, restore(point), moved)
    expect(run.state, JSON.stringify(run.reason)).toBe('done')
    expect(await orders()).toBe(then)
    expect(added).toEqual([`${basename(shop.data)}.before-${run.id}`])
    await nothingElseIsLeft(added)
  },
  withinMs,
)

const undoing = [
  ...edges('undo-swap', 'before', 'stopped', 'starting', 'after'),
  ...edges('undo-close', 'before', 'after'),
  ...edges('undo-stage', 'before', 'after'),
  ...edges('undo-scratch', 'before', 'after'),
]
test.skipIf(!full).each(undoing)(
  'a restore that goes back because visitors get errors, killed at $step, $edge, leaves the data that was live before',
  async (death) => {
    const { now, point } = await lost()
    const errors = `${workers.orders}.visitors-get-errors`
    writeFileSync(errors, '')
    const { run, added } = await killedAt(death, restore(point)).finally(() => rmSync(errors))
    expect(run.state, JSON.stringify(run.reason)).toBe('undone')
    expect(await orders()).toBe(now)
    expect(added).toEqual([`${basename(shop.data)}.restored-${run.id}`])
    await nothingElseIsLeft(added)
  },
  withinMs,
)

const takingBack = [
  ...edges('kept', 'after'),
  ...edges('close', 'after'),
  ...edges('back', 'before', 'stopped', 'starting', 'after'),
  ...edges('open-all', 'before', 'after'),
]
test.skipIf(!full).each(takingBack)(
  'taking a restore back, killed at $step, $edge, brings the data of before it back, once',
  async (death) => {
    const { now, point } = await lost()
    const kept = beside()
    const { run: first } = await workers.done(restore(point))
    await workers.idle()
    const { run } = await killedAt(death, { job: 'take-back', input: { of: first.id } })
    expect([first.state, run.state], JSON.stringify(run.reason)).toEqual(['done', 'done'])
    expect(await orders()).toBe(now)
    const added = beside().filter((name) => !kept.includes(name))
    expect(added).toEqual([`${basename(shop.data)}.restored-${first.id}`])
    await nothingElseIsLeft(added)
  },
  withinMs,
)

const merging = [
  ...edges('review', 'before', 'inside', 'after'),
  ...edges('shown', 'after'),
  ...edges('merge', 'before', 'after'),
  ...edges('merged', 'after'),
  ...edges('clear', 'before', 'after'),
]
test.skipIf(!full).each(merging)(
  'rows of a table, brought back by a worker that is killed at $step, $edge, are there once, and newer ones stay',
  async (death) => {
    const { then = 0, point } = await lost()
    await rowsOf(shop.url, 'insert into orders (customer) values (9)')
    const { run, added } = await killedAt(death, { job: 'tables', input: { point, tables: ['orders'] } })
    expect(run.state, JSON.stringify(run.reason)).toBe('done')
    expect(await orders()).toBe(then + 1)
    const schemas = await rowsOf(shop.url, `select nspname from pg_namespace where nspname like 'shipmate\\_review%'`)
    expect(schemas).toEqual([{ nspname: `shipmate_review_${run.id}` }])
    await rowsOf(shop.url, `drop schema shipmate_review_${run.id} cascade`)
    await nothingElseIsLeft(added)
  },
  withinMs,
)

test.skipIf(!full)('no step of a restore was left out', () => expect(workers.leftOut()).toEqual([]))

const drilling = [...edges('restore', 'before', 'inside', 'started', 'after'), ...edges('destroy', 'before', 'after')]
test.skipIf(!full).each(drilling)(
  'a drill whose worker is killed at $step, $edge, is finished by the next, and no server of it runs on',
  async (death) => {
    const { run } = await killedAt(death, { job: 'drill' })
    expect(run.state, JSON.stringify(run.reason)).toBe('done')
    expect(await workers.store.backups.drills('shop', 1)).toMatchObject([{ run: run.id, passed: true }])
    await nothingElseIsLeft([])
  },
  withinMs,
)
