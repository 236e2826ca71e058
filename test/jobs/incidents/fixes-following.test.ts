import { afterEach, expect, test } from 'vitest'
import { endedIn } from '../../../src/incidents/alerts/folding.js'
import { addFix, fixNamed } from '../../../src/incidents/fixes.js'
import { archive } from '../../../src/incidents/resolving.js'
import { type Following, fixesFollowed } from '../../../src/jobs/incidents/fixes-following.js'
import type { Chore } from '../../../src/jobs/incidents/keeping.js'
import type { Deployment, Release } from '../../../src/releases/release.js'
import { after, changed, incidentWith, rita } from '../../support/incident-rows.js'
import { release, served, sourceOf } from '../../support/shop.js'
import { afterwardsWorld } from './afterwards-world.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Incidents and alerts in PostgreSQL; what was built and what serves is said by the test. */
async function world() {
  const at = await afterwardsWorld()
  closing.push(at.close)
  const built: Release[] = [release('v1.8.1'), release('v1.8.0')]
  const history: Deployment[] = [served('v1.8.1', 1, after(0))]
  const parts: Following = {
    releases: () => sourceOf(built),
    deployments: { history: async () => history },
    alerts: at.store.incidents.alerts,
  }
  const chore: Chore = { name: 'fixes', tend: (view, now) => fixesFollowed(parts, view, now) }
  const { rows, reads, alerts } = at.store.incidents
  async function look(id: number, minute: number) {
    at.time.now = after(minute)
    await at.look(id, chore)
    const timeline = (await reads.timeline(id)).filter(({ key }) => key.startsWith('fix:'))
    const view = (await rows.view(id)) ?? expect.fail('it is there')
    return { view, told: timeline.map(({ text }) => text), posts: await reads.posted(id) }
  }
  async function named(words: string, isPrivate = false) {
    const { id } = await incidentWith(
      at.store,
      { private: isPrivate },
      { set: { state: 'resolved', resolvedAt: after(5) } },
    )
    const view = (await rows.view(id)) ?? expect.fail('it is there')
    const decision = addFix({ view, by: rita, now: after(6) } as never, fixNamed(words), rita, 'named')
    if (decision.kind !== 'change') throw new Error(JSON.stringify(decision))
    await changed(at.store, id, decision.change, after(6))
    return id
  }
  async function alerted(id: number | null, minute: number, ended: number) {
    const { alert } = await alerts.receive(
      {
        ...{ source: 'sentry', fingerprint: 'pool', group: null, state: 'resolved', title: 'Pool is empty', text: '' },
        ...{ severity: null, service: 'storefront', environment: 'prod', labels: {}, link: null, data: {} },
        ...{ startedAt: after(minute), endedAt: after(ended) },
      },
      after(minute),
    )
    if (id !== null) await alerts.change(alert.id, { incident: id })
  }
  const { rows: incidentRows } = at.store.incidents
  const viewOf = async (id: number) => (await incidentRows.view(id)) ?? expect.fail('it is there')
  return { ...at, viewOf, built, history, look, named, alerted }
}

const day = 24 * 60

test('a fix is followed from its change to its release, to the deploy that brings it, and to the day after', async () => {
  const { built, history, look, named, alerted } = await world()
  const id = await named('#412')
  await alerted(id, 1, 4)
  expect((await look(id, 7)).told).toEqual([])
  built.unshift(release('v1.8.2', { changes: [{ sha: 'abc1234', author: 'Ada', subject: 'Keep it small (#412)' }] }))
  expect((await look(id, 8)).told).toEqual(['change #412 (v1.8.2) was built; it does not serve prod yet.'])
  history.unshift(served('v1.8.2', 2, after(20)))
  await look(id, 21)
  const live = await look(id, 22)
  expect(live.told.at(-1)).toBe('change #412 (v1.8.2) serves prod. It is watched for a day.')
  expect(live.told).toHaveLength(2)
  expect(live.view.incident.wakeAt).toEqual(after(23))
  const ended = await look(id, 20 + day)
  expect(ended.told.at(-1)).toBe('change #412 (v1.8.2) ended it: it was not seen for a day.')
  expect(ended.view.tasks[0]).toMatchObject({ kind: 'fix', doneAt: after(20 + day), fix: { version: 'v1.8.2' } })
  expect(ended.view.incident.wakeAt).toBeNull()
})

