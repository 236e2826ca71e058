import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFloor } from '../../../playground/floor/floor.js'
import { identify, isAlive, send } from '../../../playground/processes.js'
import { silentLog } from '../../../src/log.js'
import { waitFor } from '../../support/wait-for.js'
import { type TestFloor, testFloor } from '../test-floor.js'

type Shown = { id: string; pid: number; ready: boolean; restarts: number; version: string; url: string; state: string }

let floor: TestFloor
let alpha: string
beforeAll(async () => {
  floor = await testFloor()
  alpha = floor.hosts[0]?.url ?? ''
})
afterAll(() => floor?.end())

const list = async () => (await floor.call('GET', `${alpha}/instances`)).body.instances as Shown[]
const order = (key: string, generation: number, version = 'v1.7.3') => ({
  key,
  generation,
  service: 'storefront',
  environment: 'prod',
  version,
})
const put = (id: string, body: object) => floor.call('PUT', `${alpha}/instances/${id}`, body)
const remove = (id: string, generation: number) =>
  floor.call('DELETE', `${alpha}/instances/${id}`, { key: `stop-${id}`, generation, graceMs: 3000 })
const ready = (id: string) =>
  waitFor(`${id} ready`, async () => (await list()).find((instance) => instance.id === id && instance.ready))

test('the same order twice is one instance', async () => {
  const [first, second] = await Promise.all([put('twice', order('run-1', 1)), put('twice', order('run-1', 1))])
  expect([first.body.fresh, second.body.fresh].sort()).toEqual([false, true])
  const instance = await ready('twice')
  expect((first.body.instance as Shown).pid).toBe(instance.pid)
  expect((await list()).filter(({ id }) => id === 'twice')).toHaveLength(1)
  expect((await remove('twice', 1)).body).toEqual({ was: 'running', killed: false })
  expect((await remove('twice', 1)).body).toEqual({ was: 'absent', killed: false })
  expect(identify(instance.pid)).toBeNull()
})

test('an order of an older generation is refused with what was seen, and has no effect', async () => {
  await put('newest', order('run-7', 7))
  const late = await put('late', order('run-6', 6))
  expect(late).toMatchObject({ status: 409, body: { error: 'generation', seen: 7 } })
  expect((await remove('newest', 6)).status).toBe(409)
  expect((await list()).map(({ id }) => id)).toContain('newest')
  expect((await list()).map(({ id }) => id)).not.toContain('late')
  await remove('newest', 7)
})

test('an agent that is killed and started again finds its instances running, and remembers the generation', async () => {
  await put('survivor', order('run-8', 8))
  const before = await ready('survivor')
  const agent = floor.parts.processOf('alpha')
  if (agent === null) throw new Error('no agent')
  send(agent, 'SIGKILL')
  await waitFor('the agent dead', () => !isAlive(agent))
  const again = await openFloor({ dir: floor.dir, databases: databases(), visitors: null, log: silentLog })
  expect(again.parts.processOf('alpha')?.pid).not.toBe(agent.pid)
  const after = await ready('survivor')
  expect({ pid: after.pid, restarts: after.restarts }).toEqual({ pid: before.pid, restarts: 0 })
  expect((await put('late', order('run-6', 6))).status).toBe(409)
  expect((await put('survivor', order('run-8', 8))).body.fresh).toBe(false)
  await remove('survivor', 8)
})

test('an agent that died before it wrote down a process finds it by its mark, and starts no second one', async () => {
  await put('unwritten', order('run-8', 8))
  const before = await ready('unwritten')
  const agent = floor.parts.processOf('alpha')
  if (agent === null) throw new Error('no agent')
  send(agent, 'SIGKILL')
  await waitFor('the agent dead', () => !isAlive(agent))
  const file = join(floor.dir, 'hosts', 'alpha', 'agent.json')
  const saved = JSON.parse(readFileSync(file, 'utf8'))
  saved.instances.unwritten.process = null
  writeFileSync(file, JSON.stringify(saved))
  await openFloor({ dir: floor.dir, databases: databases(), visitors: null, log: silentLog })
  const after = await ready('unwritten')
  expect({ pid: after.pid, restarts: after.restarts }).toEqual({ pid: before.pid, restarts: 0 })
  await remove('unwritten', 8)
})

test('an instance that is killed is started again and counted', async () => {
  await put('falls', order('run-9', 9))
  const before = await ready('falls')
  process.kill(before.pid, 'SIGKILL')
  const after = await waitFor('restarted', async () =>
    (await list()).find(({ id, pid, ready: up }) => id === 'falls' && up && pid !== before.pid),
  )
  expect(after).toMatchObject({ restarts: 1, url: before.url })
  await remove('falls', 9)
})

test('a release that is not there, and one with other files than planned, are not started', async () => {
  expect(await put('ghost', order('run-10', 10, 'v9.9.9'))).toMatchObject({
    status: 404,
    body: { error: 'no-release' },
  })
  const other = { ...order('run-10', 10), artifact: `sha256:${'0'.repeat(64)}` }
  expect(await put('other', other)).toMatchObject({ status: 422, body: { error: 'digest' } })
})

test('migrations run once for a key, and their output comes back each time', async () => {
  const body = order('migrate-11', 11, 'v1.8.0')
  const first = await floor.call('POST', `${alpha}/migrations`, body)
  expect(first.body).toMatchObject({ ok: true, output: 'applied 003_order_gift_note.sql\n1 applied\n' })
  expect((await floor.call('POST', `${alpha}/migrations`, body)).body).toEqual(first.body)
  const other = await floor.call('POST', `${alpha}/migrations`, { ...body, key: 'migrate-12' })
  expect(other.body).toMatchObject({ ok: true, output: 'nothing to apply\n' })
})

test('a name that belongs to another environment is not taken over', async () => {
  const answer = await put('storefront-prod-v1.7.3-alpha-1', { ...order('run-13', 13), environment: 'staging' })
  expect(answer).toMatchObject({ status: 409, body: { error: 'taken' } })
})

test('the log of an instance can be read, and nothing without the token', async () => {
  const log = await fetch(`${alpha}/instances/storefront-prod-v1.7.3-alpha-1/log?tail=5`, {
    headers: { authorization: `Bearer ${floor.token}` },
  })
  expect(await log.text()).toContain('storefront v1.7.3 listens on')
  expect((await fetch(`${alpha}/instances`)).status).toBe(401)
  expect((await floor.call('GET', `${alpha}/instances/..%2F..%2Fagent.json/log`)).status).toBe(400)
})

/** The floor's databases are known to its agents already; opening again must not change them. */
async function databases() {
  const saved = JSON.parse(readFileSync(join(floor.dir, 'hosts', 'environments.json'), 'utf8'))
  return { prod: saved['storefront-prod'].DATABASE_URL as string }
}
