import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AlertNotice } from '../../../src/incidents/alert.js'
import type { Declaration } from '../../../src/incidents/ports.js'
import { silentLog } from '../../../src/log.js'
import { openStore, type Store } from '../../../src/store/connect.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'

const rita = { kind: 'person', id: 'U0RITA', name: 'Rita' } as const
const at = new Date('2026-11-23T14:06:00Z')
const later = (minutes: number) => new Date(at.getTime() + minutes * 60_000)

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

const declaration = (requestKey: string): Declaration => ({
  requestKey,
  team: 'T1',
  title: 'Checkout is slow',
  service: 'storefront',
  environment: 'prod',
  severity: 'SEV2',
  private: false,
  source: { kind: 'person' },
  declaredBy: rita,
  via: 'slack',
  roles: ['commander', 'communications'],
  slug: `checkout-is-slow-${'x'.repeat(90)}`,
  at,
})

const notice = (fingerprint: string, state: 'firing' | 'resolved' = 'firing'): AlertNotice => ({
  source: 'alertmanager',
  fingerprint,
  group: 'checkout',
  state,
  title: 'HighErrorRate',
  text: '5 % of requests fail',
  severity: 'SEV2',
  service: 'storefront',
  environment: 'prod',
  labels: { alertname: 'HighErrorRate' },
  link: null,
  startedAt: at,
  endedAt: state === 'resolved' ? later(5) : null,
  data: {},
})

describe('an incident in rows', () => {
  it('is declared once, however often the same request comes, also at the same moment', async () => {
    const { rows } = store.incidents
    const all = await Promise.all(Array.from({ length: 20 }, () => rows.declare(declaration('once'))))
    expect(all.filter(({ fresh }) => fresh)).toHaveLength(1)
    expect(new Set(all.map(({ incident }) => incident.id)).size).toBe(1)
    const [{ incident } = { incident: null }] = all
    expect(incident?.room.name).toMatch(/^inc-\d+-checkout-is-slow-x+$/)
    expect(incident?.room.name.length).toBeLessThanOrEqual(80)
    const timeline = await store.incidents.reads.timeline(incident?.id ?? 0)
    expect(timeline.map(({ kind, text }) => [kind, text])).toEqual([['declared', 'Checkout is slow']])
  })

  it('takes one of two changes made on the same version, whole, and nothing of the other', async () => {
    const { rows, reads } = store.incidents
    const { incident } = await rows.declare(declaration('versions'))
    const change = (who: string) => ({
      set: { roles: [{ role: 'commander', person: { ...rita, id: who }, since: later(1) }] },
      timeline: [{ key: `role:${who}`, kind: 'role' as const, at: later(1), by: rita, text: `${who} commands` }],
      tasks: { add: [{ kind: 'task' as const, text: `look, ${who}`, owner: null, createdAt: later(1) }] },
      posts: [{ key: `brief:${who}`, to: { kind: 'person' as const, person: who }, text: 'You command.' }],
      audit: [{ actor: rita, act: 'claimed a role', subject: { role: 'commander' } }],
    })
    const written = await Promise.all(['U1', 'U2'].map((who) => rows.write(incident.id, 1, change(who), later(1))))
    expect(written.filter((one) => one)).toHaveLength(1)
    const winner = written[0] ? 'U1' : 'U2'
    const view = await rows.view(incident.id)
    expect(view?.incident.roles[0]?.person?.id).toBe(winner)
    expect(view?.tasks.map(({ text }) => text)).toEqual([`look, ${winner}`])
    expect((await reads.timeline(incident.id)).map(({ key }) => key)).toEqual(['declared', `role:${winner}`])
    const pending = await store.incidents.telling.pending(later(2), 10)
    expect(pending.filter((post) => post.incident === incident.id).map(({ key }) => key)).toEqual([`brief:${winner}`])
    expect((await store.audit.verify(-incident.id)).broken).toEqual([])
    expect((await store.audit.of(-incident.id)).map(({ act }) => act)).toEqual([
      'declared an incident',
      'claimed a role',
    ])
  })

  it('reads back every field that a change wrote', async () => {
    const { rows } = store.incidents
    const { incident } = await rows.declare(declaration('fields'))
    const impact = { text: '5 % fail', requests: 0.05, users: null, since: later(-4), evidence: ['p95 1.9 s'] }
    const suspect = {
      ...{ key: 'run:1', kind: 'deploy' as const, text: 'deploy #1', evidence: ['4 min before'], score: 0.9 },
      ...{ at: later(-4), run: null },
    }
    const line = { key: 'errors', text: 'errors under 1 %', outcome: 'fail' as const, greenSince: null, at: later(1) }
    const draft = {
      ...{ text: 'We look into it.', phase: 'investigating' as const, audience: ['status page' as const] },
      ...{ draftedBy: rita, draftedAt: later(2), publishedBy: null, publishedAt: null },
    }
    const set = {
      severity: 'SEV1' as const,
      impact,
      nextUpdate: later(30),
      wakeAt: later(25),
      acknowledgedAt: later(1),
    }
    await rows.write(incident.id, 1, { set, suspects: [suspect], gate: [line], updates: { add: [draft] } }, later(2))
    const view = await rows.view(incident.id)
    expect(view?.incident).toMatchObject({ ...set, version: 2, title: 'Checkout is slow', wakeAt: later(25) })
    expect(view?.suspects).toEqual([suspect])
    expect(view?.gate).toEqual([line])
    expect(view?.updates).toMatchObject([draft])
    await rows.write(incident.id, 2, { set: { impact: null, wakeAt: null } }, later(3))
    expect((await rows.view(incident.id))?.incident).toMatchObject({ impact: null, wakeAt: null, severity: 'SEV1' })
  })

  it('is stale until its newest version is drawn, and never goes back to an older drawing', async () => {
    const { rows, telling } = store.incidents
    const { incident } = await rows.declare(declaration('stale'))
    await rows.write(incident.id, 1, { set: { severity: 'SEV3' } }, later(1))
    const versionOf = async () => (await telling.stale(100)).find((one) => one.incident === incident.id)?.version
    expect(await versionOf()).toBe(2)
    await telling.drawn(incident.id, 1)
    expect(await versionOf()).toBe(2)
    await telling.drawn(incident.id, 2)
    expect(await versionOf()).toBeUndefined()
  })

  it('is found by its channel and its card', async () => {
    const { rows, telling } = store.incidents
    const { incident } = await rows.declare(declaration('found'))
    const room = { ...incident.room, channel: 'C77', card: { channel: 'C77', ts: '1.1' } }
    await telling.furnished(incident.id, room)
    expect(await rows.inChannel('C77')).toBe(incident.id)
    expect(await telling.cardAt('C77', '1.1')).toBe(incident.id)
    expect(await rows.inChannel('C78')).toBeNull()
  })

  it('tells listeners of each change', async () => {
    const heard: number[] = []
    const quiet = store.signals.onIncident((incident) => heard.push(incident))
    const { incident } = await store.incidents.rows.declare(declaration('heard'))
    await expect.poll(() => heard).toContain(incident.id)
    quiet()
  })

  it('has an audit chain that shows a lost last row', async () => {
    const { incident } = await store.incidents.rows.declare(declaration('chain'))
    expect((await store.audit.verify()).broken).toEqual([])
    expect((await store.audit.verify(-incident.id)).rows).toBe(1)
  })
})

