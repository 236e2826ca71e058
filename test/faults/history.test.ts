import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '../../src/log.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { openClient, type Query } from '../../src/store/database.js'
import { order } from '../store/orders.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import {
  type Acknowledged,
  type Act,
  command,
  commandKey,
  executedAgain,
  historyOf,
  readHistory,
  recordHistory,
  violations,
} from './history.js'

const trigger = '1.2.abc'
let database: TestDatabase
let store: Store
let client: pg.Client

beforeAll(async () => {
  database = await freshDatabase()
  await recordHistory(database.url)
  store = await openStore({ ownerUrl: database.url, log: silentLog })
  client = openClient({ url: database.url, name: 'planting', role: null })
  await client.connect()
  await keptPromises()
})
afterAll(async () => {
  await store?.close()
  await client?.end()
  await database?.drop()
})

/** One command that became a run, held its place and ended. */
async function keptPromises(): Promise<void> {
  const at = new Date()
  const key = commandKey(trigger)
  await store.inbox.accept([
    { team: 'T1', key, kind: 'command', format: 'form', body: '', answer: null, receivedAt: at },
  ])
  const { run } = await store.desk.submit(order({ requestKey: command(trigger).request ?? '' }))
  const claim = await store.runs.claim(run.id)
  await client.query(`select shipmate.take_locks($1, $2, '{}', now())`, [run.id, claim?.epoch])
  await client.query(`select shipmate.write_run($1, $2, $3, now())`, [
    run.id,
    claim?.epoch,
    { ended: { state: 'done', at: at.toISOString() } },
  ])
  await client.query('update shipmate.runs set stale_since = null')
  await client.query(`insert into public.effects values ($1, 1)`, [key])
  await store.inbox.done([{ team: 'T1', key, outcome: 'handled' }])
}

const told: Acknowledged[] = [{ ...command(trigger), effect: true }]

/** What is found when this is done to the rows; afterwards they are as they were. */
async function planted(text: string): Promise<string[]> {
  const query: Query = async (asked, values) => (await client.query(asked, values)).rows
  await client.query('begin')
  try {
    await client.query(text)
    return violations(told, await readHistory(query))
  } finally {
    await client.query('rollback')
  }
}

test('where all was kept nothing is found', async () => {
  expect(violations(told, await historyOf(database.url))).toEqual([])
  expect(await planted('select 1')).toEqual([])
})

test.each([
  ['a payload without a row', 'delete from shipmate.inbox', /acknowledged and has no row/],
  ['a payload that nobody handled', 'update shipmate.inbox set outcome = null', /is still open/],
  ['a payload without its effect', 'delete from public.effects', /ended as handled, and had no effect/],
  ['a command without a run', 'delete from shipmate.requests', /ended as handled, and has no run/],
  [
    'a payload with two rows',
    `insert into shipmate.inbox (team, key, kind, format, front, received_at, outcome)
     select 'T2', key, kind, format, front, received_at, outcome from shipmate.inbox`,
    /has two rows/,
  ],
  [
    'a command with two runs',
    `insert into shipmate.requests select 'T2', request_key, run, at from shipmate.requests`,
    /has two runs/,
  ],
  [
    'a run for two commands',
    `insert into shipmate.requests select team, 'other', run, at from shipmate.requests`,
    /run 1 stands for two requests/,
  ],
  [
    'a run deployed twice',
    `insert into shipmate.deployments (service, environment, version, instances, run, at)
     select 'shop', 'prod', 'v1', 1, id, now() from shipmate.runs, generate_series(1, 2)`,
    /run 1 is written as deployed twice/,
  ],
  ['a run that never ends', `update shipmate.runs set state = 'waiting', ended_at = null`, /is waiting for ever/],
  ['a card left on an old state', 'update shipmate.runs set stale_since = now()', /the card of run 1 does not show/],
  [
    'an ended run that lives again',
    `update shipmate.runs set state = 'running', ended_at = null; update shipmate.runs set state = 'done', ended_at = now()`,
    /run 1 was done and became running/,
  ],
  ['an epoch that falls', 'update shipmate.runs set epoch = epoch - 1', /run 1 fell from epoch/],
  [
    'two runs that hold one environment',
    `alter table shipmate.locks drop constraint locks_pkey;
     insert into shipmate.locks select 'shop/prod', id, '{}', '', now() from shipmate.runs, generate_series(1, 2)`,
    /run 1 took shop\/prod while run 1 held it/,
  ],
  [
    'a lock that outlives its run',
    `insert into shipmate.locks select 'shop/prod', id, '{}', '', now() from shipmate.runs`,
    /run 1 holds shop\/prod for ever/,
  ],
  [
    'a lock let go by whoever had none',
    'insert into public.lock_acts (resource, run, taken) select resource, run, false from public.lock_acts',
    /let go of .*, which it did not hold/,
  ],
  [
    'a word changed in the trail',
    `update shipmate.audit set entry = '{"a":1}' where position = 2`,
    /audit chain.*changed/,
  ],
  [
    'the end of the trail cut off',
    'delete from shipmate.audit where position = 2',
    /audit chain.*last rows are missing/,
  ],
])('%s is found', async (_, text, words) => {
  expect(await planted(text)).toContainEqual(expect.stringMatching(words))
})

test('what was executed once more is found, though its effect stayed one', async () => {
  const happened = await historyOf(database.url)
  expect(executedAgain(happened)).toEqual([])
  const effects = [{ key: 'command a', times: 2 }]
  expect(executedAgain({ ...happened, effects })).toEqual(['command a was executed 2 times'])
})

test('acts of two runs in turns, of a fenced worker, and twice are found; those that were refused are not', async () => {
  const act = (run: number, epoch: number, more: Partial<Act> = {}): Act => {
    return { place: 'prod', run, step: `step of ${epoch}`, epoch, outcome: 'done', ...more }
  }
  const at = async (acts: Act[]) => violations(told, await historyOf(database.url), acts)
  const fine = [act(1, 5), act(1, 7), act(2, 8), act(1, 7, { outcome: 'refused' }), act(3, 9, { place: 'staging' })]
  expect(await at(fine)).toEqual([])
  expect(await at([...fine, act(1, 9)])).toEqual(['run 1 acted on prod again after run 2 had'])
  expect(await at([...fine, act(2, 6)])).toEqual(['epoch 6 of run 2 acted on prod after epoch 8'])
  expect(await at([...fine, act(2, 8)])).toEqual(['step step of 8 of run 2 had its effect twice'])
  expect(await at([...fine, act(2, 8, { outcome: 'again' })])).toEqual([])
})
