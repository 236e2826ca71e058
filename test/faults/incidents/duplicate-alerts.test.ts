import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../../../src/free-port.js'
import { silentLog } from '../../../src/log.js'
import { type Database, openDatabase } from '../../../src/store/database.js'
import { createPerson } from '../../support/person.js'
import { withHistory } from '../../support/rooms/room-world.js'
import { waitFor } from '../../support/wait-for.js'
import { rests } from '../rest.js'
import { openStorm, type Storm } from '../storm.js'
import { truthOf } from './incident-truth.js'
import { shownBy, shownTroubles } from './shown-truth.js'
import { createSource } from './signed-source.js'

const secret = 'what only the source and Shipmate know'
const notices = 100
/** All of them come within so long; milliseconds. */
const span = 10_000

const settings = {
  incidents: { channel: 'C0INCIDENTS' },
  alerts: { sources: { generic: { secrets: ['env:SIGNED_WITH'] } } },
}

let storm: Storm
let database: Database
let ports: number[]

beforeAll(async () => {
  ports = [await freePort(), await freePort()]
  const env = { SIGNED_WITH: secret }
  const envOf = (number: number) => ({ ALERTS_PORT: String(ports[number]) })
  storm = await openStorm({
    ...{ processes: ['both', 'both'], environments: ['one', 'two'], stepMs: 600, manifestPath: withHistory() },
    ...{ file: settings, env, envOf },
  })
  database = openDatabase({ url: storm.databaseUrl, name: 'truth', role: null }, silentLog, 2)
}, 240_000)
afterAll(async () => {
  await database?.close()
  await storm?.close()
})

it('a hundred duplicates of one alert within ten seconds, at two processes that die in turn under a deploy, make one incident', async () => {
  const sources = ports.map((port) => createSource(`http://127.0.0.1:${port}/v1/alerts/generic`, secret))
  const alert = { title: 'Too many errors', fingerprint: 'errors-of-the-shop', severity: 'critical' }
  const place = { service: 'shop', environment: 'one' }
  const sent = Array.from({ length: notices }, async (_, at) => {
    await pause((span / notices) * at)
    const notice = { ...alert, ...place, text: `${at} errors in a minute` }
    // Every tenth is delivered to both, byte for byte.
    const to = at % 10 === 0 ? sources : sources.slice(at % 2, (at % 2) + 1)
    const signed = to[0]?.signed(notice)
    await Promise.all(to.map((source) => signed && source.deliver(signed)))
  })
  const died = dieInTurn()
  await Promise.all(sent)
  await died
  await rests(storm.databaseUrl)
  await told()

  const truth = await truthOf(database)
  expect(truth.incidents).toHaveLength(1)
  const kept = 'select fingerprint, notices, incident::int from shipmate.alerts'
  expect(await database.query(kept)).toEqual([
    { fingerprint: alert.fingerprint, notices, incident: truth.incidents[0]?.id },
  ])
  const keys = truth.entries.map(({ key }) => key.replace(/\d+/, 'n'))
  for (const once of ['declared', 'alert:n:fired']) expect(keys.filter((key) => key === once)).toHaveLength(1)
  expect(shownTroubles(await shownBy(storm), truth)).toEqual([])
  expect((await shownBy(storm)).channels).toHaveLength(1)
  const ended = `select r.intent ->> 'job' as job, r.state, (select jsonb_agg(to_jsonb(s) order by s.position)
    from shipmate.steps s where s.run = r.id and s.state in ('failed', 'timed out', 'errored', 'lost')) as wrong
    from shipmate.runs r order by r.id`
  expect(await database.query(ended)).toEqual(storm.ships.map(() => ({ job: 'deploy', state: 'done', wrong: null })))
}, 300_000)

/** A deploy is begun, then a process is killed in the middle of it and comes back; then the other. */
async function dieInTurn(): Promise<void> {
  const rita = createPerson(storm.workspaceUrl, 'U0RITA')
  for (const [number, ship] of storm.ships.entries()) {
    const before = storm.floor.acts.length
    await rita.send('C0RELEASES', `/deploy ${storm.environments[number]} v1.0.0`)
    await waitFor('the deploy acts', () => storm.floor.acts.length > before, 60_000)
    await ship.process.kill()
    await ship.start()
    await waitFor('the deploy is over', async () => (await openRuns()) === 0, 60_000)
  }
}

async function openRuns(): Promise<number> {
  const query = 'select count(*)::int as open from shipmate.runs where ended_at is null'
  return (await database.query<{ open: number }>(query))[0]?.open ?? 0
}

async function told(): Promise<void> {
  const query = `select ((select count(*) from shipmate.incident_posts where sent_at is null and given_up_at is null)
    + (select count(*) from shipmate.incidents where drawn_version < version))::int as open`
  await expect.poll(async () => (await database.query<{ open: number }>(query))[0]?.open, { timeout: 60_000 }).toBe(0)
}
