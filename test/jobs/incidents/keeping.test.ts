import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type Clue, type Found, nothingFound } from '../../../src/incidents/clues.js'
import type { Impact, IncidentId, IncidentView, Suspect } from '../../../src/incidents/incident.js'
import type { GateCheck } from '../../../src/jobs/incidents/gate-look.js'
import { type KeeperParts, keepIncidents, keepOne } from '../../../src/jobs/incidents/keeping.js'
import { restoreKnown } from '../../../src/jobs/incidents/recovering.js'
import { silentLog } from '../../../src/log.js'
import { type CheckResult, defineCheck } from '../../../src/runs/abilities.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, shown } from '../../support/desk-world.js'

/** It heeds no signal and answers never. */
const deaf = defineCheck({ name: 'deaf.look', input: z.unknown(), run: () => new Promise<CheckResult>(() => {}) })

let world: DeskWorld
beforeAll(async () => {
  world = await createDeskWorld({ checks: [deaf] })
})
afterAll(() => world.close())

const clue = (name: string, look: () => Promise<Found>): Clue => ({ name, look })
const finds = (name: string, ...suspects: Suspect[]) => clue(name, async () => ({ ...nothingFound, suspects }))
const suspect = (key: string, score: number): Suspect => ({
  ...{ key, score, kind: 'change', text: `changed ${key}`, evidence: ['seen'], at: null, run: null },
})

type More = Partial<Pick<KeeperParts, 'chores' | 'reads'>> & { outside?: Clue[]; gate?: GateCheck[] }

function keeper(more: More): KeeperParts {
  const { incidents, desk, signals, leadership } = world.store
  return {
    ...{
      catalogue: world.catalogue,
      store: incidents.rows,
      reads: more.reads ?? incidents.reads,
      runs: desk,
      signals,
      leadership,
    },
    ...{
      abilities: world.abilities,
      clues: { own: [], outside: more.outside ?? [] },
      gateChecks: () => more.gate ?? [],
    },
    ...{ chores: more.chores ?? [], rounds: [], roundEvery: 1_000, clock: world.clock, log: silentLog },
  }
}

async function opened(title: string): Promise<IncidentId> {
  const reply = await world.desk.say(`prod storefront ${title}`, 'incident', asker('U0RITA'))
  return Number(/INC-(\d+)/.exec(JSON.stringify(reply))?.[1])
}

async function viewOf(id: IncidentId): Promise<IncidentView> {
  const view = await world.store.incidents.rows.view(id)
  if (!view) throw new Error(`there is no INC-${id}`)
  return view
}

const look = (id: IncidentId, parts: KeeperParts) => keepOne(parts, id, new AbortController().signal)
const timeline = (id: IncidentId) => world.store.incidents.reads.timeline(id)

test('suspects stand in the order of what speaks for them, each told once, and a look that finds nothing new makes no new version', async () => {
  const id = await opened('is slow')
  const parts = keeper({
    outside: [finds('one', suspect('a', 0.2), suspect('b', 0.9)), finds('two', suspect('a', 0.4), suspect('c', 0.3))],
  })
  await look(id, parts)
  const first = await viewOf(id)
  expect(first.suspects.map(({ key, score }) => [key, score])).toEqual([
    ['b', 0.9],
    ['a', 0.4],
    ['c', 0.3],
  ])
  await look(id, parts)
  await look(id, parts)
  expect((await viewOf(id)).incident.version).toBe(first.incident.version)
  expect((await timeline(id)).filter(({ kind }) => kind === 'suspect')).toHaveLength(3)
})

test('one look that breaks, and one chore that does, stop no other', async () => {
  const id = await opened('is broken')
  const broken = clue('broken', async () => Promise.reject(new Error('no answer')))
  const chores = [{ name: 'broken', tend: async () => Promise.reject(new Error('no answer')) }]
  await look(id, keeper({ outside: [broken, finds('fine', suspect('d', 0.5))], chores }))
  expect((await viewOf(id)).suspects.map(({ key }) => key)).toEqual(['d'])
})

