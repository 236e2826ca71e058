import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAlertmanager } from '../../../src/integrations/alertmanager.js'
import { actOnAlert } from '../../../src/jobs/alerts/acts.js'
import { silenceActions, tendSilences } from '../../../src/jobs/alerts/silencing.js'
import { silentLog } from '../../../src/log.js'
import { type AlertFront, asker, createAlertWorld, rita } from '../../support/alert-world.js'
import { startAlertmanager } from '../../support/alertmanager.js'
import { requirePart } from '../../support/parts.js'

const program = requirePart('alertmanager')

describe.skipIf(!program)('a real Alertmanager', () => {
  let world: Awaited<ReturnType<typeof createAlertWorld>>
  let front: AlertFront
  let alertmanager: Awaited<ReturnType<typeof startAlertmanager>>

  beforeAll(async () => {
    world = await createAlertWorld(1, { alerts: { sources: { alertmanager: { secrets: ['env:AM'] } } } })
    const [first] = world.fronts
    if (!first || !program) throw new Error('no front')
    front = first
    alertmanager = await startAlertmanager(program, {
      url: `${front.url}/v1/alerts/alertmanager`,
      token: 'secret-of-env:AM',
    })
    front.parts.outside = outside()
  }, 60_000)
  afterAll(async () => {
    await alertmanager.stop()
    await world.close()
  })

  const outside = () =>
    createAlertmanager({
      api: alertmanager.url,
      labels: { service: 'service', environment: 'environment' },
      log: silentLog,
    })

  /** As Prometheus does. */
  const fire = (alertname: string, more: object = {}, service = 'storefront') =>
    fetch(`${alertmanager.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([
        {
          labels: { alertname, severity: 'critical', service, environment: 'prod' },
          annotations: { description: '5 % of requests fail' },
          ...more,
        },
      ]),
    })
  const silences = async () => {
    const answer = await fetch(`${alertmanager.url}/api/v2/silences`)
    const found = (await answer.json()) as { status: { state: string }; createdBy: string; comment: string }[]
    return found.filter(({ status }) => status.state === 'active')
  }
  const alertNamed = async (name: string) =>
    (await front.store.incidents.alerts.list({ limit: 100 })).find(({ title }) => title === name)

  it('opens an incident through the listener within five seconds, and its end reaches the timeline', async () => {
    const start = performance.now()
    await fire('HighErrorRate')
    await expect.poll(front.incidents, { timeout: 5_000, interval: 50 }).toHaveLength(1)
    const took = performance.now() - start
    expect(took).toBeLessThan(5_000)
    await fire('HighErrorRate', { endsAt: new Date(Date.now() - 1_000).toISOString() })
    const keys = async () => (await front.store.incidents.reads.timeline(1)).map(({ kind, text }) => `${kind} ${text}`)
    await expect.poll(keys, { timeout: 15_000 }).toContainEqual(expect.stringMatching(/^alert HighErrorRate is over/))
  }, 30_000)

  it('is silenced with an alert, once for the same press, and says who did it', async () => {
    await fire('DiskFull')
    await expect.poll(() => alertNamed('DiskFull'), { timeout: 5_000 }).toBeDefined()
    const alert = await alertNamed('DiskFull')
    const press = asker()
    for (let times = 0; times < 2; times += 1) {
      const { reply } = await actOnAlert(
        front.parts,
        { name: 'silence alert', alert: alert?.id ?? 0, minutes: 30 },
        press,
      )
      expect(reply).toMatchObject({ kind: 'said', text: expect.stringContaining('silenced for 30 min') })
    }
    expect(await silences()).toMatchObject([{ createdBy: 'Rita (Shipmate)' }])
    expect((await alertNamed('DiskFull'))?.silencedUntil).not.toBeNull()
  }, 30_000)

  it('is told again when the run that silenced a place has ended, also when nobody ended it', async () => {
    const { desk } = front.store
    const intent = { job: 'deploy', service: 'checkout', environment: 'prod', input: {} }
    const order = { requestKey: 'r', team: 'T1', intent, resources: [], priority: 0, requestedBy: rita, via: 'slack' }
    const { run } = await desk.submit({ ...order, parent: null, at: new Date() })
    const [silence] = silenceActions(front.parts)
    const context = { run: run.id, step: 'silence', key: 'k', epoch: 1, attempt: 1, progress: () => {}, log: silentLog }
    const done = { ...context, signal: new AbortController().signal, clock: front.parts.clock }
    // Twice, as after a takeover.
    await silence?.run({ service: 'checkout', environment: 'prod' }, done)
    await silence?.run({ service: 'checkout', environment: 'prod' }, done)
    const ofRun = async () => (await silences()).filter(({ comment }) => comment.includes(`run #${run.id} `))
    expect(await ofRun()).toHaveLength(1)
    await tendSilences(front.parts)
    expect(await ofRun()).toHaveLength(1)
    // The worker is killed here; whoever goes on with the run fails it.
    const claim = await front.store.runs.claim(run.id)
    if (!claim) throw new Error('no claim')
    await front.store.runs.write(claim, { ended: { state: 'failed', reason: null, at: new Date() } })
    expect(await tendSilences(front.parts)).toMatchObject({ ended: 1 })
    expect(await ofRun()).toEqual([])
    expect(await tendSilences(front.parts)).toMatchObject({ ended: 0 })
  }, 30_000)

  it('that is away is told later, and what it missed is not lost', async () => {
    await fire('Elsewhere', {}, 'checkout')
    await expect.poll(() => alertNamed('Elsewhere'), { timeout: 5_000 }).toBeDefined()
    const alert = await alertNamed('Elsewhere')
    const { outside: there } = front.parts
    front.parts.outside = createAlertmanager({
      api: 'http://127.0.0.1:1',
      labels: { service: 'service', environment: 'environment' },
      log: silentLog,
    })
    const before = (await silences()).length
    const act = { name: 'silence alert' as const, alert: alert?.id ?? 0, minutes: 5 }
    const { reply } = await actOnAlert(front.parts, act, asker())
    expect(reply).toMatchObject({ text: expect.stringContaining('could not be told yet') })
    front.parts.outside = there
    await expect
      .poll(async () => (await tendSilences(front.parts)).made + (await silences()).length - before, {
        timeout: 10_000,
      })
      .toBeGreaterThan(0)
    expect(await silences()).toHaveLength(before + 1)
  }, 30_000)
})
