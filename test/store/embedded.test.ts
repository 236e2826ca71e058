import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../src/log.js'
import { isAlive } from '../../src/store/embedded/postmaster.js'
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '../../src/store/embedded.js'
import { seedCluster } from '../support/seeded-cluster.js'
import { waitFor } from '../support/wait-for.js'
import { startChild } from './child.js'

let dir: string
beforeEach(() => {
  const own = mkdtempSync(join(tmpdir(), 'shipmate-embedded-'))
  dir = own
  onTestFinished(async () => {
    await stopEmbeddedPostgres(own, silentLog)
    rmSync(own, { recursive: true, force: true })
  })
})

const start = (settings?: string[]) => startEmbeddedPostgres({ dir, settings, log: silentLog })
const serverPid = () => Number(readFileSync(join(dir, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

test('data, address and password stay the same between starts', async () => {
  const first = await start()
  await ask(first.url, 'create table kept as select 42 as answer')
  await first.stop()
  const second = await start()
  expect(second).toMatchObject({ url: first.url, adopted: false })
  expect(await ask(second.url, 'select answer from kept')).toEqual([42])
})

test('the server of a process that was killed is found again and goes on', async () => {
  await seedCluster(dir)
  const child = await startChild('embedder.ts', dir)
  onTestFinished(child.kill)
  await ask(child.said, 'create table kept as select 42 as answer')
  const before = serverPid()
  await child.kill()
  const found = await start()
  expect(found).toMatchObject({ url: child.said, adopted: true })
  expect(serverPid()).toBe(before)
  expect(await ask(found.url, 'select answer from kept')).toEqual([42])
  await found.stop()
  expect(isAlive(before)).toBe(false)
})

test('it runs in a process group of its own, so Ctrl-C ends Shipmate and not the database under it', async () => {
  await seedCluster(dir)
  await start()
  const groupOf = (pid: number | string) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2]
  expect(groupOf(serverPid())).not.toBe(groupOf('self'))
})

test('only this machine can reach it, and only with the password, which only its owner can read', async () => {
  const { url } = await start()
  expect(await ask(url, 'show listen_addresses')).toEqual(['127.0.0.1'])
  expect(await ask(url, 'show unix_socket_directories')).toEqual([''])
  expect(statSync(join(dir, 'password')).mode & 0o777).toBe(0o600)
  const wrong = new URL(url)
  wrong.password = 'password'
  await expect(ask(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/)
})

test('a server that was killed is started again on its data', async () => {
  await seedCluster(dir)
  const { url } = await start()
  await ask(url, 'create table kept as select 42 as answer')
  const pid = serverPid()
  process.kill(pid, 'SIGKILL')
  await waitFor('it is gone', () => !isAlive(pid))
  expect(existsSync(join(dir, 'data', 'postmaster.pid'))).toBe(true)
  const again = await start()
  expect(again.adopted).toBe(false)
  expect(await ask(again.url, 'select answer from kept')).toEqual([42])
})

test('a server that was killed is started again while one of its processes still hangs on', async () => {
  await seedCluster(dir)
  const { url } = await start()
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  const [row] = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows
  process.kill(row?.pid ?? 0, 'SIGSTOP')
  const pid = serverPid()
  process.kill(pid, 'SIGKILL')
  await waitFor('it is gone', () => !isAlive(pid))
  const again = start()
  const refused = () => /is still in use/.test(readFileSync(join(dir, 'server.log'), 'utf8'))
  await waitFor('a start is refused', refused)
  process.kill(row?.pid ?? 0, 'SIGCONT')
  expect(await again).toMatchObject({ url, adopted: false })
  expect(await ask(url, 'select 1')).toEqual([1])
})

test('a pid file that names some other process, or nothing, harms nobody', async () => {
  await seedCluster(dir)
  await (await start()).stop()
  for (const words of [`${process.pid}\n${join(dir, 'data')}\n0\n1\n`, '', '0\n', '1\n']) {
    writeFileSync(join(dir, 'data', 'postmaster.pid'), words)
    const started = await start()
    expect(started.adopted).toBe(false)
    await started.stop()
  }
})

test('two starts at the same moment share one server', async () => {
  const both = await Promise.all([start(), start()])
  expect(both[0].url).toBe(both[1].url)
  expect(both.map(({ adopted }) => adopted).sort()).toEqual([false, true])
})

test('settings reach the server, and other settings restart it', async () => {
  await seedCluster(dir)
  expect(await ask((await start(['max_connections=33'])).url, 'show max_connections')).toEqual(['33'])
  expect((await start(['max_connections=33'])).adopted).toBe(true)
  const changed = await start(['max_connections=44'])
  expect(changed.adopted).toBe(false)
  expect(await ask(changed.url, 'show max_connections')).toEqual(['44'])
})

test('when its port is taken meanwhile it moves to another one', async () => {
  await seedCluster(dir)
  const first = await start()
  await first.stop()
  const { createServer } = await import('node:net')
  const squatter = createServer()
  onTestFinished(() => void squatter.close())
  await new Promise<void>((done) => squatter.listen(Number(new URL(first.url).port), '127.0.0.1', done))
  const moved = await start()
  expect(moved.url).not.toBe(first.url)
  expect(await ask(moved.url, 'select 1')).toEqual([1])
})

test.skipIf(process.getuid?.() !== 0)(
  'a folder its user cannot reach is replaced by one it can, always the same',
  async () => {
    const closed = join(dir, 'closed')
    mkdirSync(closed)
    chmodSync(closed, 0o700)
    const warnings: object[] = []
    const log = { ...silentLog, warn: (fields: object) => void warnings.push(fields) }
    const first = await startEmbeddedPostgres({ dir: join(closed, 'db'), log })
    onTestFinished(() => rmSync(first.dir, { recursive: true, force: true }))
    expect(warnings[0]).toEqual({ wanted: join(closed, 'db'), dir: first.dir })
    expect(await startEmbeddedPostgres({ dir: join(closed, 'db'), log })).toMatchObject({
      url: first.url,
      adopted: true,
    })
    await stopEmbeddedPostgres(join(closed, 'db'), silentLog)
    await expect(ask(first.url, 'select 1')).rejects.toThrow(/ECONNREFUSED/)
  },
)
