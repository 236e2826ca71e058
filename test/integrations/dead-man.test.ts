import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { createDeadMan, type DeadMan } from '../../src/integrations/dead-man.js'
import { createLog } from '../../src/log.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { order } from '../store/orders.js'
import { freshDatabase } from '../support/database.js'
import { startEngineWorker } from '../support/engine-worker-words.js'
import { createTcpProxy } from '../support/tcp-proxy.js'
import { waitFor } from '../support/wait-for.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** An outside address that counts who calls; `broken` answers 500. */
async function outside() {
  const heard = { calls: 0, fails: [] as string[], broken: false }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.url === '/ping/secret-uuid/fail') heard.fails.push(Buffer.concat(chunks).toString())
      else if (request.url === '/ping/secret-uuid') heard.calls += 1
      response.writeHead(heard.broken ? 500 : 200).end('OK')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/secret-uuid` }
}

async function world(options: { hungAfterMs?: number; fail?: boolean } = {}) {
  const database = await freshDatabase()
  closing.push(database.drop)
  const { heard, url } = await outside()
  const lines: string[] = []
  const log = createLog('debug', { write: (line) => lines.push(line) })
  const open = async (databaseUrl: string): Promise<Store> => {
    const store = await openStore({ ownerUrl: databaseUrl, log, hungAfterMs: options.hungAfterMs ?? 60_000 })
    closing.push(store.close)
    return store
  }
  const start = ({ vitalSigns: look, leadership }: Store): DeadMan => {
    const stop = new AbortController()
    const parts = { url, every: 25, fail: options.fail ?? false, look, leadership, clock: systemClock, log }
    const deadMan = createDeadMan(parts)
    const running = deadMan.run(stop.signal)
    closing.push(async () => {
      stop.abort()
      await running
    })
    return deadMan
  }
  const more = (what: string) => {
    const before = heard.calls
    return waitFor(what, () => heard.calls > before + 2)
  }
  return { database, heard, lines, open, start, more }
}

test('it is called while a worker is there, by one process alone, and its address is in no log', async () => {
  const { database, heard, lines, open, start, more } = await world()
  const [one, two] = [await open(database.url), await open(database.url)]
  await one.standBy()
  const [first, second] = [start(one), start(two)]
  await more('it is called')
  expect(Math.min(first.counts().sent, second.counts().sent)).toBe(0)
  heard.broken = true
  await waitFor('failures are counted', () => first.counts().failed + second.counts().failed > 0)
  heard.broken = false
  await more('it is called again')
  expect(lines.join('')).toContain('could not be called')
  expect(lines.join('')).not.toContain('secret-uuid')
})

test('it is silent without a worker, says why when it may, and is called again when one comes', async () => {
  const { database, heard, open, start, more } = await world({ fail: true })
  const store = await open(database.url)
  const deadMan = start(store)
  await waitFor('it is told why', () => heard.fails.length > 1)
  expect(heard.fails[0]).toContain('no worker is alive')
  expect(deadMan.counts()).toMatchObject({ withheld: expect.any(Number) })
  expect(heard.calls).toBe(0)
  await store.standBy()
  await more('it is called')
})

test('it is silent while all workers are frozen, and called again when one wakes', async () => {
  const hungAfterMs = 1_500
  const { database, heard, open, start, more } = await world({ hungAfterMs })
  const front = await open(database.url)
  const worker = await startEngineWorker({ databaseUrl: database.url, hungAfterMs })
  closing.push(async () => worker.kill())
  const { run } = await front.desk.submit(order())
  await worker.says((said): said is { holding: number; epoch: number } => 'holding' in said && said.holding === run.id)
  const deadMan = start(front)
  await more('it is called')
  worker.signal('SIGSTOP')
  await waitFor('nothing is called any more', () => deadMan.counts().withheld > 2)
  const silent = heard.calls
  await waitFor('still not', () => deadMan.counts().withheld > 6)
  expect(heard.calls).toBe(silent)
  worker.signal('SIGCONT')
  await more('it is called again')
})

test('it is silent while the database is gone, and called again when it is back', async () => {
  const { database, heard, open, start, more } = await world()
  const { hostname, port } = new URL(database.url)
  const proxy = await createTcpProxy({ to: { host: hostname, port: Number(port) } })
  closing.push(proxy.close)
  const through = new URL(database.url)
  through.hostname = '127.0.0.1'
  through.port = String(proxy.port)
  const store = await open(through.href)
  await store.standBy()
  start(store)
  await more('it is called')
  proxy.refuse()
  const silent = heard.calls
  await systemClock.sleep(500)
  // A call under way when the wire was cut may still arrive.
  expect(heard.calls).toBeLessThanOrEqual(silent + 1)
  proxy.resume()
  await store.standBy()
  await more('it is called again')
})
