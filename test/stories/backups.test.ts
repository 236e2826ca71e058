import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBackupSide } from '../../src/app/backups/engines.js'
import { systemClock } from '../../src/clock.js'
import { silentLog } from '../../src/log.js'
import { hasEnded, type RunView } from '../../src/runs/run.js'
import { startEmbeddedPostgres } from '../../src/store/embedded.js'
import { backedUpText } from '../support/backups/plain-place.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld } from '../support/desk-world.js'
import { shopCatalogue } from '../support/shop.js'
import { waitFor } from '../support/wait-for.js'

type Server = Awaited<ReturnType<typeof startEmbeddedPostgres>>

let folder: string
let server: Server
let world: DeskWorld

const policy = `    scratch: { folder: FOLDER/scratch, superuser: shipmate }
    drill:
      tables: [orders]
      newest: { table: orders, column: at, within: 1h }
      invariants:
        - { name: every order has a customer, sql: select count(*) from orders where customer is null, max: 0 }
`

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shipmate-backed-up-'))
  // PostgreSQL runs as another user than root, who has to get through.
  chmodSync(folder, 0o755)
  const settings = ['fsync=off', 'summarize_wal=on', 'max_wal_size=256MB', 'wal_level=replica']
  server = await startEmbeddedPostgres({ dir: join(folder, 'shop'), settings, log: silentLog })
  await ask(`create table customers (id int primary key);
    create table orders (id bigserial primary key, customer int references customers, at timestamptz default now());
    insert into customers select generate_series(1, 100);
    insert into orders (customer) select 1 + i % 100 from generate_series(1, 20000) i`)
  const text = backedUpText(policy.replace('FOLDER', folder)).replace('/srv/backups', join(folder, 'stored'))
  const env = { SHOP_DATABASE_READ: server.url, SHOP_DATABASE_ACT: server.url }
  const catalogue = shopCatalogue(text)
  const backups = createBackupSide({ catalogue, env, clock: systemClock, log: silentLog })
  world = await createDeskWorld({ text, backups })
}, 120_000)

afterAll(async () => {
  await world?.close()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function ask(sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  try {
    return await client.query(sql)
  } finally {
    await client.end()
  }
}

async function run(command: string, words: string): Promise<RunView> {
  const id = acceptedRun(await world.desk.say(words, command, asker('U0MARCO')))
  const over = async () => {
    const view = await world.store.desk.view(id)
    return view && hasEnded(view.run.state) ? view : undefined
  }
  const view = await waitFor(`#${id} has ended`, over, 90_000)
  expect(view.run.state, JSON.stringify(view.run.reason)).toBe('done')
  return view
}
const evidence = (view: Awaited<ReturnType<typeof run>>, key: string) =>
  view.steps.find((step) => step.key === key)?.evidence?.summary

test('a real database is backed up in full and by increment, read back, and proven by a drill that reads its rows', async () => {
  const full = await run('backup', 'shop full')
  expect(evidence(full, 'take')).toMatch(/^full, .* stored of .*, in/)
  expect(evidence(full, 'read-back')).toMatch(/^read back whole/)
  await ask('insert into orders (customer) select 7 from generate_series(1, 500)')
  const increment = await run('backup', 'shop incremental')
  expect(evidence(increment, 'take')).toMatch(/^incremental/)
  // Committed after the last backup: it comes back by its WAL.
  await ask('insert into orders (customer) values (7)')
  const drill = await run('restore', 'drill')
  expect(evidence(drill, 'rows')).toBe('20,501 rows in 1 table')
  expect(evidence(drill, 'invariants')).toBe('the one of the operator’s file')
  expect(evidence(drill, 'figures')).toMatch(/^RPO .*, RTO .*: .* MB, 1 table, 20,501 rows, looked at in/)
  expect(readdirSync(join(folder, 'scratch', 'shop'))).toEqual([])
  const status = await world.desk.say('status', 'backup', asker('U0MARCO'))
  expect(status).toMatchObject({ kind: 'backups', databases: [{ database: 'shop', engine: 'embedded' }] })
}, 240_000)
