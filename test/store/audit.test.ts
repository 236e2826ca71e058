import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLog } from '../../src/log.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { openClient, openDatabase, takeRole } from '../../src/store/database.js'
import { appRole } from '../../src/store/migrate.js'
import { bareDatabase, freshDatabase, type TestDatabase } from '../support/database.js'
import { claimed, holds, letsGo, order, person } from './orders.js'

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

async function asOwner(text: string, url = database.ownerUrl): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text).finally(() => client.end())
}

/** A run with a trail of its own of four rows. */
async function trail(): Promise<number> {
  const { run } = await store.desk.submit(order())
  const claim = await claimed(store, run.id)
  const entry = (act: string) => ({ actor: null, act, subject: { text: 'ümläut ✓ " \\ \n', number: 1.5, none: null } })
  await store.runs.write(claim, { audit: [entry('first'), entry('second')] })
  await store.runs.write(claim, { audit: [{ ...entry('third'), actor: person('U2') }] })
  await store.runs.release(claim)
  return run.id
}

describe('the audit trail', () => {
  test('holds acts in order, with ids and never a name', async () => {
    const run = await trail()
    const rows = await store.audit.of(run)
    expect(rows.map(({ act, actor }) => [act, actor])).toEqual([
      ['asked for a run', { kind: 'person', id: 'U1' }],
      ['first', null],
      ['second', null],
      ['third', { kind: 'person', id: 'U2' }],
    ])
    expect(JSON.stringify(rows)).not.toContain('Person')
    expect(await store.audit.verify(run)).toEqual({ rows: 4, broken: [] })
  })

  test('keeps a hash of people’s words, not the words', async () => {
    const { run } = await store.desk.submit(order())
    await store.desk.requestStop(run.id, person('U2'), 'my secret reason', new Date())
    const rows = await store.audit.of(run.id)
    expect(rows.at(-1)).toMatchObject({
      act: 'asked it to stop',
      subject: { words: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
    expect(JSON.stringify(rows)).not.toContain('secret')
  })

  test.each([
    [
      'a changed entry',
      (run: number) => `update shipmate.audit set entry = replace(entry, 'second', 'zecond') where run = ${run}`,
      3,
    ],
    [
      'a changed entry with the same meaning',
      (run: number) => `update shipmate.audit set entry = entry || ' ' where run = ${run} and position = 2`,
      2,
    ],
    [
      'a row taken out of the middle',
      (run: number) => `delete from shipmate.audit where run = ${run} and position = 2`,
      2,
    ],
    ['the last row taken away', (run: number) => `delete from shipmate.audit where run = ${run} and position = 4`, 4],
    [
      'a row made up at the end',
      (run: number) => `insert into shipmate.audit (run, position, entry, prev, hash)
      select run, 5, entry, hash, hash from shipmate.audit where run = ${run} and position = 4`,
      5,
    ],
    ['all of it taken away', (run: number) => `delete from shipmate.audit where run = ${run}`, 1],
  ])('shows %s, planted by the owner of the tables', async (_, plant, position) => {
    const run = await trail()
    await asOwner(plant(run))
    const { broken } = await store.audit.verify(run)
    expect(broken).toEqual([{ run, position, what: expect.any(String) }])
    expect((await store.audit.verify()).broken).toContainEqual(broken[0])
  })

  test('covers acts outside any run', async () => {
    await holds(store, 'shop/prod', 'U2', 'look')
    await letsGo(store, 'shop/prod', 'U2')
    expect((await store.audit.of(0)).map(({ act }) => act)).toEqual(['held a lock', 'let go of a lock'])
    expect((await store.audit.verify(0)).broken).toEqual([])
  })
})

describe('the application’s connection', () => {
  const statements = [
    'update shipmate.audit set entry = entry',
    'delete from shipmate.audit',
    'truncate shipmate.audit',
    'alter table shipmate.audit disable trigger all',
    'drop table shipmate.audit',
    `update shipmate.migrations set digest = ''`,
    'create table shipmate.other (id int)',
  ]

  test.each(statements)('may not: %s', async (statement) => {
    const plan = { url: database.url, name: 'test', role: appRole }
    const pool = openDatabase(plan, silentLog, 1)
    await expect(pool.query(statement)).rejects.toMatchObject({
      code: 'database-error',
      came: expect.stringMatching(/permission denied|must be owner/),
    })
    await pool.close()
    const client = openClient(plan)
    await client.connect()
    await takeRole(client, appRole)
    await expect(client.query(statement)).rejects.toThrow(/permission denied|must be owner/)
    await client.end()
  })

  test('of its own user has no way back to the owner’s rights', async () => {
    await asOwner(
      `do $$ begin create role shipmate_test_app login password 'only-for-tests'; exception when others then null; end $$`,
    )
    await asOwner(`grant ${appRole} to shipmate_test_app`)
    const url = new URL(database.url)
    url.username = 'shipmate_test_app'
    url.password = 'only-for-tests'
    const own = await openStore({ ownerUrl: database.ownerUrl, appUrl: url.href, log: silentLog })
    const { run } = await own.desk.submit(order())
    await own.runs.release(await claimed(own, run.id))
    await own.close()
    await expect(asOwner(`reset role; set role none; delete from shipmate.audit`, url.href)).rejects.toThrow(
      /permission denied/,
    )
  })
})

test('two programs that start at the same moment migrate an empty database once', async () => {
  const empty = await bareDatabase()
  const stores = await Promise.all([1, 2, 3].map(() => openStore({ ownerUrl: empty.ownerUrl, log: silentLog })))
  await stores[0]?.desk.submit(order())
  await Promise.all(stores.map((each) => each.close()))
  await empty.drop()
})

test('a database that another version migrated is refused, unless it was only expanded', async () => {
  const other = await freshDatabase()
  const row = (kind: string) => `insert into shipmate.migrations values (9999, '9999-future.sql', '${kind}', 'x')`
  await asOwner(row('expand'), other.url)
  await (await openStore({ ownerUrl: other.ownerUrl, log: silentLog })).close()
  await asOwner(`delete from shipmate.migrations where number = 9999; ${row('contract')}`, other.url)
  await expect(openStore({ ownerUrl: other.ownerUrl, log: silentLog })).rejects.toMatchObject({
    kind: 'refused',
    code: 'database-other-version',
  })
  await other.drop()
})

test('a database that is not there is a transient failure, and its password is in no word of it', async () => {
  const opening = openStore({ ownerUrl: 'postgres://shipmate:hunter2@127.0.0.1:1/none', log: silentLog })
  await expect(opening).rejects.toMatchObject({ kind: 'failed', code: 'database-unreachable', transient: true })
  const error = await opening.catch((thrown: Error) => thrown)
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hunter2')
})
