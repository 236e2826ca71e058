import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { createClues } from '../../../src/integrations/clues/clues.js'
import { createCommands } from '../../../src/integrations/commands/commands.js'
import { createPostgres } from '../../../src/integrations/postgres/postgres.js'
import { waitFor } from '../../support/wait-for.js'
import { hands, where } from '../../support/watched/scene.js'
import { shopServer } from '../../support/watched/shop-server.js'

let shop: Awaited<ReturnType<typeof shopServer>>
beforeAll(async () => {
  shop = await shopServer()
})
afterEach(() => shop.quiet())
afterAll(() => shop?.close())

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** Somebody who forgot to commit, one who waits for that, and two who wait behind. */
async function lockTree() {
  const root = await shop.connect('forgetful')
  await root.query('begin')
  await root.query('update stock set left_over = 4 where id = 1')
  const { rows } = await root.query<{ pid: number }>('select pg_backend_pid() as pid')
  const waiters = await Promise.all(['one', 'two', 'three'].map((name) => shop.connect(name)))
  const waits = waiters.map((client) => client.query('update stock set left_over = 3 where id = 1').catch(() => null))
  await pause(700)
  return { pid: rows[0]?.pid ?? 0, waits: Promise.all(waits) }
}

test('the session behind a lock tree is found, however many wait behind each other, and ending it frees them all', async () => {
  const { check, act } = shop.hands()
  expect(await check('postgres.locks')).toMatchObject({ outcome: 'pass', output: { pid: null } })
  const { pid, waits } = await lockTree()
  const found = await check('postgres.locks', { olderThan: '500ms' })
  expect(found.outcome).toBe('fail')
  expect(found.summary).toMatch(
    new RegExp(`^pid ${pid} \\(forgetful, idle in transaction\\) blocks 3 sessions, for .* \\(limit 500 ms\\)$`),
  )
  expect(found.output).toMatchObject({ pid, victims: 3 })
  expect(JSON.stringify(found.details)).not.toMatch(/left_over = \d/)
  const { evidence } = await act('postgres.terminate', { pid: found.output?.pid, started: found.output?.started })
  expect(evidence.summary).toContain(`ended the session of pid ${pid}`)
  await waits
  expect((await check('postgres.locks', { olderThan: '500ms' })).outcome).toBe('pass')
})

test('waiting for a moment is no finding', async () => {
  const { check } = shop.hands()
  const { pid, waits } = await lockTree()
  expect(await check('postgres.locks', { olderThan: '1m' })).toMatchObject({ outcome: 'pass', limit: '1 min' })
  await shop.hands().act('postgres.terminate', { pid })
  await waits
})

test('a session that waits in an open transaction has nothing to cancel, and says what helps instead', async () => {
  const { act, check } = shop.hands()
  const { pid, waits } = await lockTree()
  await expect(act('postgres.cancel', { pid })).rejects.toMatchObject({ code: 'nothing-to-cancel', kind: 'failed' })
  expect((await check('postgres.locks', { olderThan: 0 })).outcome).toBe('fail')
  await act('postgres.terminate', { pid })
  await waits
})

test('a query that runs long is found without the values in it, cancelled, and its session lives on', async () => {
  const { check, act } = shop.hands()
  const slow = await shop.connect('report')
  const query = slow.query(`select pg_sleep(60), 'anna@example.com'`).catch((error: Error) => error.message)
  await pause(1_300)
  const found = await check('postgres.slow-queries', { longerThan: '1s' })
  expect(found).toMatchObject({ outcome: 'fail', limit: '1 s' })
  expect(found.summary).toMatch(/^a query runs long: pid \d+ \(report, active\), for [12] s \(limit 1 s\)$/)
  expect(JSON.stringify(found)).not.toContain('anna@example.com')
  await act('postgres.cancel', { pid: found.output?.pid, started: found.output?.started })
  expect(await query).toContain('canceling statement due to user request')
  expect(await check('postgres.slow-queries', { longerThan: '1s' })).toMatchObject({ outcome: 'pass' })
  expect((await slow.query('select 1')).rowCount).toBe(1)
})

