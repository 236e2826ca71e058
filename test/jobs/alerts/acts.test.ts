import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AlertNotice } from '../../../src/incidents/alert.js'
import { actOnAlert } from '../../../src/jobs/alerts/acts.js'
import { alertClues } from '../../../src/jobs/alerts/clues.js'
import { applyOutsideAct } from '../../../src/jobs/alerts/outside-acts.js'
import { quietCheck } from '../../../src/jobs/alerts/quiet.js'
import { tendAlerts } from '../../../src/jobs/alerts/tending.js'
import { silentLog } from '../../../src/log.js'
import { type AlertFront, asker, createAlertWorld, notice, signed } from '../../support/alert-world.js'

let world: Awaited<ReturnType<typeof createAlertWorld>>
let front: AlertFront

beforeAll(async () => {
  const sources = { alertmanager: { secrets: ['env:AM'] }, changes: { secrets: ['env:CHANGES'] } }
  world = await createAlertWorld(1, { alerts: { sources, routes: [{ match: { noise: '/^y/' }, ignore: true }] } })
  const [first] = world.fronts
  if (!first) throw new Error('no front')
  front = first
})
afterAll(() => world.close())

let fingerprints = 0
/** An alert that was judged, of a fingerprint of its own. */
async function firing(given: Partial<AlertNotice> = {}) {
  fingerprints += 1
  const sent = notice({ fingerprint: `f${fingerprints}`, severity: 'SEV3', ...given })
  await front.parts.intake.take({ source: sent.source, key: null, notices: [sent], changes: [] }, new Date())
  await front.judge.judgeAll()
  const [alert] = (await front.parts.alerts.list({ limit: 1_000 })).filter(
    (one) => one.fingerprint === sent.fingerprint,
  )
  if (!alert) throw new Error('no alert')
  return alert
}
const again = async (id: number) => (await front.parts.alerts.alert(id)) ?? expect.fail('the alert is gone')
const act = (name: 'acknowledge alert' | 'declare from alert', alert: number) =>
  actOnAlert(front.parts, { name, alert }, asker())
const told = async (alert: number) =>
  (await front.store.incidents.alertTelling.stale(new Date(), 100)).find((one) => one.alert.id === alert)

describe('an alert’s message', () => {
  it('is acknowledged once, and says to the second who has it', async () => {
    const alert = await firing({ service: null, environment: 'prod' })
    expect((await act('acknowledge alert', alert.id)).reply).toMatchObject({ text: expect.stringMatching(/^You have/) })
    expect((await act('acknowledge alert', alert.id)).reply).toMatchObject({ text: expect.stringContaining('by you') })
    expect((await told(alert.id))?.alert.acknowledgedBy).toBe('U0RITA')
    expect((await front.store.audit.of(0)).map(({ act: what }) => what)).toContain('acknowledged an alert')
  })

  it('becomes one incident when two people declare at the same moment', async () => {
    const alert = await firing({ service: 'checkout', environment: 'staging' })
    const answers = await Promise.all([act('declare from alert', alert.id), act('declare from alert', alert.id)])
    expect(new Set(answers.map(({ incident }) => incident)).size).toBe(1)
    const view = await front.parts.rows.view(answers[0]?.incident ?? 0)
    expect(view?.incident).toMatchObject({ state: 'open', severity: 'SEV3', declaredBy: { id: 'U0RITA' } })
    expect(view?.alerts).toEqual({ all: 1, firing: 1 })
  })

  it('refuses whoever may not, and an alert that is not there', async () => {
    const denial = { code: 'may-not', what: 'You may not.', why: 'a rule', next: 'ask' }
    const parts = { ...front.parts, may: async () => denial }
    const refused = await actOnAlert(parts, { name: 'acknowledge alert', alert: 1 }, asker())
    expect(refused.reply).toEqual({ kind: 'refused', refusal: denial })
    expect((await act('acknowledge alert', 999_999)).reply).toMatchObject({
      kind: 'refused',
      refusal: { code: 'alert-unknown' },
    })
  })

  it('is moved into an incident by a person, with the alerts that are its duplicates', async () => {
    const opened = await act('declare from alert', (await firing({ service: null, environment: null })).id)
    const incident = opened.incident ?? 0
    const [one, other] = [
      await firing({ service: 'service-1', environment: 'prod' }),
      await firing({ service: 'service-2', environment: 'prod' }),
    ]
    const merged = await actOnAlert(front.parts, { name: 'merge alert', alert: one.id, incident }, asker())
    expect(merged.incident).toBe(incident)
    await actOnAlert(front.parts, { name: 'duplicate alert', alert: other.id, of: one.id }, asker())
    expect((await front.parts.rows.view(incident))?.alerts).toEqual({ all: 3, firing: 3 })
    const closed = await actOnAlert(front.parts, { name: 'merge alert', alert: one.id, incident: 99_999 }, asker())
    expect(closed.reply).toMatchObject({ kind: 'refused', refusal: { code: 'incident-not-open' } })
  })
})

