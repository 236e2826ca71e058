import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isSound } from '../../../../src/backups/backup.js'
import { digestOf } from '../../../../src/json.js'
import { makeEngine } from '../../../support/backups/embedded-remake.js'
import { type EmbeddedRig, embeddedRig } from '../../../support/backups/embedded-rig.js'
import { contextFor, mark, markersOf, rowsOf } from '../../../support/backups/engine-rig.js'
import { waitFor } from '../../../support/wait-for.js'

let rig: EmbeddedRig

// Not packed and not sealed, so that what is planted is what only the engine itself can notice.
beforeAll(async () => {
  rig = await embeddedRig({ compression: 'none', encrypted: false })
  await rowsOf(
    rig.url,
    `create table markers (name text primary key, at timestamptz default clock_timestamp());
     create table rows (id int primary key, note text); insert into rows select n, repeat('x', 300) from generate_series(1, 5000) n`,
  )
})
afterAll(() => rig.close())

const back = async (
  point: Parameters<EmbeddedRig['engine']['restore']>[0]['point'],
  look: (url: string) => Promise<void>,
) => {
  const folder = await rig.yard.folder(JSON.stringify(point), 64 * 1024 * 1024)
  await rig.engine.restore({ point, into: folder }, contextFor())
  const server = await rig.yard.start(folder, contextFor())
  try {
    await look(server.url)
  } finally {
    await server.stop()
    await rig.yard.remove(folder)
  }
}

test('an increment without a full backup is refused, and nothing is taken', async () => {
  const no = rig.engine.take({ kind: 'incremental', key: 'early', run: 1 }, contextFor())
  await expect(no).rejects.toMatchObject({ kind: 'refused', code: 'backup-no-parent' })
})

test('a chain brings back rows that were changed, removed and cut off between its backups', async () => {
  const { engine, url } = rig
  await engine.take({ kind: 'full', key: 'f', run: 1 }, contextFor())
  await rowsOf(url, `update rows set note = 'changed' where id % 7 = 0; delete from rows where id > 4000`)
  await rowsOf(url, 'vacuum rows')
  await engine.take({ kind: 'incremental', key: 'i1', run: 2 }, contextFor())
  await rowsOf(
    url,
    `create table later (id int); insert into later select generate_series(1, 3000); drop table if exists gone; insert into rows select n, 'new' from generate_series(4500, 6000) n`,
  )
  await rowsOf(url, 'vacuum full rows')
  const last = await engine.take({ kind: 'incremental', key: 'i2', run: 3 }, contextFor())
  const sums = `select (select md5(string_agg(id || note, ',' order by id)) from rows) as rows, (select sum(id)::int from later) as later`
  const [there] = await rowsOf(url, sums)
  await back({ kind: 'backup', label: last.label }, async (at) => {
    expect(await rowsOf(at, sums)).toEqual([there])
    await rowsOf(at, 'create extension amcheck')
    expect(await rowsOf(at, `select * from verify_heapam('rows')`)).toEqual([])
    await rowsOf(at, `select bt_index_check('rows_pkey', true)`)
  })
})

test('what the server has not finished writing can be brought back too: a committed row costs no whole segment', async () => {
  await mark(rig.url, 'in the begun segment')
  await back({ kind: 'latest' }, async (at) => expect(await markersOf(at)).toContain('in the begun segment'))
})

test('a moment after the last commit of an idle server is its end, and no error', async () => {
  const { at } = await mark(rig.url, 'the last for long')
  await waitFor('a second has passed', async () => Date.now() - at.getTime() > 1_500)
  await back({ kind: 'time', at }, async (url) => expect(await markersOf(url)).toContain('the last for long'))
})

test('a backup that is silently empty is not sound, although every digest of its storage is right', async () => {
  const { backups } = await rig.engine.holding(contextFor())
  const { label = '' } = backups.at(-1) ?? {}
  const folder = join(rig.place.storage, 'shop', 'backups', label)
  const [tar, record] = [join(folder, 'base.tar'), join(folder, 'record.json')]
  const [tarBefore, recordBefore] = [readFileSync(tar), readFileSync(record)]
  const nothing = Buffer.alloc(1024)
  const sha256 = createHash('sha256').update(nothing).digest('hex')
  const known = JSON.parse(String(recordBefore)).record
  known.archives[0].file = { ...known.archives[0].file, bytes: 1024, storedBytes: 1024, storedSha256: sha256 }
  writeFileSync(tar, nothing)
  writeFileSync(record, JSON.stringify({ record: known, digest: digestOf(known) }))
  const verified = await rig.engine.verify(label, contextFor())
  expect(isSound(verified)).toBe(false)
  expect(verified.defects[0]?.what).toBe('it is in the list and not there')
  const into = join(rig.place.folder, 'empty')
  await expect(rig.engine.restore({ point: { kind: 'backup', label }, into }, contextFor())).rejects.toMatchObject({
    kind: 'failed',
  })
  expect(readdirSync(into)).toEqual([])
  writeFileSync(tar, tarBefore)
  writeFileSync(record, recordBefore)
})