test('an error that comes back is told to whoever named the fix, once, and the fix counts as none', async () => {
  const { built, history, look, named, alerted } = await world()
  const id = await named('v1.8.2')
  await alerted(id, 1, 4)
  built.unshift(release('v1.8.2'))
  history.unshift(served('v1.8.2', 2, after(20)))
  await look(id, 21)
  await alerted(null, 140, 150)
  await look(id, 141)
  const back = await look(id, 142)
  expect(back.told.at(-1)).toBe('v1.8.2 did not end it: it came back 2 h after it went live (Pool is empty).')
  expect(back.posts.filter((key) => key.includes(':back'))).toHaveLength(2)
  expect(back.view.tasks[0]).toMatchObject({ doneAt: null, fix: { back: { at: after(140), alert: 'Pool is empty' } } })
  expect((await look(id, 20 + day)).view.tasks[0]?.doneAt).toBeNull()
})

test('a fix that was rolled back is live no more, and begins anew with the next deploy', async () => {
  const { built, history, look, named } = await world()
  const id = await named('v1.8.2')
  built.unshift(release('v1.8.2'))
  history.unshift(served('v1.8.2', 2, after(20)))
  await look(id, 21)
  history.unshift(served('v1.8.1', 3, after(30)))
  expect((await look(id, 31)).told.at(-1)).toBe('v1.8.2 does not serve prod any more.')
  history.unshift(served('v1.8.2', 4, after(40)))
  await look(id, 41)
  expect((await look(id, 20 + day)).view.tasks[0]?.doneAt).toBeNull()
  const ended = await look(id, 40 + day)
  expect(ended.told.at(-1)).toBe('v1.8.2 ended it: it has served for a day; no alert belongs to it that would tell.')
})

test('an issue that is seen again while nobody closed it is told as come back at once, not a day later', async () => {
  const { built, history, look, named, store } = await world()
  const id = await named('v1.8.2')
  const seen = async (minute: number) => {
    const { alert } = await store.incidents.alerts.receive(
      {
        ...{ source: 'sentry', fingerprint: 'issue:7', group: null, state: 'firing', title: 'Pool is empty', text: '' },
        ...{ severity: null, service: 'storefront', environment: 'prod', labels: {}, link: null, data: {} },
        ...{ startedAt: after(minute), endedAt: null },
      },
      after(minute),
    )
    await store.incidents.alerts.change(alert.id, { incident: id })
  }
  await seen(1)
  built.unshift(release('v1.8.2'))
  history.unshift(served('v1.8.2', 2, after(20)))
  await look(id, 21)
  await seen(140)
  expect((await look(id, 141)).told.at(-1)).toBe(
    'v1.8.2 did not end it: it came back 2 h after it went live (Pool is empty).',
  )
})

test('an incident that is archived, or whose alert ends late, is followed all the same', async () => {
  const { history, built, look, named, alerted, store, viewOf } = await world()
  const id = await named('v1.8.2')
  await alerted(id, 1, 4)
  await look(id, 7)
  const [alert] = await store.incidents.alerts.list({ incident: id, limit: 1 })
  if (!alert) throw new Error('no alert')
  await changed(store, id, endedIn(await viewOf(id), alert, after(8)), after(8))
  expect((await viewOf(id)).incident.wakeAt).not.toBeNull()
  const archived = archive({ view: await viewOf(id), by: rita, now: after(9) } as never)
  if (archived.kind !== 'change') throw new Error(JSON.stringify(archived))
  await changed(store, id, archived.change, after(9))
  expect((await viewOf(id)).incident.wakeAt).not.toBeNull()
  built.unshift(release('v1.8.2'))
  history.unshift(served('v1.8.2', 2, after(20)))
  expect((await look(id, 21)).told.at(-1)).toBe('v1.8.2 serves prod. It is watched for a day.')
})

test('a fix that does not come is waited for ninety days, and whoever named it is told once', async () => {
  const { look, named } = await world()
  const id = await named('v1.8.2')
  await look(id, 7)
  const early = await look(id, 80 * day)
  expect([early.told, early.view.incident.wakeAt]).toEqual([[], after(80 * day + 60)])
  await look(id, 91 * day)
  const over = await look(id, 92 * day)
  expect(over.told).toEqual(['v1.8.2 did not go live within 90 days; it is waited for no longer.'])
  expect(over.posts.filter((key) => key.includes('given-up'))).toHaveLength(1)
  expect(over.view.incident.wakeAt).toBeNull()
})

test('what became of a fix for a private incident is told to nobody outside of its channel', async () => {
  const { built, history, look, named, alerted } = await world()
  const id = await named('v1.8.2', true)
  await alerted(id, 1, 4)
  built.unshift(release('v1.8.2'))
  history.unshift(served('v1.8.2', 2, after(20)))
  await look(id, 21)
  await alerted(null, 140, 150)
  const back = await look(id, 141)
  expect(back.posts.filter((key) => key.includes(':back'))).toEqual([expect.not.stringContaining('owner')])
})
