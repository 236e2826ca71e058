import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '../../src/log.js'
import type { RunState } from '../../src/runs/run.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { createGroup } from '../../src/store/group.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { claimed, order } from './orders.js'

let database: TestDatabase
let store: Store
let other: Store

beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  other = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
})
afterAll(async () => {
  await Promise.all([store?.close(), other?.close()])
  await database?.drop()
})

const claims = (count: number) =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const { run } = await store.desk.submit(order())
      return claimed(store, run.id)
    }),
  )

test('writes of many runs at the same moment all land, each with its own audit row', async () => {
  const all = await claims(40)
  const write = (n: number) => ({ audit: [{ actor: null, act: `wrote ${n}`, subject: {} }] })
  for (let n = 0; n < 5; n++) {
    expect(await Promise.all(all.map((claim) => store.runs.write(claim, write(n))))).toEqual(all.map(() => true))
  }
  for (const { run } of all) {
    const acts = (await store.audit.of(run)).map(({ act }) => act)
    expect(acts).toEqual(['asked for a run', 'wrote 0', 'wrote 1', 'wrote 2', 'wrote 3', 'wrote 4'])
  }
  expect((await store.audit.verify()).broken).toEqual([])
})

test('a fenced write among others is refused alone', async () => {
  const all = await claims(20)
  const [fenced] = all
  if (!fenced) throw new Error('no claim')
  await store.runs.release(fenced)
  const fresh = await claimed(other, fenced.run)
  const results = await Promise.all(all.map((claim) => store.runs.write(claim, { state: 'planning' })))
  expect(results).toEqual(all.map((claim) => claim !== fenced))
  await other.runs.release(fresh)
})

test('a write that the database refuses fails nobody but itself', async () => {
  const all = await claims(20)
  const nonsense = 'nowhere' as RunState
  const results = await Promise.allSettled(
    all.map((claim, n) => store.runs.write(claim, { state: n === 7 ? nonsense : 'planning' })),
  )
  expect(results.map(({ status }) => status)).toEqual(all.map((_, n) => (n === 7 ? 'rejected' : 'fulfilled')))
  expect((await store.desk.view(all[8]?.run ?? 0))?.run.state).toBe('planning')
})

test('runs that end while others write never wait for each other in a circle', async () => {
  const resources = ['shop/busy']
  const all = await Promise.all(
    Array.from({ length: 30 }, async (_, n) => {
      const { run } = await store.desk.submit(order({ resources }))
      return { by: n % 2 ? store : other, claim: await claimed(n % 2 ? store : other, run.id) }
    }),
  )
  const written = all.flatMap(({ by, claim }, n) => [
    by.runs.write(claim, { wakeAt: null }),
    by.runs.write(claim, n % 3 ? { wakeAt: null } : { ended: { state: 'stopped', reason: null, at: new Date() } }),
  ])
  await expect(Promise.all(written)).resolves.toHaveLength(60)
})

test('what comes meanwhile goes together, and a failure is everybody’s who went', async () => {
  const sent: number[][] = []
  const gates: (() => void)[] = []
  const together = createGroup(async (items: number[]) => {
    sent.push(items)
    await new Promise<void>((open) => gates.push(open))
    if (items.includes(13)) throw new Error('unlucky')
    return items.map((item) => item * 2)
  }, 3)
  const results = [1, 2, 3, 4, 5, 13].map((item) => together(item).catch(() => 'failed'))
  while (sent.length < 4) {
    gates.shift()?.()
    await new Promise((turn) => setImmediate(turn))
  }
  for (const open of gates) open()
  expect(await Promise.all(results)).toEqual([2, 4, 6, 8, 10, 'failed'])
  expect(sent).toEqual([[1], [2], [3, 4, 5], [13]])
})