test('a run that two looks find for two reasons belongs to it once, and keeps no look from being written', async () => {
  const id = await opened('shows more errors')
  const run = acceptedRun(await world.desk.say('prod v1.8.0', 'deploy', asker('U0RITA')))
  const deploy = { ...suspect(`run:${run}`, 0.9), kind: 'deploy' as const, run }
  await look(id, keeper({ outside: [finds('deploys', deploy)] }))
  const view = await viewOf(id)
  expect(view.runs).toEqual([{ run, part: 'recovery' }])
  expect(view.suspects.map(({ key }) => key)).toEqual([`run:${run}`])
  // What the form of a restore begins with, wherever in the incident it is asked for; a person's own words stand.
  const parts = { catalogue: world.catalogue, incidents: { store: world.store.incidents.rows } }
  const incident = String(id)
  expect(await restoreKnown(parts, { incident })).toEqual({ incident, database: 'shop', point: `before ${run}` })
  expect(await restoreKnown(parts, { incident, moment: '14:02' })).toEqual({ incident, moment: '14:02' })
  expect(await restoreKnown(parts, { incident: '4711' })).toEqual({ incident: '4711' })
  await world.desk.press({ name: 'cancel', run, reason: 'enough' }, asker('U0RITA'))
  await world.ended(run, 'stopped')
})

test('a run of its place that began since belongs to it, and its end stands in the timeline once', async () => {
  const id = await opened('shows errors')
  const run = acceptedRun(await world.desk.say('prod v1.8.0', 'deploy', asker('U0RITA')))
  await look(id, keeper({}))
  expect((await viewOf(id)).runs).toContainEqual(expect.objectContaining({ run, part: 'recovery' }))
  await world.asks(run)
  await world.desk.press({ name: 'cancel', run, reason: 'enough' }, asker('U0RITA'))
  await world.ended(run, 'stopped')
  await look(id, keeper({}))
  await look(id, keeper({}))
  expect((await timeline(id)).filter(({ key }) => key === `run:${run}:ended`)).toHaveLength(1)
})

test('what a recovery itself broke is no suspect; what broke before it is', async () => {
  const id = await opened('has lost something')
  const run = acceptedRun(await world.desk.say('prod v1.8.0', 'deploy', asker('U0RITA')))
  await world.desk.press({ name: 'approve', ...shown(await world.asks(run)) }, asker('U0MARCO'))
  const { startedAt } = (await world.ended(run, 'done')).run
  await look(id, keeper({}))
  const error = (key: string, after: number) => ({
    ...{ ...suspect(key, 0.6), kind: 'error' as const },
    at: new Date((startedAt?.getTime() ?? 0) + after),
  })
  await look(id, keeper({ outside: [finds('errors', error('before', -1), error('after', 1), suspect('change', 0.4))] }))
  expect((await viewOf(id)).suspects.map(({ key }) => key)).toEqual(['before', 'change'])
})

test('a check of the gate that answers never holds up its look for its time, and says so', async () => {
  const id = await opened('is not known to be well')
  await look(id, keeper({ gate: [{ key: 'deaf', title: 'it answers', check: 'deaf.look', with: {} }] }))
  expect((await viewOf(id)).gate).toMatchObject([
    { key: 'deaf', outcome: 'error', text: 'it answers: could not be looked at: no answer within 8 s' },
  ])
})

/** Messages of an incident, by what they are about. */
const saidOf = async (id: IncidentId, about: string) =>
  (await world.store.incidents.telling.pending(world.clock.now(), 500)).filter(
    ({ incident, key }) => incident === id && key.startsWith(about),
  )

