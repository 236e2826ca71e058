import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPlayground, type Playground } from '../../playground/start.js'
import { silentLog } from '../../src/log.js'
import { answered } from '../support/answers.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { createPerson, type Person, wordsOf } from '../support/person.js'
import { seedCluster } from '../support/seeded-cluster.js'
import { type ShipmateProcess, startShipmate } from '../support/shipmate-process.js'
import { card, cardSays, quicker } from '../support/stage.js'
import { waitFor } from '../support/wait-for.js'

let database: TestDatabase
let playground: Playground
let rows: pg.Client
let rita: Person
let marco: Person
const processes: ShipmateProcess[] = []
const dir = mkdtempSync(join(tmpdir(), 'shipmate-apart-'))
// The embedded databases run under a user of their own, who must get in.
chmodSync(dir, 0o755)

beforeAll(async () => {
  await seedCluster(join(dir, 'shop-database'))
  const opening = openPlayground({ dir, port: 0, visitors: 10, log: silentLog })
  ;[database, playground] = await Promise.all([freshDatabase(), opening])
  const file = quicker(readFileSync(playground.configPath, 'utf8')).replace('for: 1s', 'for: 3s')
  writeFileSync(join(dir, 'shipmate.yml'), file)
  rows = new pg.Client({ connectionString: database.url })
  await rows.connect()
  rita = createPerson(playground.workspaceUrl, 'U0RITA')
  marco = createPerson(playground.workspaceUrl, 'U0MARCO')
}, 120_000)
afterAll(async () => {
  await Promise.all(processes.map((one) => one.kill()))
  await playground?.close()
  await rows?.end()
  await database?.drop()
  rmSync(dir, { recursive: true, force: true })
})

/** One of any number of processes on one database; workers are told nothing of Slack. */
async function start(role: 'front' | 'worker'): Promise<ShipmateProcess> {
  const env: { [name: string]: string } = {
    ...playground.env,
    DATABASE_URL: database.url,
    SHIPMATE_DIR: dir,
    LOG_LEVEL: 'info',
  }
  const { SLACK_BOT_TOKEN: _bot, SLACK_APP_TOKEN: _app, SLACK_API_URL: _api, ...withoutSlack } = env
  const own = { SHIPMATE_CONFIG: join(dir, 'shipmate.yml') }
  const one = startShipmate({ ...(role === 'front' ? env : withoutSlack), ...own }, role)
  processes.push(one)
  await waitFor(`a ${role} is ready`, () => one.out() !== '' || !one.running(), 40_000)
  expect(one.err()).not.toContain('did not start')
  return one
}

async function underWay(version: string): Promise<string> {
  await rita.send('releases', `/deploy prod ${version}`)
  const asked = await card(marco, new RegExp(`${version}.*waiting for approval`, 's'))
  await marco.click('releases', 'Approve', { ts: asked.ts })
  await cardSays(marco, asked.ts, /50 % (of traffic to|on) /)
  return asked.ts
}

/** Steps that change the world and were begun more often than once. */
async function begunTwice(): Promise<unknown[]> {
  const twice =
    "select run, key from shipmate.steps where attempt > 1 and step ->> 'verb' = 'do' order by run, position"
  return (await rows.query(twice)).rows
}

it('goes on with another worker when one is killed, and with another front when that is killed', async () => {
  const front = await start('front')
  const worker = await start('worker')
  const ts = await underWay('v1.8.0')
  await start('worker')
  await worker.kill()
  await front.kill()
  await start('front')
  const live = await cardSays(marco, ts, /v1\.8\.0\*? is live in/)
  expect(wordsOf(live)).toMatch(/approved by marco/)
  expect(await answered(rita, '/ops status')).toMatch(/v1\.8\.0\* · 2 of 2 ready/)
}, 180_000)

it('a worker that is told to stop lands its steps and lets go; another does the rest, and nothing is begun twice', async () => {
  const already = await begunTwice()
  const ts = await underWay('v1.8.1')
  const old = processes.filter((one) => one.running() && one.out().startsWith('carrying runs'))
  // Told at once: on a busy machine a start takes longer than the deploy.
  const [ends] = await Promise.all([Promise.all(old.map((one) => one.stop())), start('worker')])
  expect(ends).toEqual([0])
  expect(old[0]?.err()).toContain('let go of a run while stopping')
  await cardSays(marco, ts, /v1\.8\.1\*? is live in/)
  expect(await answered(rita, '/ops status')).toMatch(/v1\.8\.1\* · 2 of 2 ready/)
  expect(await begunTwice()).toEqual(already)
}, 180_000)
