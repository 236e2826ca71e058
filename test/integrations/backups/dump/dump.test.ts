import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isSound } from '../../../../src/backups/backup.js'
import { createDumpEngine, type DumpEngine } from '../../../../src/integrations/backups/dump/dump.js'
import { openVault, storageSettings } from '../../../../src/integrations/backups/storage/settings.js'
import { contextFor, rowsOf } from '../../../support/backups/engine-rig.js'
import {
  folderFor,
  installedPostgres,
  type LocalServer,
  postgresUser,
  startLocalServer,
} from '../../../support/backups/local-server.js'
import { bareDatabase, type TestDatabase } from '../../../support/database.js'

const bin = installedPostgres()
const folder = mkdtempSync(join(tmpdir(), 'shipmate-dump-'))
const dumps = join(folder, 'storage', 'shop', 'dumps')

const vaultAt = () => {
  const settings = storageSettings.parse({
    at: { kind: 'local', path: join(folder, 'storage') },
    encryption: { secret: 'env:KEY' },
  })
  return openVault(settings, 'shop', async () => 'a secret that is long enough')
}

describe.skipIf(!bin)('pg_dump of a real PostgreSQL', () => {
  let server: LocalServer
  let engine: DumpEngine
  const engineFor = async (url: string, tables: string[] | null = null) =>
    createDumpEngine({ database: 'shop', url: async () => url, vault: await vaultAt(), bin: bin ?? '', tables })

  beforeAll(async () => {
    server = await startLocalServer(bin ?? '', folderFor(postgresUser()), () => [`archive_command = '/bin/true'`])
    await rowsOf(
      server.url,
      `create table orders (id int primary key, total numeric); create table "odd Name" (note text);
       insert into orders select n, n * 2 from generate_series(1, 5000) n; insert into "odd Name" values ('kept')`,
    )
    engine = await engineFor(server.url)
  })
  afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
    rmSync(server.dir, { recursive: true, force: true })
  })

  test('it says that it has no point in time, and takes none but full ones', async () => {
    expect(engine.able).toMatchObject({ kinds: ['full'], pointInTime: false, scratch: false, expires: true })
    expect(engine.able.cannot[0]).toMatch(/no point in time/)
    expect((await engine.ready(contextFor())).summary).toMatch(/2 tables; no point in time/)
    const no = engine.take({ kind: 'incremental', key: 'k', run: 1 }, contextFor())
    await expect(no).rejects.toMatchObject({ kind: 'refused', code: 'backup-kind-unable' })
  })

  test('nothing taken is not sound', async () => {
    expect(isSound(await engine.verify(null, contextFor()))).toBe(false)
  })

  test('a dump stands once for its key, is sound, and comes back with its rows', async () => {
    const context = contextFor()
    const taken = await engine.take({ kind: 'full', key: 'first', run: 7 }, context)
    expect(context.heard.at(-1)?.done).toBeGreaterThan(0)
    expect(await engine.take({ kind: 'full', key: 'first', run: 7 }, contextFor())).toEqual(taken)
    expect((await engine.holding(contextFor())).backups).toEqual([taken])
    expect(isSound(await engine.verify(taken.label, contextFor()))).toBe(true)

    await rowsOf(server.url, 'create database copy')
    const into = server.url.replace(/\/[^/]*$/, '/copy')
    await engine.load({ label: taken.label, into, tables: null }, contextFor())
    expect(await rowsOf(into, 'select count(*)::int as n, sum(total)::int as sum from orders')).toEqual([
      { n: 5000, sum: 25005000 },
    ])
    expect(await rowsOf(into, 'select note from "odd Name"')).toEqual([{ note: 'kept' }])
  })

  test('one table alone comes back, and a load that cannot be whole changes nothing', async () => {
    const [{ label = '' } = {}] = (await engine.holding(contextFor())).backups
    await rowsOf(server.url, 'create database one')
    const into = server.url.replace(/\/[^/]*$/, '/one')
    await engine.load({ label, into, tables: ['orders'] }, contextFor())
    expect(
      await rowsOf(into, `select to_regclass('orders') is not null as orders, to_regclass('"odd Name"') as odd`),
    ).toEqual([{ orders: true, odd: null }])
    const again = engine.load({ label, into, tables: null }, contextFor())
    await expect(again).rejects.toMatchObject({ code: 'dump-failed', came: expect.stringContaining('already exists') })
    expect(await rowsOf(into, `select to_regclass('"odd Name"') as odd`)).toEqual([{ odd: null }])
  })

  test('the dump and its table of contents are laid into a folder; a moment is refused', async () => {
    const into = join(folder, 'laid')
    const restored = await engine.restore({ point: { kind: 'latest' }, into }, contextFor())
    expect(statSync(join(into, 'database.dump')).size).toBe(restored.bytes)
    expect(readFileSync(join(into, 'contents.txt'), 'utf8')).toContain('TABLE DATA public orders')
    const no = engine.restore({ point: { kind: 'time', at: new Date() }, into: join(folder, 'other') }, contextFor())
    await expect(no).rejects.toMatchObject({ code: 'dump-no-moment' })
  })

  test('a changed byte and a cut off end are found', async () => {
    const [{ label = '' } = {}] = (await engine.holding(contextFor())).backups
    const file = join(dumps, label, process.versions.node.startsWith('20') ? 'dump.gz.sealed' : 'dump.zst.sealed')
    const before = readFileSync(file)
    const flipped = Buffer.from(before)
    flipped[before.length >> 1] = (flipped[before.length >> 1] ?? 0) ^ 1
    writeFileSync(file, flipped)
    expect((await engine.verify(label, contextFor())).defects).toHaveLength(1)
    writeFileSync(file, before)
    truncateSync(file, before.length >> 1)
    expect((await engine.verify(null, contextFor())).defects).toHaveLength(1)
    writeFileSync(file, before)
    expect(isSound(await engine.verify(null, contextFor()))).toBe(true)
  })

  test('a dump of tables that are not there, and one that a person stops, do not count', async () => {
    const none = await engineFor(server.url, ['nobody_made_this'])
    await expect(none.take({ kind: 'full', key: 'none', run: 8 }, contextFor())).rejects.toMatchObject({
      kind: 'failed',
    })
    const context = contextFor()
    context.onProgress = () => context.abort()
    await expect(engine.take({ kind: 'full', key: 'stopped', run: 9 }, context)).rejects.toMatchObject({
      kind: 'stopped',
    })
    await engine.clean(contextFor())
    expect((await engine.holding(contextFor())).backups).toHaveLength(1)
    expect(await engine.clean(contextFor())).toEqual({ removed: [] })
  })

  test('equal structures have equal text, another column has another', async () => {
    const [one, same] = [await engine.structure(contextFor()), await engine.structure(contextFor())]
    expect(one.sha256).toBe(same.sha256)
    expect(one.text).toContain('CREATE TABLE public.orders')
    await rowsOf(server.url, 'alter table orders add column paid boolean')
    expect((await engine.structure(contextFor())).sha256).not.toBe(one.sha256)
  })

  test('a server newer than pg_dump is told before anything is taken', async () => {
    const newer: TestDatabase = await bareDatabase()
    try {
      const [row] = await rowsOf<{ major: number }>(
        newer.url,
        `select current_setting('server_version_num')::int / 10000 as major`,
      )
      const programs = Number(/\/(\d+)\/bin$/.exec(bin ?? '')?.[1])
      const ready = (await engineFor(newer.url)).ready(contextFor())
      if ((row?.major ?? 0) > programs) await expect(ready).rejects.toMatchObject({ code: 'dump-version' })
      else await expect(ready).resolves.toBeDefined()
    } finally {
      await newer.drop()
    }
  })

  test('a dump that is removed is gone from the storage', async () => {
    const [{ label = '' } = {}] = (await engine.holding(contextFor())).backups
    expect((await engine.remove([label], contextFor())).freedBytes).toBeGreaterThan(1000)
    expect((await engine.holding(contextFor())).storedBytes).toBe(0)
  })
})
