import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { jobOf } from '../../../src/jobs/jobs.js'
import { silentLog } from '../../../src/log.js'
import { hasEnded, type Intent, type RunId, type RunView } from '../../../src/runs/run.js'
import { openStore } from '../../../src/store/connect.js'
import { freshDatabase } from '../database.js'
import { patient } from '../restores/patient.js'
import { type StormProcess, startProgram } from '../storm-programs.js'
import { waitFor } from '../wait-for.js'
import type { Death, WorkerTask } from './worker.js'

export type Asked = { job: 'backup' | 'drill' | 'restore' | 'take-back' | 'tables'; input?: Intent['input'] }
type Killed = Asked & {
  death: Death
  /** What happens to its run until the next worker is there. */
  meanwhile?(run: RunId): Promise<void>
}

export type DyingWorkers = Awaited<ReturnType<typeof openDyingWorkers>>

/** Workers that die where they are told, each followed by one that goes on, and is the next to die. */
export async function openDyingWorkers(place: WorkerTask['place'], folder: string) {
  const database = await freshDatabase()
  const store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  const { over } = patient({ store })
  const orders = join(folder, 'die')
  let worker: StormProcess | null = null
  let asked = 0
  const [seen, died] = [new Set<string>(), new Set<string>()]

  const alive = async () => {
    const task: WorkerTask = { databaseUrl: database.url, place, orders }
    if (!worker?.running()) worker = await startProgram('test/support/backups/worker.js', task)
    return worker
  }

  const ask = async ({ job, input = {} }: Asked): Promise<RunId> => {
    asked += 1
    const intent = { job, service: 'storefront', environment: 'prod', input: { database: 'shop', ...input } }
    const request = { requestKey: `killed-${asked}`, team: 'T0', intent, priority: 0, via: 'terminal' as const }
    const { run } = await store.desk.submit({
      ...{ ...request, parent: null, at: new Date() },
      resources: jobOf(job).resources(intent),
      requestedBy: { kind: 'person', id: 'U0RITA', name: 'Rita' },
    })
    return run.id
  }

  return {
    ...{ database, store, orders },
    async done(asks: Asked): Promise<RunView> {
      await alive()
      return over(await ask(asks))
    },
    /** Somebody asks, the worker is killed there, and the next one goes on. */
    async killedAt({ death, meanwhile, ...asks }: Killed): Promise<RunView> {
      const first = await alive()
      await writeFile(orders, JSON.stringify(death))
      const run = await ask(asks)
      await waitFor('the worker is killed', () => !first.running(), 120_000)
      await rm(orders)
      const half = await store.desk.view(run)
      expect(half && hasEnded(half.run.state), 'nothing half-done is called done').toBe(false)
      await meanwhile?.(run)
      await alive()
      const view = await over(run)
      died.add(death.step)
      for (const { key, step } of view.steps) if (step.verb === 'check' || step.verb === 'do') seen.add(key)
      return view
    },
    /** Steps that look or act, of the runs so far, at which nobody was killed. */
    leftOut: () => [...seen].filter((key) => !died.has(key)),
    /** What runs asked for is over too, such as the backup after a restore. */
    async idle() {
      for (const { id } of await store.desk.list({ live: true, limit: 10 })) await over(id)
    },
    async close() {
      await worker?.kill()
      await store.close()
      await database.drop()
    },
  }
}
