import { afterAll, beforeAll, expect, test } from 'vitest'
import { failed } from '../../../src/errors.js'
import { createPager } from '../../../src/incidents/paging/pager.js'
import { acknowledge, callNow, pagingDue } from '../../../src/incidents/paging/paging.js'
import type { Channel } from '../../../src/incidents/public/deliveries.js'
import { createPublisher } from '../../../src/incidents/public/publisher.js'
import { knownErrors } from '../../../src/incidents/review/known-errors.js'
import { settleSuspect } from '../../../src/incidents/review/suspects.js'
import { usualSettings } from '../../../src/incidents/settings.js'
import { silentLog } from '../../../src/log.js'
import { onCall } from '../../../src/releases/sections/on-call.js'
import { openStore, type Store } from '../../../src/store/connect.js'
import { changeOf } from '../../incidents/scene.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'
import { after, changed, declaredAt, drafted, incidentWith, published, rita } from '../../support/incident-rows.js'
import { order } from '../orders.js'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
})
afterAll(async () => {
  await store.close()
  await database.drop()
})

const rota = onCall.parse({
  rotas: { web: { layers: [{ people: ['U0A', 'U0B'], from: '2026-11-02' }], group: 'responders' } },
  default: 'web',
})
const pager = () =>
  createPager({
    ...{ section: rota, zone: 'UTC', settings: usualSettings, desk: store.incidents.pages },
    isCalledElsewhere: async () => false,
    onCallElsewhere: async () => null,
    byItself: true,
  })
const viewOf = async (id: number) => {
  const view = await store.incidents.rows.view(id)
  if (!view) throw new Error('no such incident')
  return view
}
const pagesOf = async (id: number) =>
  (await store.incidents.reads.timeline(id)).filter(({ key }) => key.startsWith('page:')).map(({ text }) => text)

test('ten who look at the same moment send one page, with its message and its line', async () => {
  const { id } = await incidentWith(store)
  const view = await viewOf(id)
  await Promise.all(Array.from({ length: 10 }, () => pager().look(view, declaredAt)))
  expect(await pagesOf(id)).toHaveLength(1)
  const posts = (await store.incidents.telling.pending(after(9), 100)).filter(({ incident }) => incident === id)
  expect(posts.map(({ to, drawing }) => [to.kind, drawing?.name])).toEqual([['person', 'page']])
})

test('a page is not sent on what was so before somebody acknowledged, and pages end then', async () => {
  const { id } = await incidentWith(store)
  const old = await viewOf(id)
  await changed(store, id, changeOf(acknowledge({ view: old, by: rita, now: after(1) })))
  const { send } = pagingDue(
    old,
    { pages: [], calls: [], acknowledgedAt: null },
    { rules: { page: true }, policy: rota.escalation.SEV2, onCall: null },
    after(1),
  )
  expect(send && (await store.incidents.pages.send(id, old.incident.version, send))).toBe(false)
  expect(await pager().look(await viewOf(id), after(2))).toBeNull()
  expect(await pagesOf(id)).toEqual([])
})

test('whoever looks anew after a restart goes on where the last one was', async () => {
  const { id } = await incidentWith(store)
  for (const minutes of [0, 1, 5, 6, 10, 20]) await pager().look(await viewOf(id), after(minutes))
  expect((await pagesOf(id)).length).toBe(4)
})

const told: string[] = []
const channel = (send: Channel['send'], repeatable = true): Channel => ({ name: 'the page', repeatable, send })
const clockAt = (minutes: number) => ({ now: () => after(minutes), sleep: async () => {} })
const publisher = (send: Channel['send'], minutes: number, repeatable = true) =>
  createPublisher({
    deliveries: store.incidents.deliveries,
    channels: { 'status page': channel(send, repeatable), customers: null },
    clock: clockAt(minutes),
    log: silentLog,
  })
const through: Channel['send'] = async ({ key, update }) => {
  told.push(update.text)
  return { id: key }
}

