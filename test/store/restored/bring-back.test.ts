import { afterEach, beforeEach, expect, it } from 'vitest'
import { silentLog } from '../../../src/log.js'
import type { Engine } from '../../../src/runs/engine.js'
import type { RunId } from '../../../src/runs/run.js'
import { openStore, type Store } from '../../../src/store/connect.js'
import { openRestored } from '../../../src/store/restored/restored-database.js'
import { act, ask, createWorld, marco, mina, plan, rita } from '../../runs/world.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'

let database: TestDatabase
let store: Store
let engine: Engine | null = null
type World = ReturnType<typeof createWorld>

beforeEach(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
})
afterEach(async () => {
  await engine?.stop()
  engine = null
  await store.close()
  await database.drop()
})

const to = new Date('2026-11-27T14:02:11Z')
const terminal = { kind: 'machine' as const, id: 'terminal:root', name: 'root' }

/** As if this database had come back from a backup of that moment. */
async function broughtBack(): Promise<Date> {
  const restored = await openRestored(database.ownerUrl, silentLog)
  const at = new Date()
  await restored.bringBack({ at, to, skip: 1_000, own: ['backup'], subject: { backup: 'x' }, by: terminal })
  await restored.close()
  return at
}

/** Runs that were approved and had begun to act; whoever carried them is gone with its database. */
async function cutOff(...names: string[]): Promise<RunId[]> {
  const lost = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  const world = createWorld({ rows: lost, wakes: { wake: async () => {} } })
  world.planner.plan = async ({ resources: [name = ''] }) =>
    plan([ask('approval'), act(`${name}-start`), act(`${name}-shift`)])
  let goes = () => {}
  const gone = new Promise<void>((resolve) => {
    goes = resolve
  })
  const worker = world.engine()
  worker.sweep()
  const runs: RunId[] = []
  for (const name of names) {
    world.during(`${name}-shift`, () => gone)
    const run = await world.asked(name, [name])
    await expect.poll(async () => (await world.view(run)).run.state).toBe('waiting')
    await world.answers(run, 'approval', 'approve')
    await expect.poll(() => world.done()).toContain(`${name}-shift`)
    runs.push(run)
  }
  await lost.close()
  goes()
  await worker.stop()
  for (const run of runs) expect(await store.desk.view(run)).toMatchObject({ run: { state: 'running' } })
  return runs
}

/** The Shipmate that starts on what came back. */
function starts(): World {
  const world = createWorld({ rows: store, wakes: { wake: async () => {} } })
  engine = world.engine()
  engine.sweep()
  return world
}

async function question(world: World, run: RunId): Promise<string> {
  const open = async () => {
    const { steps } = await world.view(run)
    return steps.find(({ key, state }) => /^restored-/.test(key) && state === 'waiting')
  }
  await expect.poll(async () => (await open())?.step.title).toBe('Go on after Shipmate was brought back?')
  return (await open())?.key ?? ''
}

it('a run that had acted does nothing until a person says so, and then goes on at its step', async () => {
  const [run = 0] = await cutOff('one')
  await broughtBack()
  const world = starts()
  const key = await question(world, run)
  expect((await world.view(run)).run).toMatchObject({ state: 'waiting', reason: { code: 'restored' } })
  expect((await world.view(run)).run.reason?.text).toMatch(/brought back from a backup of 2026-11-27 14:02:11 UTC/)
  expect(world.done()).toEqual([])
  expect(await world.answers(run, key, 'go-on')).toMatchObject({ accepted: true })
  await expect.poll(async () => (await world.view(run)).run.state).toBe('done')
  // What had been done before the backup is not done again.
  expect(world.done()).toEqual(['one-shift'])
  expect((await store.audit.verify(run)).broken).toEqual([])
})

it('left as it is, nothing is touched and it ends as lost; undone, what was done is undone', async () => {
  const [left = 0, undone = 0] = await cutOff('two', 'three')
  await broughtBack()
  const world = starts()
  await world.answers(left, await question(world, left), 'leave')
  await expect.poll(async () => (await world.view(left)).run.state).toBe('lost')
  expect((await world.view(left)).run).toMatchObject({ reason: { code: 'restored-left' }, holdsLocks: false })
  expect(world.done()).toEqual([])
  await world.answers(undone, await question(world, undone), 'undo')
  await expect.poll(async () => (await world.view(undone)).run.state).toBe('stopped')
  expect(world.done().filter((what) => /^un-/.test(what))).toEqual(expect.arrayContaining(['un-three-start']))
})