test('reminders come in time whatever a look at their incident or at another waits for', async () => {
  const [id, other] = [await opened('waits for an answer'), await opened('waits too')]
  let letGo = () => {}
  const never = new Promise<void>((go) => {
    letGo = go
  })
  let looks = 0
  const held = {
    name: 'held',
    tend: async () => {
      looks += 1
      await never
      return {}
    },
  }
  const stop = new AbortController()
  const { reads } = world.store.incidents
  let failing = false
  const due: typeof reads.due = async (now) => {
    if (!failing) return reads.due(now)
    failing = false
    throw new Error('the database did not answer')
  }
  const keeping = keepIncidents(keeper({ chores: [held], reads: { ...reads, due } }), stop.signal)
  onTestFinished(() => {
    letGo()
    stop.abort()
    return keeping
  })
  await expect.poll(() => looks).toBeGreaterThanOrEqual(2)
  for (const turns of [1, 2]) {
    await expect.poll(async () => (await viewOf(other)).incident.nextUpdate).not.toBeNull()
    const { nextUpdate, declaredAt } = (await viewOf(other)).incident
    world.clock.pass(Number(nextUpdate) - Number(declaredAt))
    for (const each of [id, other]) await expect.poll(() => saidOf(each, 'remind:')).toHaveLength(turns)
    // Rows that cannot be read once are no reason to wait for what is under way.
    failing = true
    await expect.poll(() => failing).toBe(false)
  }
  // Said once, it moves no card again.
  const { version } = (await viewOf(id)).incident
  await world.clock.sleep(2_500)
  expect((await viewOf(id)).incident.version).toBe(version)
})

const impact = (more: Partial<Impact>): Found => ({
  ...nothingFound,
  impact: { text: '', requests: null, users: null, since: null, evidence: ['seen'], ...more },
})

test('measures that do not answer are not told as back to usual because others do', async () => {
  const id = await opened('fails for many')
  const orders = impact({ text: 'orders 1 in 10 min, usually 40' })
  const since = new Date(Date.now() - 60_000)
  const failing = impact({ text: '38 % of requests fail', requests: 0.38, since })
  const parts = (metrics: () => Promise<Found>) =>
    keeper({ outside: [clue('metrics', metrics), clue('people', async () => orders)] })
  await look(
    id,
    parts(async () => failing),
  )
  await look(
    id,
    parts(async () => {
      throw new Error('Prometheus does not answer')
    }),
  )
  expect((await viewOf(id)).incident.impact).toMatchObject({
    text: '38 % of requests fail; orders 1 in 10 min, usually 40',
    requests: 0.38,
    since,
  })
  const well = impact({ text: 'No more requests fail or are slow than usual: 0 %', requests: 0 })
  await look(
    id,
    parts(async () => well),
  )
  expect((await viewOf(id)).incident.impact?.text).toBe(
    'Requests are back to usual, at worst 38 % of them were hit; orders 1 in 10 min, usually 40',
  )
})

test('counts that are as usual are no impact, and keep no severity from being proposed when a figure is known', async () => {
  const id = await opened('may be slow')
  const usual = clue('people', async () => impact({ evidence: ['orders 40 in 10 min, usually 40'] }))
  await look(id, keeper({ outside: [usual] }))
  expect((await viewOf(id)).incident.impact).toBeNull()
  const low = clue('people', async () => impact({ text: 'orders 1 in 10 min, usually 40' }))
  await look(id, keeper({ outside: [low] }))
  const failing = clue('metrics', async () => impact({ text: '38 % of requests fail', requests: 0.38 }))
  await look(id, keeper({ outside: [low, failing] }))
  expect((await viewOf(id)).incident.proposal?.severity).toBe('SEV1')
})

test('a chore that breaks is done again, also of an incident that is over', async () => {
  const id = await opened('is over')
  const view = await viewOf(id)
  const resolved = { set: { state: 'resolved' as const, resolvedAt: world.clock.now() } }
  await world.store.incidents.rows.write(id, view.incident.version, resolved, world.clock.now())
  const tend = async () => {
    throw new Error('the folder of releases cannot be read')
  }
  await look(id, keeper({ chores: [{ name: 'fixes', tend }] }))
  expect((await viewOf(id)).incident.wakeAt).toBeInstanceOf(Date)
})
