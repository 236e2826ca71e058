import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compiled } from '../../playground/floor/compiled.js'
import { systemClock } from '../../src/clock.js'
import { silentLog } from '../../src/log.js'
import { createEngine, type Engine } from '../../src/runs/engine.js'
import { hasEnded, type RunView } from '../../src/runs/run.js'
import { openStore } from '../../src/store/connect.js'
import { order, person } from '../store/orders.js'
import { freshDatabase } from '../support/database.js'
import { type EdgePlan, edgePlan } from '../support/edges/plans.js'
import type { EdgeTask } from '../support/edges/worker.js'
import { type Edge, edgeAbilities, edges, edgeWorldTables } from '../support/edges/world.js'
import { atFullSize } from '../support/parts.js'
import { openWorld } from '../support/world.js'
import { differences, doneTwice, type LeftBehind, leftBehind } from './step-edges.js'

type Point = { plan: EdgePlan; step: string; edge: Edge }

const full = atFullSize('step-edges')
const times = full ? 20 : 1
/** One step of each kind of target, and a look; at full size all. */
const everyday = {
  forward: ['gate', 'backup', 'start', 'migrate', 'pay', 'verify'],
  back: ['migrate', 'half', 'purge', 'call'],
}
const lanes: Lane[] = []
beforeAll(async () => {
  lanes.push(...(await Promise.all([openLane(), openLane(), openLane()])))
})
afterAll(async () => {
  for (const lane of lanes) await lane.close()
})
const first = (): Lane => lanes[0] as Lane

type Lane = Awaited<ReturnType<typeof openLane>>

/** A database with its world, a survivor in this process, and the next worker already started while one is used. */
async function openLane() {
  const database = await freshDatabase()
  const world = openWorld(database.url)
  await world.query(edgeWorldTables)
  const store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  let next = startWorker(database.url)

  const engineFor = (plan: EdgePlan): Engine =>
    createEngine({
      store,
      abilities: edgeAbilities(world, async () => {}),
      plan: async () => edgePlan(plan),
      wakes: { wake: async () => {} },
      clock: systemClock,
      log: silentLog,
      sweepEvery: 1_000,
    })

  const asked = async () => (await store.desk.submit(order())).run.id

  /** Carries on until the end; where people are asked, they look at the target and say what is so. */
  async function carriedOn(run: number, plan: EdgePlan): Promise<RunView> {
    const engine = engineFor(plan)
    for (;;) {
      await engine.carry(run)
      const view = await store.desk.view(run)
      if (view && hasEnded(view.run.state)) return view
      if (view) await answered(view)
      await pause(10)
    }
  }

  async function answered(view: RunView): Promise<void> {
    const choice = view.steps.find(({ key, state }) => key.startsWith('choose-') && state === 'waiting')
    if (!choice) return
    const what = choice.key.split('-')[1]
    const seen = await world.query('select from public.effects where run = $1 and what = $2', [view.run.id, what])
    const { key: step, round } = choice
    const words = { reason: 'looked', digest: view.run.plan?.digest ?? '', at: new Date() }
    const answer = seen.rowCount ? 'skip' : 'retry'
    await store.desk.answer({ run: view.run.id, step, round, person: person('U2'), answer, ...words })
  }

  return {
    world,
    /** `planted`: what is done to the world's record afterwards, a statement about run $1. */
    async uncut(plan: EdgePlan, planted?: string): Promise<LeftBehind> {
      const run = await asked()
      await carriedOn(run, plan)
      if (planted) await world.query(planted, [run])
      return leftBehind(store, world, run)
    },
    async cut(point: Point): Promise<LeftBehind> {
      const worker = await next
      next = startWorker(database.url)
      const run = await asked()
      const gone = once(worker, 'exit')
      worker.send({ run, ...point } satisfies EdgeTask)
      expect((await gone)[1], `the worker died ${point.edge} of ${point.step}`).toBe('SIGKILL')
      await carriedOn(run, point.plan)
      return leftBehind(store, world, run)
    },
    async close() {
      ;(await next).disconnect()
      await store.close()
      await world.end()
      await database.drop()
    },
  }
}

async function startWorker(databaseUrl: string): Promise<ChildProcess> {
  const worker = fork(compiled('test/support/edges/worker.js'), [databaseUrl])
  await once(worker, 'message')
  return worker
}

/** Each point by whichever lane is free, several side by side. */
async function everywhere(points: Point[], meets: (lane: Lane, point: Point) => Promise<string[]>): Promise<string[]> {
  const queue = Array.from({ length: times }, () => points).flat()
  const wrong: string[] = []
  const work = async (lane: Lane) => {
    for (let point = queue.shift(); point; point = queue.shift())
      for (const what of await meets(lane, point)) wrong.push(`${point.plan}, ${point.edge} of ${point.step}: ${what}`)
  }
  await Promise.all(lanes.map(work))
  return wrong
}