it('one that waited for approvals is planned anew: none that were given count, and a person says first that it goes on', async () => {
  const before = createWorld({ rows: store, wakes: { wake: async () => {} } })
  before.plans([ask('approval', 2), act('four-start')])
  const worker = before.engine()
  worker.sweep()
  const run = await before.asked('four', ['four'])
  await expect.poll(async () => (await before.view(run)).run.state).toBe('waiting')
  await before.answers(run, 'approval', 'approve', marco)
  await worker.stop()
  await broughtBack()
  const world = createWorld({ rows: store, wakes: { wake: async () => {} } })
  world.plans([ask('approval', 2), act('four-start')])
  engine = world.engine()
  engine.sweep()
  const key = await question(world, run)
  // A second approval that comes now finds no first one.
  expect(await world.answers(run, 'approval', 'approve', mina)).toMatchObject({ accepted: false })
  await world.answers(run, key, 'go-on')
  await expect.poll(async () => (await world.states(run)).approval).toBe('waiting')
  await world.answers(run, 'approval', 'approve', mina)
  await expect.poll(async () => (await world.view(run)).run.state).toBe('waiting')
  expect(world.done()).toEqual([])
  await world.answers(run, 'approval', 'approve', marco)
  await expect.poll(async () => (await world.view(run)).run.state).toBe('done')
  expect(world.done()).toEqual(['four-start'])
})

it('a stop that was asked for before is held like the rest; one that comes afterwards counts', async () => {
  const [run = 0, other = 0] = await cutOff('five', 'six')
  await store.desk.requestStop(run, rita, 'too slow', new Date())
  await new Promise((passed) => setTimeout(passed, 5))
  await broughtBack()
  const world = starts()
  await question(world, run)
  expect(world.done()).toEqual([])
  await world.answers(run, await question(world, run), 'leave')
  await expect.poll(async () => (await world.view(run)).run.state).toBe('lost')
  await question(world, other)
  await new Promise((passed) => setTimeout(passed, 5))
  await store.desk.requestStop(other, rita, 'after all', new Date())
  await expect.poll(async () => (await world.view(other)).run.state).toBe('stopped')
})

it('what only the schedule asked for ends; numbers and generations go beyond all that may have been given away', async () => {
  const machine = { kind: 'machine' as const, id: 'shipmate', name: 'Shipmate' }
  const { run } = await store.desk.submit({
    ...{ requestKey: 'scheduled', team: 'T0', resources: ['database/shop'], priority: 0, parent: null, at: new Date() },
    intent: { job: 'backup', service: 'storefront', environment: 'prod', input: {} },
    ...{ requestedBy: machine, via: 'schedule' },
  })
  const at = await broughtBack()
  expect(await store.desk.view(run.id)).toMatchObject({ run: { state: 'lost', reason: { code: 'restored-over' } } })
  const world = createWorld({ rows: store, wakes: { wake: async () => {} } })
  const next = await world.asked('after', ['after'])
  expect(next).toBeGreaterThanOrEqual(run.id + 1_000)
  expect(next % 1_000).toBe(0)
  const claim = await store.runs.claim(next)
  expect(claim?.epoch).toBeGreaterThan(at.getTime())
  if (claim) await store.runs.release(claim)
  expect(await store.audit.verify()).toMatchObject({ broken: [] })
  const acts = (await store.audit.of(0)).map(({ act: what, actor }) => ({ what, actor: actor?.id }))
  expect(acts.at(-1)).toEqual({ what: 'brought Shipmate back', actor: 'terminal:root' })
})

it('nothing old is told: posts that had not gone out are given up, and what had come in is not handled again', async () => {
  const world = createWorld({ rows: store, wakes: { wake: async () => {} } })
  const run = await world.asked('told', ['told'])
  await store.inbox.accept([
    { team: 'T0', key: 'old', kind: 'command', format: 'json', body: '{}', answer: null, receivedAt: new Date() },
  ])
  const post = { key: 'k', to: { kind: 'thread' as const }, text: 'old news' }
  const claim = await store.runs.claim(run)
  if (claim) {
    await store.runs.write(claim, { posts: [post] })
    await store.runs.release(claim)
  }
  const pending = async () => (await store.telling.pendingPosts(new Date(), 100)).filter((one) => one.run === run)
  expect(await pending()).toHaveLength(1)
  await broughtBack()
  expect(await pending()).toEqual([])
  expect(await store.inbox.left(new Date(Date.now() + 60_000), 100, 100)).toEqual([])
})
