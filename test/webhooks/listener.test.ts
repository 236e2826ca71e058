import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { failed } from '../../src/errors.js'
import { silentLog } from '../../src/log.js'
import { alertsSection } from '../../src/releases/sections/alerts.js'
import { createAlertListener, type Listener, type Taken } from '../../src/webhooks/listener.js'
import { armedSenders } from '../../src/webhooks/senders.js'
import { signed } from '../support/alert-world.js'

const all = ['alertmanager', 'grafana', 'sentry', 'pagerduty', 'github', 'stripe', 'n8n', 'generic', 'changes']
const sources = Object.fromEntries(all.map((name) => [name, { secrets: ['env:NEW', 'env:OLD'] }]))

let listener: Listener | null = null
afterEach(() => listener?.close())

async function listening(take: (taken: Taken) => Promise<void> = async () => {}) {
  const kept: Taken[] = []
  const lines: object[] = []
  const log = { ...silentLog, warn: (fields: object) => lines.push(fields) }
  const senders = await armedSenders(alertsSection.parse({ sources }), async (reference) => reference.slice(4))
  listener = createAlertListener({
    ...{ senders, port: 0, clock: systemClock, log },
    take: async (taken) => {
      await take(taken)
      kept.push(taken)
    },
  })
  const { url } = await listener.listen()
  const send = (path: string, text: string, headers: Record<string, string>) =>
    fetch(`${url}/v1${path}`, { method: 'POST', body: text, headers })
  const say = (path: string, body: object, secret = 'NEW') => {
    const { text, headers } = signed(body, secret)
    return send(path, text, headers)
  }
  return { kept, lines, send, say, counts: listener.counts, port: Number(new URL(url).port) }
}

describe('the listener', () => {
  it('answers 200 once it is kept, under either of two secrets', async () => {
    const { say, kept } = await listening()
    expect((await say('/alerts/generic', { title: 'Disk is full' })).status).toBe(200)
    expect((await say('/alerts/generic', { title: 'Disk is full' }, 'OLD')).status).toBe(200)
    expect(kept.map(({ notices }) => notices[0]?.title)).toEqual(['Disk is full', 'Disk is full'])
  })

  it('keeps nothing that is unsigned or wrongly signed, counts it and logs it seldom', async () => {
    const { say, send, kept, counts, lines } = await listening()
    for (let times = 0; times < 20; times += 1)
      expect((await say('/alerts/generic', { title: 'x' }, 'WRONG')).status).toBe(401)
    expect((await send('/alerts/generic', '{"title":"x"}', {})).status).toBe(401)
    for (const path of ['alertmanager', 'grafana', 'sentry', 'pagerduty', 'github', 'stripe', 'n8n'])
      expect((await send(`/alerts/${path}`, '{}', { authorization: 'Bearer WRONG' })).status).toBe(401)
    for (const path of ['/changes', '/changes/docker', '/changes/kubernetes'])
      expect((await send(path, '{}', {})).status).toBe(401)
    expect(kept).toEqual([])
    expect(counts().generic?.unsigned).toBe(21)
    expect(lines.filter((line) => 'source' in line && line.source === 'generic')).toHaveLength(1)
  })

  it('says 503 while the database is away, so that the sender tries again', async () => {
    const away = failed('database-unreachable', 'away', { transient: true })
    const { say, counts } = await listening(() => Promise.reject(away))
    const answer = await say('/alerts/generic', { title: 'x' })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await answer.text()).not.toContain('away')
    expect(counts().generic?.away).toBe(1)
  })

  it('says what it did not understand, and takes no more than a megabyte', async () => {
    const { say, send, kept } = await listening()
    const answer = await say('/alerts/generic', { text: 'without a title' })
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'webhook-malformed' }])
    const broken = await send('/alerts/alertmanager', '{', { authorization: 'Bearer NEW' })
    expect(broken.status).toBe(400)
    const large = await say('/alerts/generic', { title: 'x'.repeat(1_100_000) }).catch(() => null)
    expect(large === null || large.status === 413).toBe(true)
    expect(kept).toEqual([])
  })

  it('is not there for a sender that the operator’s file does not name', async () => {
    const senders = await armedSenders(
      alertsSection.parse({ sources: { github: { secrets: ['env:X'] } } }),
      async () => 'x',
    )
    listener = createAlertListener({ senders, take: async () => {}, port: 0, clock: systemClock, log: silentLog })
    const { url } = await listener.listen()
    expect((await fetch(`${url}/v1/alerts/stripe`, { method: 'POST', body: '{}' })).status).toBe(404)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  it('goes on answering while slow clients hold connections and many ask at once', async () => {
    let open = () => {}
    const held = new Promise<void>((resolve) => {
      open = resolve
    })
    let wait = true
    const { say, port, counts } = await listening(() => (wait ? held : Promise.resolve()))
    const slow = Array.from({ length: 50 }, () => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write('POST /v1/alerts/generic HTTP/1.1\r\nhost: x\r\n')
      return socket
    })
    const asked = Array.from({ length: 100 }, (_, at) => say('/alerts/generic', { title: `t${at}` }))
    await expect.poll(() => counts().generic?.busy ?? 0, { timeout: 8_000 }).toBeGreaterThanOrEqual(36)
    wait = false
    open()
    const answers = await Promise.all(asked)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(64)
    expect(answers.filter(({ status }) => status === 503)).toHaveLength(36)
    expect((await say('/alerts/generic', { title: 'after' })).status).toBe(200)
    for (const socket of slow) socket.destroy()
  })
})

