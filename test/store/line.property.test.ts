import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '../../src/log.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { claimed, holds, letsGo, order } from './orders.js'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
})
afterAll(async () => {
  await store?.close()
  await database?.drop()
})

type Act =
  | { act: 'ask'; places: string[]; priority: number }
  | { act: 'take'; which: number }
  | { act: 'end'; which: number }
  | { act: 'hold'; place: string }
  | { act: 'let go'; place: string }

const place = fc.constantFrom('a', 'b', 'c', 'd')
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        act: fc.constant('ask' as const),
        places: fc.uniqueArray(place, { minLength: 1, maxLength: 3 }),
        priority: fc.constantFrom(0, 0, 0, 1),
      }),
    },
    { weight: 4, arbitrary: fc.record({ act: fc.constant('take' as const), which: fc.nat(20) }) },
    { weight: 3, arbitrary: fc.record({ act: fc.constant('end' as const), which: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('hold' as const), place }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('let go' as const), place }) },
  ),
  { minLength: 5, maxLength: 25 },
)

type Waits = { run: number; places: string[]; priority: number; holds: boolean }

/** The rule in a few lines: who holds goes first, then the higher priority, then who asked earlier, in every shared line. */
function inTheWay(mine: Waits, all: Waits[]): Waits[] {
  return all.filter(
    (other) =>
      other !== mine &&
      other.places.some((name) => mine.places.includes(name)) &&
      (other.holds ||
        (!mine.holds &&
          (other.priority > mine.priority || (other.priority === mine.priority && other.run < mine.run)))),
  )
}

const mayTake = (mine: Waits, all: Waits[], byHand: Set<string>) =>
  mine.holds || (inTheWay(mine, all).length === 0 && !mine.places.some((name) => byHand.has(name)))

/** A world of its own in the shared rows: its places are nobody else's. */
function model() {
  const prefix = `line-${Math.random()}`
  const byHand = new Set<string>()
  let waiting: Waits[] = []
  const named = (name: string) => `shop/${prefix}-${name}`

  async function take(mine: Waits): Promise<void> {
    const claim = await claimed(store, mine.run)
    const answer = await store.runs.lock(claim)
    await store.runs.release(claim)
    expect(answer.ok, `#${mine.run} of ${JSON.stringify({ waiting, byHand: [...byHand] })}`).toBe(
      mayTake(mine, waiting, byHand),
    )
    if (!answer.ok && answer.holder.run !== null)
      expect(inTheWay(mine, waiting).map(({ run }) => run)).toContain(answer.holder.run)
    mine.holds ||= answer.ok
  }

  async function end(mine: Waits): Promise<void> {
    const claim = await claimed(store, mine.run)
    await store.runs.write(claim, { ended: { state: 'done', reason: null, at: new Date() } })
    await store.runs.release(claim)
    waiting = waiting.filter((one) => one !== mine)
  }

  async function happens(act: Act): Promise<void> {
    if (act.act === 'ask') {
      const resources = act.places.map(named)
      const { run } = await store.desk.submit(order({ resources, priority: act.priority }))
      waiting.push({ run: run.id, places: act.places, priority: act.priority, holds: false })
    } else if (act.act === 'hold') {
      const free = !waiting.some((one) => one.holds && one.places.includes(act.place))
      const after = await holds(store, named(act.place), 'U2', 'by hand')
      expect(after.ok).toBe(free)
      if (after.ok) byHand.add(act.place)
    } else if (act.act === 'let go') {
      await letsGo(store, named(act.place), 'U2')
      byHand.delete(act.place)
    } else {
      const mine = waiting[act.which % Math.max(1, waiting.length)]
      if (mine) await (act.act === 'take' ? take(mine) : end(mine))
    }
  }

  return {
    happens,
    /** The rows and the rule agree on whose turn it is; unless a person holds something, it is somebody's. */
    agrees: async () => {
      const due = new Set(await store.runs.due(new Date()))
      for (const mine of waiting.filter((one) => !one.holds))
        expect([mine.run, due.has(mine.run)]).toEqual([mine.run, mayTake(mine, waiting, byHand)])
      if (waiting.length > 0 && byHand.size === 0)
        expect(waiting.some((mine) => mayTake(mine, waiting, byHand))).toBe(true)
    },
    /** Everybody is let through, each in turn. */
    drain: async () => {
      for (const name of byHand) await letsGo(store, named(name), 'U2')
      byHand.clear()
      for (let left = waiting.length; left > 0; left--) {
        const next = waiting.find((mine) => mayTake(mine, waiting, byHand))
        if (!next) throw new Error(`nobody of ${JSON.stringify(waiting)} may go`)
        await take(next)
        await end(next)
      }
    },
  }
}

test('whoever asks for whatever, the rows choose by the rule, nobody blocks for ever, and everybody gets a turn', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (list) => {
      const world = model()
      for (const act of list) await world.happens(act)
      await world.agrees()
      await world.drain()
    }),
    { numRuns: 40 },
  )
}, 60_000)

test('a run that needs two places is not starved by a stream of runs that need one each', async () => {
  const [a, b] = [`shop/a-${Math.random()}`, `shop/b-${Math.random()}`]
  const ask = async (...resources: string[]) => (await store.desk.submit(order({ resources }))).run.id
  const first = await claimed(store, await ask(a))
  await store.runs.lock(first)
  const both = await ask(a, b)
  const stream = [await ask(b), await ask(b), await ask(a)]
  const due = async () => (await store.runs.due(new Date())).filter((run) => [both, ...stream].includes(run))
  // What it needs is kept for it, although nobody holds it.
  expect(await due()).toEqual([])
  await store.runs.write(first, { ended: { state: 'done', reason: null, at: new Date() } })
  expect(await due()).toEqual([both])
  const claim = await claimed(store, both)
  expect((await store.runs.lock(claim)).ok).toBe(true)
  await store.runs.write(claim, { ended: { state: 'done', reason: null, at: new Date() } })
  expect(await due()).toEqual([stream[0], stream[2]])
})
