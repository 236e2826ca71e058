import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type AlertFront, createAlertWorld, many, notice, payload } from '../../support/alert-world.js'

const sources = { alertmanager: { secrets: ['env:AM'] } }
const labels = (given: { [name: string]: string } = {}) => ({
  ...{ alertname: 'HighErrorRate', severity: 'critical', service: 'storefront', environment: 'prod' },
  ...given,
})
const began = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1000).toISOString()
const ended = (startsAt: string) => ({ status: 'resolved', startsAt, endsAt: new Date().toISOString() })

let world: Awaited<ReturnType<typeof createAlertWorld>>
let front: AlertFront
let other: AlertFront

beforeEach(async () => {
  await world?.close()
  world = await createAlertWorld(2, { alerts: { sources } })
  const [first, second] = world.fronts
  if (!first || !second) throw new Error('no fronts')
  front = first
  other = second
})
afterAll(() => world.close())

const send = async (to: AlertFront, ...alerts: Parameters<typeof payload>) => {
  const answer = await to.post('/alerts/alertmanager', payload(...alerts))
  expect(answer.status).toBe(200)
}
const settled = () => Promise.all([front.judge.settled(), other.judge.settled()])
const timeline = async (id: number) =>
  (await front.store.incidents.reads.timeline(id)).map(({ key }) => key.replace(/\d+/, 'n'))

describe('an alert that is severe enough', () => {
  it('opens one incident out of a hundred duplicates that come within ten seconds on two fronts', async () => {
    const startsAt = began(1)
    await Promise.all(Array.from({ length: 100 }, (_, at) => send(at % 2 ? front : other, { startsAt })))
    await settled()
    const incidents = await front.incidents()
    expect(incidents).toHaveLength(1)
    expect(incidents[0]).toMatchObject({
      title: 'HighErrorRate',
      severity: 'SEV1',
      service: 'storefront',
      environment: 'prod',
    })
    const [alert] = await front.store.incidents.alerts.list({ firing: true, limit: 10 })
    expect(alert).toMatchObject({ notices: 100, incident: incidents[0]?.id })
    expect(await timeline(incidents[0]?.id ?? 0)).toEqual(['declared', 'alert:n:fired'])
  })

  it('opens its incident within five seconds of its arrival', async () => {
    const start = performance.now()
    await send(front, {})
    await expect.poll(front.incidents, { interval: 10, timeout: 5_000 }).toHaveLength(1)
    expect(performance.now() - start).toBeLessThan(5_000)
  })

  it('joins the open incident of its place or of its group, and no other', async () => {
    await send(front, { fingerprint: 'one' })
    await settled()
    await send(other, { fingerprint: 'two', labels: labels({ alertname: 'SlowCheckout', severity: 'warning' }) })
    await send(front, { fingerprint: 'three', labels: labels({ environment: 'staging' }) })
    await settled()
    const incidents = await front.incidents()
    expect(incidents.map(({ environment }) => environment)).toEqual(['staging', 'prod'])
    const view = await front.store.incidents.rows.view(incidents[1]?.id ?? 0)
    expect(view?.alerts).toEqual({ all: 2, firing: 2 })
  })

  it('wakes its incident when it is over, and joins it again when it fires again', async () => {
    const startsAt = began(60)
    await send(front, { startsAt })
    await settled()
    await send(front, ended(startsAt))
    await send(other, { startsAt: began(0) })
    await settled()
    const [incident, ...more] = await front.incidents()
    expect(more).toEqual([])
    expect(await timeline(incident?.id ?? 0)).toEqual(['declared', 'alert:n:fired', 'alert:n:ended', 'alert:n:fired'])
    expect(incident?.wakeAt).not.toBeNull()
  })

  it('is not woken from the dead by a notice that comes late', async () => {
    const startsAt = began(60)
    await send(front, { startsAt })
    await send(front, ended(startsAt))
    await send(other, { startsAt })
    await settled()
    expect(await front.store.incidents.alerts.list({ firing: true, limit: 10 })).toEqual([])
  })

  it('is judged by the next one when the process that took it died before it looked', async () => {
    const { book, intake } = front.parts
    await intake.take(
      { source: 'alertmanager', key: null, notices: [notice({ severity: 'SEV1' })], changes: [] },
      new Date(),
    )
    expect(await front.incidents()).toEqual([])
    expect(await book.unjudged(new Date(), 10)).toHaveLength(1)
    await other.judge.judgeAll()
    expect(await front.incidents()).toHaveLength(1)
    expect(await book.unjudged(new Date(), 10)).toEqual([])
  })
})