test('a pool that leaks until no connection is left is found, by whom, and ending idle sessions makes room', async () => {
  const { check, act } = shop.hands('database: shop', '', { read: 'watcher', act: 'shipmate' })
  for (let at = 0; at < 13; at++) await shop.connect('leaky').catch(() => null)
  const found = await check('postgres.connections')
  expect(found).toMatchObject({ outcome: 'fail', value: '100 %', limit: '90 %' })
  expect(found.summary).toContain('every connection is taken')
  expect((await check('postgres.reachable')).outcome).toBe('fail')
  await expect(act('postgres.terminate-idle', { olderThan: '0s' })).rejects.toMatchObject({
    code: 'database-unauthorized',
  })
}, 60_000)

test('an operator whose role has reserved room ends idle sessions although every other connection is taken', async () => {
  const admin = new URL(await superuser())
  const parts = {
    ...shop.watching(),
    secret: async (reference: string) => (reference === 'env:ACT' ? admin.href : shop.url('watcher')),
  }
  const { check, act } = hands(createPostgres(parts))
  for (let at = 0; at < 13; at++) await shop.connect('leaky').catch(() => null)
  expect((await check('postgres.connections')).outcome).toBe('fail')
  const { output } = await act('postgres.terminate-idle', { olderThan: '0s' })
  expect(output?.ended).toBeGreaterThanOrEqual(12)
  const after = await waitFor('room', async () => {
    const now = await check('postgres.connections')
    return now.outcome === 'pass' && now
  })
  expect(after.summary).toMatch(/^\d+ of 13 connections are taken \([\d.]+ %, limit 90 %\), \d+ of them idle$/)
})

async function superuser(): Promise<string> {
  const { readFileSync } = await import('node:fs')
  const port = readFileSync(`${shop.dir}/port`, 'utf8')
  return `postgres://shipmate:${readFileSync(`${shop.dir}/password`, 'utf8')}@127.0.0.1:${port}/shop`
}

test('a transaction that was left open is found and its session ended', async () => {
  const { check, act } = shop.hands()
  const client = await shop.connect('forgetful')
  await client.query('begin')
  await client.query('select * from stock')
  await pause(300)
  const found = await check('postgres.idle-in-transaction', { longerThan: '200ms' })
  expect(found).toMatchObject({ outcome: 'fail', limit: '200 ms' })
  expect(found.next).toMatch(/^End the session of pid \d+/)
  await act('postgres.terminate', { pid: found.output?.pid, started: found.output?.started })
  expect((await check('postgres.idle-in-transaction', { longerThan: '200ms' })).outcome).toBe('pass')
})

test('a session that is another one by now, or that is in nobody’s way, is left alone', async () => {
  const { act } = shop.hands()
  const client = await shop.connect('innocent')
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const pid = rows[0]?.pid
  const started = '2020-01-01 00:00:00+00'
  await expect(act('postgres.terminate', { pid, started })).rejects.toMatchObject({ code: 'session-changed' })
  await expect(act('postgres.terminate', { pid })).rejects.toMatchObject({ code: 'session-changed' })
  expect((await client.query('select 1')).rowCount).toBe(1)
  const { evidence } = await act('postgres.terminate', { pid: 999_999 })
  expect(evidence.summary).toContain('is gone already')
  expect((await act('postgres.cancel', { pid: null })).evidence.summary).toContain('nothing was done')
})

test('without an operator’s address nothing is ended, and the way forward is named', async () => {
  const parts = shop.watching()
  const database = parts.catalogue.databases.shop
  if (database) database.operator = null
  await expect(hands(createPostgres(parts)).act('postgres.terminate', { pid: 1 })).rejects.toMatchObject({
    kind: 'refused',
    code: 'only-looked-at',
    next: expect.stringContaining('databases.shop.operator'),
  })
})

test('a role without the right to end sessions is told which grant it lacks', async () => {
  const { act } = shop.hands('database: shop', '', { read: 'watcher', act: 'watcher' })
  const slow = await shop.connect('report')
  const query = slow.query('select pg_sleep(30)').catch(() => null)
  await pause(1_100)
  const found = await shop.hands().check('postgres.slow-queries', { longerThan: '1s' })
  await expect(act('postgres.cancel', { pid: found.output?.pid })).rejects.toMatchObject({
    code: 'database-not-allowed',
  })
  const { evidence } = await shop.hands().act('postgres.cancel', { pid: found.output?.pid })
  expect(evidence.summary).toContain('cancelled what pid')
  expect(await query).toBeNull()
})