test('only what was published is delivered, in order, once; nothing of a private incident', async () => {
  const { id } = await incidentWith(
    store,
    {},
    drafted('Not read by anybody yet.'),
    published('First.', 'investigating'),
  )
  await changed(store, id, published('Second.', 'identified', ['status page'], 2))
  const secret = await incidentWith(store, { private: true }, published('Leaked.', 'investigating'))
  for (let look = 0; look < 4; look += 1) await publisher(through, 3).look(after(3))
  expect(told).toEqual(['First.', 'Second.'])
  expect(await store.incidents.deliveries.of(secret.id)).toEqual([])
  const rows = await store.incidents.deliveries.of(id)
  expect(rows.map(({ audience, sentAt }) => [audience, sentAt !== null])).toEqual([
    ['status page', true],
    ['customers', true],
    ['status page', true],
  ])
})

test('what fails is tried again later and later, holds back what comes after it, and is told when it is given up', async () => {
  const { id } = await incidentWith(store, {}, published('A.', 'investigating', ['status page']))
  await changed(store, id, published('B.', 'resolved', ['status page'], 2))
  const tries: number[] = []
  const broken: Channel['send'] = async ({ update }) => {
    if (update.text === 'B.') return { id: 'b' }
    throw failed('http-refused', 'it answered 503', { transient: true })
  }
  for (let minutes = 3; minutes < 120; minutes += 1) {
    const [first] = await store.incidents.deliveries.of(id)
    const before = first?.tries ?? 0
    await publisher(broken, minutes).look(after(minutes))
    const [now, later] = await store.incidents.deliveries.of(id)
    if ((now?.tries ?? 0) > before) tries.push(minutes)
    if (!now?.givenUpAt) expect(later?.sentAt).toBeNull()
  }
  expect(tries).toHaveLength(10)
  const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0))
  expect(gaps).toEqual([...gaps].sort((a, b) => a - b))
  expect((await store.incidents.deliveries.of(id)).map(({ sentAt }) => sentAt !== null)).toEqual([false, true])
  const said = (await store.incidents.reads.timeline(id)).find(({ key }) => key.startsWith('delivery:'))
  expect(said?.text).toContain('did not reach the page')
})

test('the public rows hold no draft, no private incident and no title', async () => {
  const { id } = await incidentWith(
    store,
    { service: 'public' },
    drafted('Draft.'),
    published('Said.', 'identified', ['status page']),
  )
  await incidentWith(store, { service: 'public', private: true }, published('Hidden.', 'identified', ['status page']))
  await incidentWith(store, { service: 'public' }, published('For customers.', 'identified', ['customers']))
  const rows = (await store.incidents.public.incidents(after(-1000))).filter(({ service }) => service === 'public')
  expect(rows.map((row) => [row.id, row.updates.map(({ text }) => text)])).toEqual([[id, ['Said.']]])
  expect(JSON.stringify(rows)).not.toMatch(/4711|Draft|Hidden/)
})

test('what was told to another system is remembered, the last of it', async () => {
  const { id } = await incidentWith(store)
  const { mirrors } = store.incidents
  expect(await mirrors.told(id, 'pagerduty')).toBeNull()
  await mirrors.remember(id, 'pagerduty', { state: 'triggered', urgency: 'high', note: 0 }, after(1))
  await mirrors.remember(id, 'pagerduty', { state: 'resolved', urgency: 'low', note: 7 }, after(2))
  expect(await mirrors.told(id, 'pagerduty')).toEqual({ state: 'resolved', urgency: 'low', note: 7 })
})

