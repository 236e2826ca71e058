import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPostgres } from '../../../src/integrations/postgres/postgres.js'
import { silentLog } from '../../../src/log.js'
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '../../../src/store/embedded.js'
import { rowsOf } from '../../support/backups/engine-rig.js'
import { hands, partsOf } from '../../support/watched/scene.js'

// A PostgreSQL of its own, with pages that are damaged for real.
const dir = mkdtempSync(join(tmpdir(), 'shipmate-integrity-'))
let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>
const start = async () => {
  server = await startEmbeddedPostgres({ dir, settings: [], log: silentLog })
}
beforeAll(start, 60_000)
afterAll(async () => {
  await stopEmbeddedPostgres(dir, silentLog)
  rmSync(dir, { recursive: true, force: true })
})

const sql = <Row extends object = object>(text: string) => rowsOf<Row & { [column: string]: unknown }>(server.url, text)
function check(name: string, rules = '', url = server.url) {
  const backups = `backups:
  shop:
    engine: { embedded: { url: env:READ, storage: { path: /srv/backups } } }
    drill: { invariants: [${rules}] }`
  const sections = `databases:\n  shop: { url: env:READ }\n${rules ? backups : ''}`
  return hands(createPostgres(partsOf('database: shop', sections, { 'env:READ': url }))).check(name)
}

test('a database without a flaw passes; what was left half-made is a warning that names it', async () => {
  await sql(
    'create table orders (id int primary key, total int); insert into orders select n, n from generate_series(1, 2000) n',
  )
  expect(await check('postgres.integrity')).toMatchObject({ outcome: 'pass', output: { failures: 0, unfinished: 0 } })
  await sql('alter table orders add constraint positive check (total > 0) not valid')
  expect(await check('postgres.integrity')).toMatchObject({
    outcome: 'warn',
    summary: 'not valid: constraint orders.positive',
    next: expect.stringContaining('VALIDATE CONSTRAINT'),
  })
  await sql('alter table orders validate constraint positive')
})

test('a constraint that is meant not to be enforced is no finding; one of a domain is named by its domain', async () => {
  await sql('create table notes (id int)')
  const [version] = await sql<{ number: string }>("select current_setting('server_version_num') as number")
  // Older ones do not know it.
  if (Number(version?.number) >= 180_000)
    await sql('alter table notes add constraint short check (id < 9) not enforced')
  await sql('create domain price as int; create table prices (p price)')
  expect(await check('postgres.integrity')).toMatchObject({ outcome: 'pass' })
  await sql('alter domain price add constraint positive check (value > 0) not valid')
  expect((await check('postgres.integrity')).summary).toBe('not valid: constraint price.positive')
  await sql('drop table notes, prices; drop domain price')
})

test('what must hold is asked of the live data; a rule that is broken or cannot be asked fails, and none is skipped', async () => {
  const whole = '{ name: all orders, sql: select count(*) from orders, min: 2000 }'
  expect(await check('postgres.invariants', whole)).toMatchObject({
    outcome: 'pass',
    summary: '1 rule holds of the data',
  })
  const broken = `${whole}, { name: nobody owes, sql: select count(*) = 0 from orders where total > 1990 }, { name: gone, sql: select 1 from nowhere }`
  const found = await check('postgres.invariants', broken)
  expect(found.outcome).toBe('fail')
  expect(found.summary).toMatch(
    /^“nobody owes” does not hold: false; “gone” does not hold: it cannot be asked: relation "nowhere" does not exist$/,
  )
  expect(await check('postgres.invariants')).toMatchObject({ outcome: 'skip' })
})

test('what our role may not read is not told as broken: that cannot be told', async () => {
  await sql(`create role reader login password 'r' in role pg_monitor`)
  const asReader = new URL(server.url)
  asReader.username = 'reader'
  asReader.password = 'r'
  const rule = '{ name: all orders, sql: select count(*) from orders, min: 2000 }'
  const found = await check('postgres.invariants', rule, asReader.href)
  expect(found).toMatchObject({ outcome: 'error', next: expect.stringContaining('SELECT') })
  expect(found.summary).toMatch(/^“all orders”: it cannot be asked: permission denied for table orders$/)
})

test('a page that was damaged on the disk is found once it was read', async () => {
  const [file] = await sql<{ path: string }>(
    `select current_setting('data_directory') || '/' || pg_relation_filepath('orders') as path`,
  )
  await sql('checkpoint')
  await stopEmbeddedPostgres(dir, silentLog)
  const handle = openSync(file?.path ?? '', 'r+')
  writeSync(handle, Buffer.from([0xde, 0xad]), 0, 2, 8_192 * 2 + 4_000)
  closeSync(handle)
  await start()
  expect((await check('postgres.integrity')).outcome).toBe('pass')
  await expect(sql('select sum(total) from orders')).rejects.toThrow(/invalid page/)
  const found = await check('postgres.integrity')
  expect(found).toMatchObject({ outcome: 'fail', value: 1, next: expect.stringContaining('/restore drill') })
  expect(found.summary).toMatch(/^1 page of shop failed the checksum, last at 20\d\d-/)
}, 60_000)