describe('alerts', () => {
  it('are one row while they fire, and a new one when they fire again', async () => {
    const { alerts } = store.incidents
    const first = await alerts.receive(notice('a'), at)
    const again = await alerts.receive(notice('a'), later(1))
    const over = await alerts.receive(notice('a', 'resolved'), later(5))
    const late = await alerts.receive(notice('a'), later(6))
    const back = await alerts.receive({ ...notice('a'), startedAt: later(9) }, later(9))
    expect([first.fresh, first.turned, again.fresh, again.turned]).toEqual([true, true, false, false])
    expect([over.fresh, over.turned, over.alert.endedAt]).toEqual([false, true, later(5)])
    expect([late.fresh, late.turned, late.alert.endedAt]).toEqual([false, false, later(5)])
    expect(back.alert.id).not.toBe(first.alert.id)
    expect(again.alert).toMatchObject({ id: first.alert.id, notices: 2 })
  })

  it('come as one row when a hundred of the same arrive at once', async () => {
    const { alerts } = store.incidents
    const all = await Promise.all(Array.from({ length: 100 }, () => alerts.receive(notice('storm'), at)))
    expect(all.filter(({ fresh }) => fresh)).toHaveLength(1)
    const kept = await alerts.list({ firing: true, limit: 10 })
    expect(kept.find(({ fingerprint }) => fingerprint === 'storm')?.notices).toBe(100)
  })

  it('keep a change of theirs, and changes from outside are kept once', async () => {
    const { alerts, reads } = store.incidents
    const { alert } = await alerts.receive(notice('mine'), at)
    await alerts.change(alert.id, { acknowledgedBy: 'U0RITA', acknowledgedAt: later(2) })
    expect(await alerts.alert(alert.id)).toMatchObject({ acknowledgedBy: 'U0RITA', acknowledgedAt: later(2) })
    const change = {
      ...{ key: 'gh-1', source: 'github', what: 'deployed v2', service: 'storefront', environment: 'prod' },
      ...{ by: 'rita', at, link: null },
    }
    expect(await alerts.changed(change)).toEqual({ fresh: true })
    expect(await alerts.changed(change)).toEqual({ fresh: false })
    expect(await reads.changes(later(-1), later(1))).toEqual([change])
  })
})