describe('a silence', () => {
  it('keeps an alert that fires again quiet until it ends, and then what still fires is told', async () => {
    const first = await firing({
      severity: 'SEV1',
      service: 'service-5',
      environment: 'prod',
      state: 'resolved',
      endedAt: new Date(),
    })
    const startedAt = new Date(Date.now() - 1_000)
    const { silences } = front.parts
    const now = new Date()
    const order = {
      by: { kind: 'machine', id: 'shipmate', name: 'Shipmate' } as const,
      reason: 'x',
      run: null,
      startsAt: now,
    }
    const covers = { kind: 'place', service: 'service-6', environment: 'prod' } as const
    const made = await silences.make({
      ...order,
      key: 's6',
      covers,
      endsAt: new Date(now.getTime() + 60_000),
      outside: 'none',
    })
    const quiet = await firing({ severity: 'SEV1', service: 'service-6', environment: 'prod', startedAt })
    expect([quiet.incident, quiet.silencedUntil]).toEqual([null, made.endsAt])
    await silences.end({ key: 's6' }, new Date())
    await tendAlerts(front.parts, front.judge)
    expect((await again(quiet.id)).incident).not.toBeNull()
    expect(first.endedAt).not.toBeNull()
  })

  it('has a length that somebody can mean', async () => {
    const alert = await firing({ service: null })
    const { reply } = await actOnAlert(front.parts, { name: 'silence alert', alert: alert.id, minutes: 0 }, asker())
    expect(reply).toMatchObject({ kind: 'refused', refusal: { code: 'silence-length' } })
  })
})

