import { systemClock } from '../../../src/clock.js'
import type { Chore, KeeperParts } from '../../../src/jobs/incidents/keeping.js'
import { keepOne } from '../../../src/jobs/incidents/keeping.js'
import { silentLog } from '../../../src/log.js'
import type { RunView } from '../../../src/runs/run.js'
import { openStore, type Store } from '../../../src/store/connect.js'
import { freshDatabase } from '../../support/database.js'
import { shopCatalogue, shopText } from '../../support/shop.js'

/** The clock of incidents on PostgreSQL, at whatever time a test says it is, with the chores a test is about. */
export async function afterwardsWorld(options: { text?: string; runs?: Map<number, RunView> } = {}) {
  const database = await freshDatabase()
  const store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  const time = { now: new Date('2026-11-23T14:06:00Z') }
  const clock = { ...systemClock, now: () => time.now }
  const catalogue = shopCatalogue(options.text ?? shopText)
  const runs = options.runs
  const parts = (chores: Chore[]): KeeperParts => ({
    ...{ catalogue, store: store.incidents.rows, reads: store.incidents.reads, clock, log: silentLog },
    ...{ signals: store.signals, leadership: store.leadership, clues: { own: [], outside: [] }, chores, rounds: [] },
    runs: runs ? { ...store.desk, view: async (id) => runs.get(id) ?? null } : store.desk,
    gateChecks: () => [],
    abilities: {
      check: () => undefined,
      action: () => undefined,
      names: () => [],
    } as unknown as KeeperParts['abilities'],
    roundEvery: 1_000,
  })
  return {
    ...{ store, time, catalogue, clock },
    look: (id: number, ...chores: Chore[]) => keepOne(parts(chores), id, new AbortController().signal),
    told: (id: number) => toldOf(store, id),
    /** Runs that stand in rows, for what refers to them; their numbers. */
    runRows: async (count: number) => {
      const made = await Promise.all(Array.from({ length: count }, (_, at) => store.desk.submit(orderOf(`r${at}`))))
      return made.map(({ run }) => run.id).sort((a, b) => a - b) as [number, number]
    },
    close: async () => {
      await store.close()
      await database.drop()
    },
  }
}

const orderOf = (requestKey: string) => ({
  ...{ requestKey, team: 'T1', resources: [], priority: 0, via: 'slack', parent: null, at: new Date() },
  requestedBy: { kind: 'person' as const, id: 'U0RITA', name: 'Rita' },
  intent: { job: 'deploy', service: 'storefront', environment: 'prod', input: {} },
})

/** What the rows have for an incident to be said, in order. */
async function toldOf({ incidents }: Store, id: number) {
  const pending = await incidents.telling.pending(new Date('2100-01-01'), 500)
  return pending.filter(({ incident }) => incident === id)
}