test('what is known of a backup is not believed when it was changed: the backup does not count', async () => {
  const before = await rig.engine.holding(contextFor())
  const { label = '' } = before.backups.at(-1) ?? {}
  const record = join(rig.place.storage, 'shop', 'backups', label, 'record.json')
  const text = readFileSync(record, 'utf8')
  writeFileSync(record, text.replace('"timeline":1', '"timeline":7'))
  const anew = await makeEngine(rig.place.settings)
  expect((await anew.holding(contextFor())).backups.map((one) => one.label)).not.toContain(label)
  expect((await anew.verify(null, contextFor())).defects.map(({ where }) => where).join()).toContain(label)
  writeFileSync(record, text)
})

test('a storage that is packed and sealed from now on still gives what was kept before', async () => {
  const settings = {
    ...rig.place.settings,
    storage: { ...(rig.place.settings.storage as object), compression: 'gzip', encryption: { secret: 'env:X' } },
  }
  const sealed = await makeEngine(settings)
  await sealed.take({ kind: 'incremental', key: 'sealed', run: 9 }, contextFor())
  expect((await sealed.verify(null, contextFor())).defects).toEqual([])
  const wrong = await makeEngine({ ...settings, secret: 'another secret, and long enough' })
  const { label = '' } = (await sealed.holding(contextFor())).backups.at(-1) ?? {}
  expect((await wrong.holding(contextFor())).backups.map((one) => one.label)).not.toContain(label)
  await expect(wrong.verify(null, contextFor())).rejects.toMatchObject({ code: 'seal-wrong-key' })
  await sealed.remove([label], contextFor())
})

test('followed, the archive keeps up by itself, and a backup beside it loses nothing', async () => {
  const context = contextFor()
  const following = rig.engine.follow(context)
  await rowsOf(rig.url, `select pg_logical_emit_message(false, 'x', repeat('y', 1000000)); select pg_switch_wal()`)
  await mark(rig.url, 'while followed')
  await rowsOf(rig.url, 'select pg_switch_wal()')
  const [{ wanted = '' } = {}] = await rowsOf<{ wanted: string }>(
    rig.url,
    'select pg_walfile_name(pg_current_wal_lsn() - 17000000) as wanted',
  )
  const folder = join(rig.place.storage, 'shop', 'wal')
  await waitFor('the segment is in the storage', async () =>
    readdirSync(join(folder, readdirSync(folder)[0] ?? '')).some((name) => name.startsWith(`${wanted}.`)),
  )
  await rig.engine.take({ kind: 'full', key: 'beside', run: 10 }, contextFor())
  context.abort()
  await following
  const { archive, spans } = await rig.engine.holding(contextFor())
  expect(archive).toMatchObject({ missing: [], failing: null })
  expect(spans).toHaveLength(1)
})

test('after a restore took the place of the server, the archive goes on along the new timeline', async () => {
  await rowsOf(rig.url, `select pg_create_restore_point('here')`)
  await mark(rig.url, 'thrown away')
  await back({ kind: 'name', name: 'here' }, async (url) => {
    const restored = await makeEngine({ ...rig.place.settings, url })
    await mark(url, 'on the new timeline')
    const { spans, archive } = await restored.holding(contextFor())
    expect(archive).toMatchObject({ missing: [] })
    expect(spans).toHaveLength(1)
    const folder = await rig.yard.folder('second', 64 * 1024 * 1024)
    await restored.restore({ point: { kind: 'latest' }, into: folder }, contextFor())
    const server = await rig.yard.start(folder, contextFor())
    const markers = await markersOf(server.url)
    await server.stop()
    await rig.yard.remove(folder)
    expect(markers).toContain('on the new timeline')
    expect(markers).not.toContain('thrown away')
  })
})

test('WAL that the server threw away before it was fetched is a hole that is said, and a full backup begins anew after it', async () => {
  const { engine, url } = rig
  await engine.holding(contextFor())
  await rowsOf(url, `alter system set max_slot_wal_keep_size = '16MB'`)
  await rowsOf(url, `alter system set max_wal_size = '32MB'`)
  await rowsOf(url, `select pg_reload_conf()`)
  for (let segment = 0; segment < 8; segment++) {
    await rowsOf(url, `select pg_logical_emit_message(false, 'x', 'y')`)
    await rowsOf(url, 'select pg_switch_wal()')
  }
  await rowsOf(url, 'checkpoint')
  expect((await engine.holding(contextFor())).archive?.failing).toMatch(/thrown away/)
  await engine.take({ kind: 'full', key: 'after the loss', run: 11 }, contextFor())
  const { archive, spans, backups } = await engine.holding(contextFor())
  expect(archive?.failing).toBeNull()
  expect(archive?.missing.length).toBeGreaterThan(0)
  expect(spans.at(-1)?.from).toEqual(backups.at(-1)?.endedAt)
  expect((await engine.verify(null, contextFor())).defects.map(({ what }) => what).join()).toContain('it is missing')
})

test('a server that is away can be restored from all the same, and that its archive stands still is said', async () => {
  await rig.place.stopServer()
  const { archive, backups } = await rig.engine.holding(contextFor())
  expect(archive?.failing).toMatch(/cannot be reached/)
  const into = join(rig.place.folder, 'away')
  const restored = await rig.engine.restore(
    { point: { kind: 'backup', label: backups.at(-1)?.label ?? '' }, into },
    contextFor(),
  )
  expect(restored.bytes).toBeGreaterThan(10_000_000)
  rmSync(into, { recursive: true, force: true })
})