test('a suspect that a person confirmed is a failed change; one that was cleared is none', async () => {
  const environment = 'measured'
  // One after the other: of two at the same moment either may come first.
  const runs = [await endedDeploy(environment), await endedDeploy(environment)]
  for (const [index, run] of runs.entries()) {
    const suspect = {
      ...{ key: `run:${run}`, kind: 'deploy' as const, text: `deploy #${run}`, evidence: [], score: 0.9, at: null },
      run,
    }
    const { id } = await incidentWith(store, { environment }, { suspects: [suspect], runs: [{ run, part: 'suspect' }] })
    const verdict = index === 0 ? 'confirmed' : 'cleared'
    await changed(
      store,
      id,
      changeOf(settleSuspect({ view: await viewOf(id), by: rita, now: after(3) }, suspect.key, verdict)),
    )
  }
  const deploys = await store.incidents.measures.deploys(environment, after(-100), after(100))
  expect(deploys.map(({ run, caused, wentLive }) => [run, caused !== null, wentLive])).toEqual([
    [runs[0], true, true],
    [runs[1], false, true],
  ])
  expect(await store.incidents.measures.incidents(environment, after(-100), after(100))).toHaveLength(2)
})

/** A deploy that is done, straight in its row: how runs end is tested where runs are. */
async function endedDeploy(environment: string): Promise<number> {
  const { run } = await store.desk.submit(
    order({ intent: { job: 'deploy', service: 'storefront', environment, input: {} }, resources: [] }),
  )
  const pg = await import('pg')
  const client = new pg.default.Client({ connectionString: database.url })
  await client.connect()
  await client.query(`update shipmate.runs set state = 'done', started_at = $2, ended_at = $2 where id = $1`, [
    run.id,
    after(1),
  ])
  await client.end()
  return run.id
}

test('what was solved before is found by its alert, with how', async () => {
  const notice = {
    ...{
      source: 'alertmanager',
      fingerprint: 'known-1',
      group: null,
      state: 'resolved' as const,
      title: 'PoolExhausted',
    },
    ...{ text: '', severity: null, service: 'learned', environment: 'prod', labels: {}, link: null, data: {} },
    ...{ startedAt: declaredAt, endedAt: after(3) },
  }
  const { alert } = await store.incidents.alerts.receive(notice, after(3))
  const decision = { key: 'd1', kind: 'decision' as const, at: after(4), by: rita, text: 'Raised the pool to 40.' }
  const { id } = await incidentWith(
    store,
    { service: 'learned' },
    { set: { state: 'resolved', resolvedAt: after(5) }, timeline: [decision] },
  )
  await store.incidents.alerts.change(alert.id, { incident: id })
  const solved = await store.incidents.solved.solved('learned', after(-100), 50)
  const symptoms = { incident: null, service: 'learned', environment: 'prod', title: 'x', alerts: [notice] }
  expect(knownErrors(symptoms, solved)).toMatchObject([{ seen: [id], solution: 'Raised the pool to 40.', score: 1 }])
})

test('a person who calls has whoever is on call at PagerDuty called here, and who Slack does not know is named', async () => {
  const { id } = await incidentWith(store)
  const there = { people: ['U0THERE'], unknown: ['Second'], until: null, source: 'PagerDuty', group: null }
  const elsewhere = (people: string[]) =>
    createPager({
      ...{ section: onCall.parse({ rotas: {} }), zone: 'UTC', settings: usualSettings, desk: store.incidents.pages },
      ...{ isCalledElsewhere: async () => true, byItself: false },
      onCallElsewhere: async () => ({ ...there, people }),
    })
  await elsewhere(['U0THERE']).look(await viewOf(id), after(1))
  expect(await pagesOf(id)).toEqual([])
  await changed(store, id, changeOf(callNow({ view: await viewOf(id), by: rita, now: after(1) }, null)))
  await elsewhere(['U0THERE']).look(await viewOf(id), after(2))
  expect(await pagesOf(id)).toEqual([
    'Called U0THERE (PagerDuty). PagerDuty names Second, whose address Slack does not know.',
  ])
  const other = await incidentWith(store)
  await changed(store, other.id, changeOf(callNow({ view: await viewOf(other.id), by: rita, now: after(1) }, null)))
  await elsewhere([]).look(await viewOf(other.id), after(2))
  expect((await pagesOf(other.id))[0]).toMatch(/^Nobody can be called .* PagerDuty names Second, whose address/)
})