describe('what is known of alerts', () => {
  const context = () => ({
    ...{ run: 1, step: 'quiet', key: 'k', epoch: 1, attempt: 1, progress: () => {}, log: silentLog },
    ...{ signal: new AbortController().signal, clock: front.parts.clock },
  })

  it('is the check alerts.quiet: it fails while one fires at the place, and skips where no sender is set up', async () => {
    const check = quietCheck(front.parts.alerts, () => true)
    const place = { service: 'service-9', environment: 'prod' }
    expect(await check.run(place, context())).toMatchObject({ outcome: 'pass' })
    const alert = await firing(place)
    expect(await check.run(place, context())).toMatchObject({
      outcome: 'fail',
      summary: expect.stringContaining('HighErrorRate'),
    })
    await front.parts.alerts.change(alert.id, { silencedUntil: new Date(Date.now() + 60_000) })
    expect(await check.run(place, context())).toMatchObject({ outcome: 'warn' })
    expect(await quietCheck(front.parts.alerts, () => false).run(place, context())).toMatchObject({ outcome: 'skip' })
  })

  it('makes suspects: the deploy just before comes first, then changes from elsewhere, then alerts', async () => {
    const place = { service: 'service-10', environment: 'prod' }
    const since = new Date()
    const { desk, runs } = front.store
    const order = {
      requestKey: 'clue',
      team: 'T1',
      resources: [],
      priority: 0,
      requestedBy: asker().actor,
      via: 'slack',
      parent: null,
    }
    const { run } = await desk.submit({
      ...order,
      intent: { job: 'deploy', ...place, input: { version: 'v1.8.0' } },
      at: since,
    })
    const claim = await runs.claim(run.id)
    if (!claim) throw new Error('no claim')
    const at = new Date(since.getTime() - 240_000)
    await runs.write(claim, { state: 'running', startedAt: new Date(at.getTime() - 60_000) })
    await runs.write(claim, { ended: { state: 'done', reason: null, at } })
    const { text, headers } = signed({ what: 'flag on', ...place, at: at.toISOString() }, 'secret-of-env:CHANGES')
    expect((await fetch(`${front.url}/v1/changes`, { method: 'POST', body: text, headers })).status).toBe(200)
    await firing({ ...place, startedAt: at })
    const { alerts, reads, shipped } = front.store.incidents
    const clues = alertClues({
      list: alerts.list,
      alert: alerts.alert,
      changes: reads.changes,
      shipped: shipped.shipped,
    })
    const scene = { ...place, since, now: new Date() }
    const found = await Promise.all(clues.map((clue) => clue.look(scene, new AbortController().signal)))
    const best = found.flatMap(({ suspects }) => suspects).sort((a, b) => b.score - a.score)
    expect(best[0]).toMatchObject({
      key: `run:${run.id}`,
      run: run.id,
      text: `deploy #${run.id} service-10 v1.8.0, 4 min before`,
    })
    expect(best.slice(0, 3).map(({ kind }) => kind)).toEqual(['deploy', 'change', 'alert'])
  })

  it('is nothing where the operator’s file ignores it', async () => {
    const alert = await firing({ severity: 'SEV1', service: 'service-11', labels: { noise: 'yes' } })
    expect(alert.incident).toBeNull()
    expect(await told(alert.id)).toBeUndefined()
  })

  it('counts as over when nothing is heard of it for a day, and says that nobody said so', async () => {
    const alert = await firing({ severity: 'SEV1', service: 'service-12', environment: 'staging' })
    const later = new Date(Date.now() + 90_000_000)
    const parts = { ...front.parts, clock: { ...front.parts.clock, now: () => later } }
    await tendAlerts(parts, front.judge)
    const entries = await front.store.incidents.reads.timeline(alert.incident ?? 0)
    expect(entries.at(-1)?.text).toContain('counts as over: nothing was heard of it')
  })
})

describe('what people do in PagerDuty', () => {
  const done = (incident: number, kind: 'acknowledged' | 'resolved', machine = false) =>
    applyOutsideAct(front.parts, { source: 'pagerduty', incident, kind, by: 'Rita', machine, at: new Date() })

  it('becomes so here once, and what our own program did there changes nothing', async () => {
    const { incident } = await act('declare from alert', (await firing({ service: 'service-20' })).id)
    const version = async () => (await front.parts.rows.view(incident ?? 0))?.incident.version
    const before = await version()
    await done(incident ?? 0, 'acknowledged', true)
    expect(await version()).toBe(before)
    await done(incident ?? 0, 'acknowledged')
    await done(incident ?? 0, 'acknowledged')
    expect(await version()).toBe((before ?? 0) + 1)
    expect((await front.parts.rows.view(incident ?? 0))?.incident.acknowledgedAt).not.toBeNull()
  })

  it('does not resolve against a closed gate, and says so', async () => {
    const { incident } = await act('declare from alert', (await firing({ service: 'service-21' })).id)
    await done(incident ?? 0, 'resolved')
    expect((await front.parts.rows.view(incident ?? 0))?.incident.state).toBe('open')
    const posts = await front.store.incidents.telling.pending(new Date(), 100)
    expect(posts.filter((post) => post.incident === incident).at(-1)?.text).toContain('stays open here')
  })
})
