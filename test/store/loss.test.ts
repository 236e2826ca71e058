import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../src/log.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { startEmbeddedPostgres } from '../../src/store/embedded.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { waitFor } from '../support/wait-for.js'
import { startChild } from './child.js'
import { claimed, order } from './orders.js'

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

const soon = (signal: AbortSignal) => waitFor('the claim is lost', () => signal.aborted)

async function asOwner(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.ownerUrl })
  await client.connect()
  await client.query(text)
  await client.end()
}

test('the claim of a killed process is free at once, and its run is due', async () => {
  const { run } = await store.desk.submit(order())
  const worker = await startChild('claimer.ts', database.url, String(run.id))
  onTestFinished(worker.kill)
  expect(Number(worker.said)).toBeGreaterThan(0)
  expect(await store.runs.claim(run.id)).toBeNull()
  expect(await store.runs.due(new Date())).not.toContain(run.id)
  await worker.kill()
  await waitFor('the run is due', async () => (await store.runs.due(new Date())).includes(run.id), 1_000)
  const claim = await claimed(store, run.id)
  expect(claim.epoch).toBeGreaterThan(Number(worker.said))
  await store.runs.release(claim)
})

test('a run whose worker died while it waited for people is due, though nothing in its row says when', async () => {
  const { run } = await store.desk.submit(order())
  const other = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  const claim = await claimed(other, run.id)
  await other.runs.write(claim, { state: 'waiting' })
  expect(await store.runs.due(new Date())).not.toContain(run.id)
  await other.close()
  expect(await store.runs.due(new Date())).toContain(run.id)
})

describe('a worker whose lock session is cut', () => {
  test('is told, writes nothing more, and another worker goes on', async () => {
    const other = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
    onTestFinished(() => other.close())
    const { run } = await store.desk.submit(order())
    const claim = await claimed(other, run.id)
    await asOwner(`select pg_terminate_backend(pid) from pg_locks join shipmate.runs on carrier = objid::bigint
      where locktype = 'advisory' and classid = 1936222576 and id = ${run.id}
        and database = (select oid from pg_database where datname = current_database())`)
    await soon(claim.lost)
    expect(await other.runs.write(claim, { state: 'planning' })).toBe(false)
    const next = await waitFor('another worker claims it', async () => (await store.runs.claim(run.id)) ?? undefined)
    expect(await store.runs.write(next, { state: 'planning' })).toBe(true)
    await other.runs.release(claim)
    expect(await other.runs.claim(run.id)).toBeNull()
    await store.runs.release(next)
    await other.runs.release(await claimed(other, run.id))
  })
})

test('signals say which run was changed and by which epoch, and are heard again after their session was cut', async () => {
  const heard: string[] = []
  onTestFinished(store.signals.onRun(({ run, epoch }) => heard.push(`${run}:${epoch}`)))
  const { run } = await store.desk.submit(order())
  await waitFor('the order is heard', () => heard.includes(`${run.id}:null`))
  const claim = await claimed(store, run.id)
  await store.runs.write(claim, { state: 'planning' })
  await waitFor('the write is heard', () => heard.includes(`${run.id}:${claim.epoch}`))
  await asOwner(`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'shipmate signals' and datname = current_database()`)
  await waitFor('a later order is heard', async () => {
    const { run: later } = await store.desk.submit(order())
    return heard.includes(`${later.id}:null`)
  })
  await store.runs.release(claim)
})

test('a restart of the database in the middle costs the claim and nothing that was written', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-restart-'))
  const server = await startEmbeddedPostgres({ dir, log: silentLog })
  onTestFinished(async () => {
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  const own = await openStore({ ownerUrl: server.url, log: silentLog })
  onTestFinished(() => own.close())
  const { run } = await own.desk.submit(order())
  const claim = await claimed(own, run.id)
  await own.runs.write(claim, { state: 'running' })
  await server.stop()
  await soon(claim.lost)
  await expect(own.desk.view(run.id)).rejects.toMatchObject({
    kind: 'failed',
    code: 'database-unreachable',
    transient: true,
  })
  await expect(own.runs.claim(run.id)).rejects.toMatchObject({ transient: true })
  expect(await own.health()).toMatchObject({ reachable: false })
  expect(await startEmbeddedPostgres({ dir, log: silentLog })).toMatchObject({ url: server.url, adopted: false })
  expect(await own.runs.due(new Date())).toEqual([run.id])
  const again = await claimed(own, run.id)
  expect((await own.runs.load(run.id))?.run.state).toBe('running')
  const heard: number[] = []
  onTestFinished(own.signals.onRun((changed) => heard.push(changed.run)))
  await waitFor('signals flow again', async () => {
    await own.runs.write(again, { wakeAt: null })
    return heard.includes(run.id)
  })
  expect(await own.health()).toMatchObject({ reachable: true })
})