test('space is held against the size of the operator’s file, and skipped where it gives none', async () => {
  expect(await shop.hands().check('postgres.space')).toMatchObject({ outcome: 'skip' })
  const small = await shop.hands('database: shop', ', size: 20 MB').check('postgres.space')
  expect(small).toMatchObject({ outcome: 'fail', limit: '85 %' })
  expect((await shop.hands('database: shop', ', size: 50 GB').check('postgres.space')).outcome).toBe('pass')
})

test('what is not set up is skipped with the reason, and no replica is no failure', async () => {
  const bare = hands(createPostgres({ ...shop.watching(`probe: http://127.0.0.1:1/`) }))
  for (const name of ['reachable', 'locks', 'connections', 'space', 'replica-lag', 'slow-queries'])
    expect(await bare.check(`postgres.${name}`)).toMatchObject({ outcome: 'skip', summary: /no database/ })
  expect(await shop.hands().check('postgres.replica-lag')).toMatchObject({
    outcome: 'skip',
    summary: 'there is no replica',
  })
})

test('a slot that nobody reads from is found: it fills the disk', async () => {
  const { default: pg } = await import('pg')
  const admin = new pg.Client({ connectionString: await superuser() })
  await admin.connect()
  await admin.query(`select pg_create_physical_replication_slot('left_behind', true)`)
  expect(await shop.hands().check('postgres.replica-lag')).toMatchObject({
    outcome: 'fail',
    summary: 'nothing reads from 1 replication slot: left_behind',
  })
  await admin.query(`select pg_drop_replication_slot('left_behind')`)
  await admin.end()
})

test('a look that is broken off ends at once, and a look never writes', async () => {
  const stop = new AbortController()
  const { check } = shop.hands()
  stop.abort()
  await expect(check('postgres.locks', {}, stop.signal)).rejects.toThrow()
  expect((await check('postgres.reachable')).summary).toMatch(/^shop answered in \d+ ms \(PostgreSQL 18/)
})

test('first looks at an incident name the lock as a suspect, in less than four seconds, and nothing else', async () => {
  const parts = shop.watching()
  const clues = createClues({ ...parts, checks: createPostgres(parts).checks, clock: systemClock })
  const clue = clues.find(({ name }) => name === 'database')
  const look = async () => clue?.look({ ...where, since: new Date(), now: new Date() }, AbortSignal.timeout(4_000))
  expect(await look()).toEqual({ suspects: [], impact: null, skipped: null })
  const { pid, waits } = await lockTree()
  await pause(1_500)
  const found = await look()
  expect(found?.suspects.map(({ key, kind }) => [key, kind])).toEqual([[`lock:${pid}`, 'database']])
  expect(found?.suspects[0]?.text).toContain('blocks 3 sessions')
  await shop.hands().act('postgres.terminate', { pid })
  await waits
})

test('a server that is stopped is found, is a suspect, and is well again after the operator’s command', async () => {
  const script = join(import.meta.dirname, '../../support/watched/start-server.ts')
  const run = [process.execPath, '--import', import.meta.resolve('tsx'), script, shop.dir]
  const parts = shop.watching(`database: shop\ncommands:\n  restart-database: { run: ${JSON.stringify(run)} }`)
  const system = createPostgres(parts)
  const { check, act } = hands({ checks: system.checks, actions: createCommands(parts, system.checks).actions })
  await shop.quiet()
  await shop.stop()
  const found = await check('postgres.reachable')
  expect(found).toMatchObject({ outcome: 'fail', summary: expect.stringContaining('shop cannot be reached') })
  await expect(check('postgres.locks')).rejects.toMatchObject({ code: 'watched-unreachable', transient: true })
  const clue = createClues({ ...parts, checks: system.checks, clock: systemClock }).find(
    ({ name }) => name === 'database',
  )
  const looked = await clue?.look({ ...where, since: new Date(), now: new Date() }, AbortSignal.timeout(4_000))
  expect(looked?.suspects.map(({ key }) => key)).toContain('database:away')
  const { evidence } = await act('postgres.restart')
  expect(evidence.summary).toMatch(/^restart-database ended well; shop answered in \d+ ms/)
  expect((await check('postgres.reachable')).outcome).toBe('pass')
}, 90_000)