describe('changes from elsewhere', () => {
  it('are told by anybody who can sign', async () => {
    const { say, kept } = await listening()
    const at = '2026-11-23T14:02:00Z'
    await say('/changes', { what: 'flag new-prices on', service: 'storefront', environment: 'prod', by: 'rita', at })
    expect(kept[0]?.changes).toMatchObject([
      { source: 'changes', what: 'flag new-prices on', service: 'storefront', environment: 'prod', at: new Date(at) },
    ])
  })

  it('are what Docker’s events say of containers, and not that one is healthy', async () => {
    const { say, kept } = await listening()
    // As `docker events --format '{{json .}}'` prints them.
    const event = (Action: string) => ({
      ...{ status: Action, id: 'c0ffee', from: 'shop:1.8', Type: 'container', Action, scope: 'local' },
      Actor: {
        ID: 'c0ffee',
        Attributes: { image: 'shop:1.8', name: 'shop-web-1', 'com.docker.compose.service': 'web' },
      },
      ...{ time: 1795442520, timeNano: 1795442520123456 },
    })
    await say('/changes/docker', [event('start'), event('health_status: healthy'), event('exec_start: sh')])
    expect(kept[0]?.changes).toMatchObject([
      {
        source: 'docker',
        what: 'container shop-web-1 (shop:1.8) was started',
        service: 'web',
        at: new Date(1795442520_000),
      },
    ])
  })

  it('are what Kubernetes’ events say of deployments, and not that an image was pulled', async () => {
    const { say, kept } = await listening()
    const event = (reason: string, message: string, kind = 'Deployment', name = 'storefront') => ({
      ...{ apiVersion: 'v1', kind: 'Event', metadata: { name: `${name}.17a`, namespace: 'prod', uid: `u-${reason}` } },
      involvedObject: { kind, namespace: 'prod', name, uid: 'x' },
      ...{ reason, message, type: 'Normal', count: 1, firstTimestamp: null, lastTimestamp: '2026-11-23T14:02:00Z' },
      ...{ eventTime: null, reportingComponent: '', source: { component: 'deployment-controller' } },
    })
    await say('/changes/kubernetes', [
      event('ScalingReplicaSet', 'Scaled up replica set storefront-7d9c6b5f4 to 3'),
      event('Pulled', 'Image is present', 'Pod', 'storefront-7d9c6b5f4-x2x9z'),
      event('OOMKilling', 'Memory cgroup out of memory', 'Pod', 'storefront-7d9c6b5f4-x2x9z'),
    ])
    await say('/changes/kubernetes', {
      type: 'ADDED',
      object: event('DeploymentRollback', 'Rolled back to revision 3'),
    })
    expect(kept.flatMap(({ changes }) => changes.map(({ what, service }) => [what, service]))).toEqual([
      ['Deployment storefront: ScalingReplicaSet, Scaled up replica set storefront-7d9c6b5f4 to 3', 'storefront'],
      ['Pod storefront-7d9c6b5f4-x2x9z: OOMKilling, Memory cgroup out of memory', 'storefront'],
      ['Deployment storefront: DeploymentRollback, Rolled back to revision 3', 'storefront'],
    ])
    expect(kept[0]?.changes[0]?.labels).toMatchObject({ namespace: 'prod', app: 'storefront' })
  })
})