const outside: Edge[] = edges.filter((edge) => edge.includes('written'))

function pointsOf(plan: EdgePlan): Point[] {
  const { steps } = edgePlan(plan)
  const meant = plan === 'done' ? everyday.forward : everyday.back
  const met = steps.filter(({ key }) => full || meant.includes(key))
  if (plan === 'done')
    return met.flatMap(({ key, verb }) => (verb === 'do' ? edges : outside).map((edge) => ({ plan, step: key, edge })))
  const undos = met.filter((step) => step.verb === 'do' && step.undo)
  return undos.flatMap(({ key }) => edges.map((edge) => ({ plan, step: `undo-${key}`, edge })))
}

/** Of the one step that cannot be looked at it is written that it began, and not how it ended. */
function isBlind({ plan, step, edge }: Point): boolean {
  const { steps } = edgePlan(plan)
  const [before, after] = [-1, 1].map((way) => steps[steps.findIndex(({ key }) => key === 'pay') + way]?.key)
  if (step === 'pay') return edge !== edges[0] && edge !== edges.at(-1)
  // The end of a step and the beginning of the next are one write.
  return (step === before && edge === edges.at(-1)) || (step === after && edge === edges[0])
}

async function compared(lane: Lane, point: Point, uncut: LeftBehind): Promise<string[]> {
  const left = await lane.cut(point)
  const asked = left.steps.some(({ key }) => key.startsWith('choose-')) ? 'pay' : null
  if ((asked !== null) !== isBlind(point)) return [asked ? 'people were asked for nothing' : 'nobody was asked']
  return [...differences(uncut, left, asked), ...doneTwice(left).map((what) => `${what} was done twice`)]
}

test('a deploy whose worker is killed at any edge of any step ends as one whose worker was not', async () => {
  const uncut = await first().uncut('done')
  expect(uncut).toMatchObject({ state: 'done', deployed: ['shop v2 x2'], broken: 0 })
  expect(uncut.effects).toHaveLength(8)
  expect(await everywhere(pointsOf('done'), (lane, point) => compared(lane, point, uncut))).toEqual([])
}, 1_200_000)

test('a deploy that is undone, and whose worker is killed at any edge of any undo, is undone like any other', async () => {
  const uncut = await first().uncut('undone')
  expect(uncut).toMatchObject({ state: 'undone', deployed: [], broken: 0 })
  expect(uncut.effects).toHaveLength(14)
  expect(await everywhere(pointsOf('undone'), (lane, point) => compared(lane, point, uncut))).toEqual([])
}, 1_200_000)

test('an undo that cannot be looked at is never done twice: the run fails and names what is left over', async () => {
  const points = pointsOf('undone blindly')
  const wrong = await everywhere(points, async (lane, point) => {
    const left = await lane.cut(point)
    const whole = point.edge === 'before its beginning is written' || point.edge === 'when its end is written'
    if (left.state !== (whole ? 'undone' : 'failed')) return [`it ended ${left.state}`]
    if (!whole && !/undoing failed too: .*cannot be told/.test(left.reason)) return [left.reason]
    return doneTwice(left).map((what) => `${what} was done twice`)
  })
  expect(wrong).toEqual([])
}, 600_000)

test('the comparison sees an effect done twice, one that was lost, a changed trail and another end', async () => {
  const lane = first()
  const uncut = await lane.uncut('done')
  const same = await lane.uncut('done')
  expect(differences(uncut, same)).toEqual([])
  const twice = await lane.uncut(
    'done',
    `insert into public.effects (run, what, fence, key, epoch) select run, what, fence, key, epoch
     from public.effects where run = $1 and what = 'pay'`,
  )
  expect(differences(uncut, twice, 'pay')).toEqual([expect.stringMatching(/^effects: .*9 of 8/)])
  expect(doneTwice(twice)).toEqual(['pay'])
  const lost = await lane.uncut('done', `delete from public.effects where run = $1 and what = 'migrate'`)
  expect(differences(uncut, lost)).toEqual([expect.stringMatching(/^effects: missing "migrate"/)])
  expect(differences(uncut, { ...same, acts: same.acts.slice(1) })).toEqual([expect.stringMatching(/^acts/)])
  expect(differences(uncut, { ...same, broken: 1 })).toEqual([expect.stringMatching(/^broken/)])
  expect(differences(uncut, { ...same, deployed: [] }, 'pay')).toEqual([expect.stringMatching(/^deployed/)])
})
