import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLog } from '../../../src/log.js'
import type { RunId } from '../../../src/runs/run.js'
import { openStore, type Store } from '../../../src/store/connect.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'
import { claimed, order } from '../orders.js'

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

const now = new Date()
const live = async () => (await store.desk.submit(order())).run.id
const board = async (ts: string) => store.boards.opened({ channel: 'C1', ts }, now)
const shown = async (run: RunId) => (await store.boards.look()).runs.find((one) => one.run === run)

async function end(run: RunId): Promise<void> {
  const claim = await claimed(store, run)
  await store.runs.write(claim, { ended: { state: 'stopped', reason: null, at: new Date() } })
  await store.runs.release(claim)
}

describe('a board', () => {
  test('has the runs and versions that were drawn last, and a run is on one board at a time', async () => {
    const [first, second] = [await board('1'), await board('2')]
    const [a, b] = [await live(), await live()]
    expect(await shown(a)).toMatchObject({ live: true, told: false, board: null, drawn: null })
    await store.boards.drawn(
      first.id,
      [a, b].map((run) => ({ run, version: 1 })),
      now,
    )
    await store.boards.drawn(second.id, [{ run: b, version: 1 }], now)
    expect(await shown(a)).toMatchObject({ board: first.id, drawn: 1 })
    expect(await shown(b)).toMatchObject({ board: second.id, drawn: 1 })
    await store.boards.drawn(first.id, [], now)
    expect(await shown(a)).toMatchObject({ board: null })
    expect(await shown(b)).toMatchObject({ board: second.id })
  })

  test('never goes back to an older version of a run', async () => {
    const { id } = await board('3')
    const run = await live()
    await store.boards.drawn(id, [{ run, version: 5 }], now)
    await store.boards.drawn(id, [{ run, version: 4 }], now)
    expect(await shown(run)).toMatchObject({ drawn: 5 })
  })

  test('keeps a run that ended until it is drawn without it, and says whether its card tells the end', async () => {
    const { id } = await board('4')
    const run = await live()
    await store.boards.drawn(id, [{ run, version: 1 }], now)
    await end(run)
    const seen = await shown(run)
    expect(seen).toMatchObject({ live: false, told: false, board: id })
    await store.telling.cardDrawn(run, seen?.version ?? 0, { channel: 'C1', ts: `${run}` })
    expect(await shown(run)).toMatchObject({ told: true })
    await store.boards.drawn(id, [], now)
    expect(await shown(run)).toBeUndefined()
  })

  test('that ended has no runs and is found no more', async () => {
    const { id } = await board('5')
    const run = await live()
    await store.boards.drawn(id, [{ run, version: 1 }], now)
    await store.boards.ended(id, now)
    expect(await shown(run)).toMatchObject({ board: null })
    expect((await store.boards.look()).boards.map((one) => one.id)).not.toContain(id)
  })

  test('sees many runs in one look, as their cards do', async () => {
    const runs = [await live(), await live()]
    const views = await store.boards.views(runs)
    expect(views.sort((a, b) => a.run.id - b.run.id)).toEqual(
      await Promise.all(runs.map((run) => store.desk.view(run))),
    )
    expect(await store.boards.views([])).toEqual([])
  })
})

test('what was learnt about a limit is what the next process starts from', async () => {
  const limit = { method: 'chat.update', channel: '', perMinute: 18, wall: 20 }
  await store.boards.limits.learnt({ ...limit, perMinute: 33, wall: null }, now)
  await store.boards.limits.learnt(limit, now)
  expect(await store.boards.limits.all()).toEqual([limit])
})