describe('a storm', () => {
  it('of sixty services at once is one incident that says so', async () => {
    await Promise.all(
      many.map((service, at) => send(at % 2 ? front : other, { fingerprint: service, labels: labels({ service }) })),
    )
    await settled()
    await front.judge.judgeAll()
    const open = (await front.incidents()).filter(({ state }) => state === 'open')
    expect(open).toHaveLength(1)
    expect(open[0]?.title).toMatch(/services raise alerts at once in prod/)
    const view = await front.store.incidents.rows.view(open[0]?.id ?? 0)
    expect(view?.alerts).toEqual({ all: 60, firing: 60 })
  })

  it('that grows slowly takes in the incidents that it opened before, unless somebody has taken one', async () => {
    for (const service of many.slice(0, 4)) {
      await send(front, { fingerprint: service, labels: labels({ service }) })
      await settled()
    }
    const states = (await front.incidents()).map(({ state, service, duplicateOf }) => ({ state, service, duplicateOf }))
    const [second, first] = states
    expect(states).toHaveLength(2)
    expect(first).toMatchObject({ state: 'open', service: null })
    expect(second).toMatchObject({ state: 'duplicate' })
  })
})

describe('an alert below what opens an incident', () => {
  const minor = labels({ severity: 'warning' })

  it('becomes one message in its environment’s channel, edited when it repeats, with a reply when it is over', async () => {
    const startsAt = began(120)
    const { alertTelling } = front.store.incidents
    await send(front, { startsAt, labels: minor })
    await settled()
    expect(await front.incidents()).toEqual([])
    const [message] = await alertTelling.stale(new Date(), 10)
    expect(message).toMatchObject({ channel: 'C0PROD', ts: null, told: 'message' })
    await alertTelling.drawn(message?.id ?? 0, message?.version ?? 0, '1.1')
    expect(await alertTelling.stale(new Date(), 10)).toEqual([])
    await send(other, { startsAt, labels: minor })
    expect(await alertTelling.stale(new Date(), 10)).toMatchObject([{ ts: '1.1', alert: { notices: 2 } }])
    await send(front, { ...ended(startsAt), labels: minor })
    await settled()
    expect(await alertTelling.pending(new Date(), 10)).toMatchObject([
      { channel: 'C0PROD', ts: '1.1', text: expect.stringMatching(/^It is over after 2 min/) },
    ])
    await send(front, { startsAt: began(0), labels: minor })
    await settled()
    expect(await alertTelling.stale(new Date(), 10)).toMatchObject([{ id: message?.id, alert: { state: 'firing' } }])
    expect(await alertTelling.alertAt('C0PROD', '1.1')).not.toBeNull()
  })

  it('opens an incident when it becomes severe enough', async () => {
    const startsAt = began(60)
    await send(front, { startsAt, labels: minor })
    await settled()
    await send(front, { startsAt, labels: labels() })
    await settled()
    expect(await front.incidents()).toMatchObject([{ severity: 'SEV1' }])
  })
})

describe('a delivery', () => {
  it('that names itself is taken once', async () => {
    const { intake } = front.parts
    const delivery = { source: 'github', key: 'd-1', notices: [notice({ source: 'github' })], changes: [] }
    const all = await Promise.all(
      [front, other, front, other].map(({ parts }) => parts.intake.take(delivery, new Date())),
    )
    expect(all.filter(({ taken }) => taken)).toHaveLength(1)
    expect(await intake.take(delivery, new Date())).toEqual({ taken: false, turned: 0 })
    const [alert] = await front.store.incidents.alerts.list({ limit: 10 })
    expect(alert?.notices).toBe(1)
  })

  it('with many alerts is kept whole or not at all', async () => {
    const { intake, alerts } = front.parts
    const broken = notice({ fingerprint: 'b', state: 'nonsense' as 'firing' })
    const delivery = { source: 'x', key: 'd-2', notices: [notice({ fingerprint: 'a' }), broken], changes: [] }
    await expect(intake.take(delivery, new Date())).rejects.toThrow()
    expect(await alerts.list({ limit: 10 })).toEqual([])
    expect((await intake.take({ ...delivery, notices: [] }, new Date())).taken).toBe(true)
  })

  it('and its opposite with the same alerts in another order never wait for each other', async () => {
    const notices = Array.from({ length: 50 }, (_, at) => notice({ fingerprint: `f${at}`, severity: 'SEV4' }))
    const sent = Array.from({ length: 12 }, (_, at) => {
      const { intake } = (at % 2 ? front : other).parts
      const order = at % 3 ? notices : [...notices].reverse()
      return intake.take({ source: 'alertmanager', key: null, notices: order, changes: [] }, new Date())
    })
    await Promise.all(sent)
    expect(await front.store.incidents.alerts.list({ limit: 100 })).toHaveLength(50)
  })
})
