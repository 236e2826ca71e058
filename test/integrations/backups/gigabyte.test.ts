import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RestorePoint } from '../../../src/backups/backup.js'
import { embeddedRig } from '../../support/backups/embedded-rig.js'
import {
  archived,
  contextFor,
  type EngineRig,
  layTables,
  mark,
  markersOf,
  rowsOf,
  writesOn,
} from '../../support/backups/engine-rig.js'
import { installedPostgres } from '../../support/backups/local-server.js'
import { nativeRig } from '../../support/backups/native-rig.js'
import { pgBackRestRig } from '../../support/backups/pgbackrest-rig.js'
import { optIn } from '../../support/parts.js'

const asked = optIn('gigabyte')
const bin = installedPostgres()
const program = '/usr/bin/pgbackrest'
const newer = process.env.SHIPMATE_POSTGRES_17 ?? '/opt/postgresql-17/bin'
const gigabyte = 1_000_000_000
/** Of about 240 bytes, which no engine can make much smaller. */
const rows = 4_500_000

const engines: [name: string, there: boolean, make: () => Promise<EngineRig>][] = [
  ['pgBackRest', bin !== null && existsSync(program), () => pgBackRestRig(bin ?? '', program, { ownDisk: false })],
  ['the engine without programs', true, () => embeddedRig({ ownDisk: false })],
  ['the tools of PostgreSQL 17', existsSync(newer), () => nativeRig(newer, ['summarize_wal = on'], { ownDisk: false })],
]

describe.each(engines)('a gigabyte under writes, with %s', (_name, there, make) => {
  describe.skipIf(!asked || !there)('as a whole', { timeout: 900_000 }, () => {
    let rig: EngineRig
    let writes: ReturnType<typeof writesOn>
    let bulk: string
    beforeAll(async () => {
      rig = await make()
      await layTables(rig.url)
      await rowsOf(
        rig.url,
        `create table bulk as select n as id, md5(n::text) || md5((n + 1)::text) || md5((n + 2)::text) || md5((n + 3)::text)
           || md5((n + 4)::text) || md5((n + 5)::text) as filler from generate_series(1, ${rows}) n`,
      )
      bulk = await digestOf(rig.url)
      writes = writesOn(rig.url)
    }, 900_000)
    afterAll(async () => {
      await writes?.stop().catch(() => 0)
      await rig?.close()
    }, 180_000)

    test('a full backup and an increment are whole, and a second, a named point and a backup bring back just what was before', async () => {
      const { engine, url } = rig
      const [held] = await rowsOf<{ bytes: string }>(url, 'select sum(pg_database_size(oid)) as bytes from pg_database')
      expect(Number(held?.bytes)).toBeGreaterThan(gigabyte)
      const full = await engine.take({ kind: 'full', key: 'full', run: 1 }, contextFor())
      expect(full.databaseBytes).toBeGreaterThan(gigabyte)
      await mark(url, 'before the increment')
      const increment = await engine.take({ kind: 'incremental', key: 'increment', run: 2 }, contextFor())
      await mark(url, 'after the increment')
      const second = await mark(url, 'just before the second')
      await mark(url, 'just after the second')
      await mark(url, 'just before the name')
      await rowsOf(url, `select pg_create_restore_point('before-the-migration')`)
      await mark(url, 'just after the name')
      expect(await writes.stop()).toBeGreaterThan(1_000)
      await archived(url)
      expect((await engine.verify(increment.label, contextFor())).defects).toEqual([])

      const cases: [RestorePoint, string, string][] = [
        [{ kind: 'backup', label: increment.label }, 'before the increment', 'after the increment'],
        [{ kind: 'time', at: second.at }, 'just before the second', 'just after the second'],
        [{ kind: 'name', name: 'before-the-migration' }, 'just before the name', 'just after the name'],
      ]
      for (const [point, before, after] of cases) {
        const { markers, digest } = await restored(point)
        expect(markers).toContain(before)
        expect(markers).not.toContain(after)
        expect(digest).toBe(bulk)
      }
    })

    /** What a server on the restored files says; its files are gone afterwards. */
    async function restored(point: RestorePoint) {
      const folder = await rig.yard.folder(JSON.stringify(point), gigabyte)
      try {
        await rig.engine.restore({ point, into: folder }, contextFor())
        const server = await rig.yard.start(folder, contextFor())
        try {
          return { markers: await markersOf(server.url), digest: await digestOf(server.url) }
        } finally {
          await server.stop()
        }
      } finally {
        await rig.yard.remove(folder)
      }
    }
  })
})

/** Of every row of the bulk. */
async function digestOf(url: string): Promise<string> {
  const [row] = await rowsOf<{ digest: string }>(
    url,
    `select count(*) || ' ' || sum(id) || ' ' || sum(hashtext(filler)::bigint) as digest from bulk`,
  )
  return row?.digest ?? ''
}
