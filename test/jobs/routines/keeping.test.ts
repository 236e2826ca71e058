import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../../src/clock.js'
import type { OnCall } from '../../../src/incidents/paging/rota.js'
import { createRoutineClock } from '../../../src/jobs/routines/keeping.js'
import { calledFor } from '../../../src/jobs/routines/parts.js'
import { silentLog } from '../../../src/log.js'
import { openStore, type Store } from '../../../src/store/connect.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'
import { shopCatalogue, shopText } from '../../support/shop.js'

let database: TestDatabase
let store: Store
let now = new Date()
const clock: Clock = { ...systemClock, now: () => now }

beforeEach(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
})
afterEach(async () => {
  await store.close()
  await database.drop()
})

const withRoutines = (text: string) => shopCatalogue(shopText.replace(/\nroutines:[\s\S]*$/, `\n${text}\n`))

const certificates = `routines:
  certificates:
    says: Look.
    every: 0 9 * * *
    owner:
      people: [U0RITA]
    channel: C0INCIDENTS
    within: 4h`

const keeping = (text: string, rows: Store['routines'] = store.routines) =>
  createRoutineClock({ catalogue: withRoutines(text), rows, onCall: async () => null, clock, log: silentLog })

const hour = 3_600_000

test('two clocks at once ask once a day, at nine of the zone, through the night in which its clocks change', async () => {
  const clocks = [keeping(certificates), keeping(certificates)]
  for (let at = Date.parse('2026-10-23T00:00:00Z'); at < Date.parse('2026-10-27T00:00:00Z'); at += hour) {
    now = new Date(at)
    await Promise.all(clocks.map((round) => round()))
  }
  const digests = await store.routines.stale(now, 100)
  const all = digests.flatMap(({ occurrences }) => occurrences)
  expect(all.map(({ dueAt, missedAt }) => [dueAt.toISOString(), missedAt?.toISOString()])).toEqual([
    ['2026-10-23T07:00:00.000Z', '2026-10-23T11:00:00.000Z'],
    ['2026-10-24T07:00:00.000Z', '2026-10-24T11:00:00.000Z'],
    ['2026-10-25T08:00:00.000Z', '2026-10-25T12:00:00.000Z'],
    ['2026-10-26T08:00:00.000Z', '2026-10-26T12:00:00.000Z'],
  ])
  for (const { id, version } of digests)
    await store.routines.drawn(id, version, { channel: 'C0INCIDENTS', ts: `${id}.0`, shown: '' })
  const calls = await store.routines.calls(now, 100)
  expect(calls.map(({ kind }) => kind)).toEqual(['due', 'missed', 'due', 'missed', 'due', 'missed', 'due', 'missed'])
})

test('one that is new in the file is not asked for what lies before it, and one that is gone is asked for no longer', async () => {
  now = new Date('2026-11-02T12:00:00Z')
  await keeping(certificates)()
  expect(await store.routines.openNow()).toEqual([])
  now = new Date('2026-11-03T08:00:00Z')
  await keeping(certificates)()
  expect(await store.routines.openNow()).toHaveLength(1)
  const without = keeping('')
  await without()
  expect(await store.routines.openNow()).toEqual([])
})

test('where nothing recurs, the database is asked once', async () => {
  let asked = 0
  const rows = {
    ...store.routines,
    keep: async () => {
      asked += 1
      return {}
    },
  }
  const round = keeping('', rows)
  for (let times = 0; times < 5; times += 1) await round()
  expect(asked).toBe(1)
})

test('whoever is first on call is called, and the group of the rota where nobody is', async () => {
  const owner = { people: ['U0RITA'], groups: [], onCall: 'storefront' }
  const called = (found: Partial<OnCall> | null) =>
    calledFor(
      [owner, { people: [], groups: ['ops'], onCall: null }],
      async () => found && { people: [], until: null, source: 'shop', group: null, ...found },
      now,
    )
  expect(await called({ people: ['U0MARCO', 'U0MINA'], group: 'ops' })).toEqual({
    people: ['U0RITA', 'U0MARCO'],
    groups: ['ops'],
  })
  expect(await called({ group: 'duty' })).toEqual({ people: ['U0RITA'], groups: ['ops', 'duty'] })
  expect(await called(null)).toEqual({ people: ['U0RITA'], groups: ['ops'] })
})
