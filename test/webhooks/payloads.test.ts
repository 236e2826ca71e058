import { describe, expect, it } from 'vitest'
import { github } from '../../src/webhooks/github.js'
import { n8n } from '../../src/webhooks/n8n.js'
import { pagerduty } from '../../src/webhooks/pagerduty.js'
import type { Sender } from '../../src/webhooks/sender.js'
import { sentry } from '../../src/webhooks/sentry.js'
import { stripe } from '../../src/webhooks/stripe.js'

// The vendors cannot run here: these payloads have the fields that their documents give.
const at = new Date('2026-11-23T14:06:00Z')
const read = (sender: Sender, body: unknown, headers: Record<string, string> = {}) =>
  sender.read(body, { headers, body: Buffer.alloc(0), at })

const repository = {
  full_name: 'acme/storefront',
  name: 'storefront',
  default_branch: 'main',
  html_url: 'https://github.com/acme/storefront',
}
const deployment = {
  id: 7,
  ref: 'v1.8',
  sha: '3f1c2abd',
  environment: 'prod',
  created_at: '2026-11-23T14:02:00Z',
  creator: { login: 'rita' },
  payload: {},
}

describe('GitHub', () => {
  const event = (name: string) => ({ 'x-github-event': name, 'x-github-delivery': 'guid' })

  it('tells deployments by others as changes, and not Shipmate’s own', () => {
    const sent = { action: 'created', deployment, repository, sender: { login: 'rita' } }
    const { key, changes, notices } = read(github, sent, event('deployment'))
    expect([key, notices]).toEqual(['guid', []])
    expect(changes).toMatchObject([
      {
        key: 'deployment:7',
        what: 'storefront v1.8 (3f1c2ab) is being deployed to prod',
        service: 'storefront',
        environment: 'prod',
        by: 'rita',
      },
    ])
    const own = { ...sent, deployment: { ...deployment, payload: { shipmate: { run: 482 } } } }
    expect(read(github, own, event('deployment')).changes).toEqual([])
  })

  it('tells how a deployment ended, and nothing in between', () => {
    const status = (state: string) => ({
      deployment,
      deployment_status: { id: 9, state, created_at: '2026-11-23T14:03:00Z' },
      repository,
    })
    const said = (state: string) =>
      read(github, status(state), event('deployment_status')).changes.map(({ what }) => what)
    expect(said('in_progress')).toEqual([])
    expect(said('success')).toEqual(['storefront v1.8 (3f1c2ab) was deployed to prod'])
    expect(said('failure')).toEqual(['storefront v1.8 (3f1c2ab) could not be deployed to prod'])
  })

  it('tells of a workflow that fails on the default branch until it is green, and of no other branch', () => {
    const run = (head_branch: string, conclusion: string) => ({
      action: 'completed',
      workflow_run: {
        name: 'CI',
        workflow_id: 5,
        head_branch,
        conclusion,
        head_sha: '3f1c2abd',
        updated_at: at.toISOString(),
        created_at: at.toISOString(),
      },
      repository,
    })
    const said = (branch: string, conclusion: string) =>
      read(github, run(branch, conclusion), event('workflow_run')).notices
    expect(said('main', 'failure')).toMatchObject([{ fingerprint: 'acme/storefront:workflow:5:main', state: 'firing' }])
    expect(said('main', 'success')).toMatchObject([
      { fingerprint: 'acme/storefront:workflow:5:main', state: 'resolved' },
    ])
    expect(said('feature', 'failure')).toEqual([])
    expect(read(github, { zen: 'Keep it simple.' }, event('ping')).notices).toEqual([])
  })
})

describe('Sentry', () => {
  const resource = (name: string) => ({ 'sentry-hook-resource': name, 'request-id': 'r1' })

  it('tells issue alerts and metric alerts, and ends an issue’s alert when it is resolved there', () => {
    const event = {
      issue_id: '42',
      title: 'TypeError: x',
      culprit: 'cart.ts',
      level: 'error',
      environment: 'prod',
      datetime: at.toISOString(),
      web_url: 'https://sentry.io/42',
      tags: [['service', 'storefront']],
    }
    const alert = read(
      sentry,
      { action: 'triggered', data: { event, triggered_rule: 'Many errors' } },
      resource('event_alert'),
    )
    expect(alert).toMatchObject({
      key: 'r1',
      notices: [{ fingerprint: 'issue:42', state: 'firing', labels: { service: 'storefront', environment: 'prod' } }],
    })
    const issue = {
      action: 'resolved',
      data: { issue: { id: '42', title: 'TypeError: x', project: { slug: 'shop' } } },
    }
    expect(read(sentry, issue, resource('issue')).notices).toMatchObject([
      { fingerprint: 'issue:42', state: 'resolved' },
    ])
    const metric = (action: string) => ({
      action,
      data: {
        metric_alert: { id: 3, title: 'Errors', projects: ['shop'], date_started: at.toISOString() },
        description_text: '1000 events',
      },
    })
    expect(read(sentry, metric('critical'), resource('metric_alert')).notices).toMatchObject([
      { fingerprint: 'metric:3', severity: 'SEV2' },
    ])
    expect(read(sentry, metric('resolved'), resource('metric_alert')).notices).toMatchObject([{ state: 'resolved' }])
    expect(read(sentry, { data: {} }, resource('comment')).notices).toEqual([])
  })

  const thrown = (frames: unknown) => ({
    ...{ issue_id: '42', title: 'TypeError: x', release: 'shop@1.9.1', level: 'error' },
    ...{
      tags: [
        ['browser', 'Chrome 139.0.0'],
        ['os', 'Windows 11'],
        ['user', 'id:4711'],
      ],
    },
    user: { id: '4711', email: 'anna@example.com', username: 'anna', ip_address: '203.0.113.7' },
    exception: { values: [{ type: 'TypeError', value: 'x', stacktrace: { frames } }] },
  })
  const noticeOf = (event: unknown) =>
    read(sentry, { data: { event, triggered_rule: 'Many errors' } }, resource('event_alert')).notices[0]
  const dataOf = (event: unknown) => noticeOf(event)?.data

  it('tells the application’s own frames, newest call first, with what it was seen, and nobody’s name', () => {
    const notice = noticeOf(
      thrown([
        { function: 'handle', filename: 'src/routes.ts', lineno: 7, in_app: true },
        { function: 'applyDiscount', filename: 'src/cart.ts', lineno: 42, in_app: true },
        { function: 'reduce', filename: 'node_modules/lodash/index.js', lineno: 1, in_app: false },
      ]),
    )
    expect(notice?.data).toEqual({
      frames: ['applyDiscount (src/cart.ts:42)', 'handle (src/routes.ts:7)'],
      places: ['src/cart.ts:42', 'src/routes.ts:7'],
      seenWith: ['shop@1.9.1', 'Chrome 139.0.0', 'Windows 11'],
    })
    expect(JSON.stringify(notice)).not.toMatch(/anna|4711|203\.0\.113/)
  })

  it('tells the packages’ frames where none is the application’s own, and loses no alert over details it cannot read', () => {
    expect(dataOf(thrown([{ abs_path: '/app/node_modules/pg/client.js', lineno: 'x' }]))).toMatchObject({
      frames: ['/app/node_modules/pg/client.js'],
    })
    expect(dataOf(thrown('none'))).toMatchObject({ frames: [] })
  })

  it('tells how many people an issue has hit', () => {
    const found = { id: '42', title: 'TypeError: x', userCount: 12, count: '340' }
    const { notices } = read(sentry, { action: 'unresolved', data: { issue: found } }, resource('issue'))
    expect(notices).toMatchObject([{ data: { people: 12, times: 340 } }])
  })
})

describe('PagerDuty', () => {
  const event = (event_type: string, data: object, agent = { type: 'user_reference', summary: 'Rita' }) => ({
    event: {
      id: 'E1',
      event_type,
      resource_type: 'incident',
      occurred_at: at.toISOString(),
      agent,
      data: { id: 'P1', type: 'incident', title: 'DB is slow', urgency: 'high', ...data },
    },
  })

  it('tells its own incidents as alerts', () => {
    expect(read(pagerduty, event('incident.triggered', {}))).toMatchObject({
      key: 'E1',
      notices: [{ fingerprint: 'P1', state: 'firing' }],
      acts: [],
    })
    expect(read(pagerduty, event('incident.resolved', {})).notices).toMatchObject([{ state: 'resolved' }])
    expect(read(pagerduty, event('incident.annotated', {})).notices).toEqual([])
  })

  it('tells what people do to incidents that it has from us as acts, and never as alerts', () => {
    const ours = { incident_key: 'shipmate:INC-31' }
    expect(read(pagerduty, event('incident.triggered', ours))).toMatchObject({ notices: [], acts: [] })
    expect(read(pagerduty, event('incident.acknowledged', ours)).acts).toMatchObject([
      { incident: 31, kind: 'acknowledged', by: 'Rita', machine: false },
    ])
    const echo = event('incident.acknowledged', ours, { type: 'inbound_integration_reference', summary: 'Shipmate' })
    expect(read(pagerduty, echo).acts).toMatchObject([{ machine: true }])
  })
})

describe('Stripe and n8n', () => {
  it('tell what keeps money or work from coming in, and nothing else', () => {
    const stripeEvent = (type: string, object: object) => ({
      id: 'evt_1',
      type,
      created: at.getTime() / 1000,
      livemode: true,
      data: { object },
    })
    const account = (open: boolean) =>
      stripeEvent('account.updated', {
        id: 'acct_1',
        charges_enabled: open,
        requirements: { disabled_reason: 'past_due' },
      })
    expect(read(stripe, account(false)).notices).toMatchObject([
      { severity: 'SEV1', state: 'firing', text: expect.stringContaining('past_due') },
    ])
    expect(read(stripe, account(true)).notices).toMatchObject([{ state: 'resolved' }])
    expect(read(stripe, stripeEvent('invoice.paid', {})).notices).toEqual([])
    const failure = {
      execution: {
        id: '231',
        url: 'https://n8n/execution/231',
        error: { message: 'No such host' },
        lastNodeExecuted: 'HTTP',
        mode: 'trigger',
      },
      workflow: { id: '1', name: 'Orders' },
    }
    expect(read(n8n, [failure]).notices).toMatchObject([
      { fingerprint: 'workflow:1', title: 'Workflow Orders failed at HTTP', text: 'No such host' },
    ])
    expect(read(n8n, { title: 'Own alert' }).notices).toMatchObject([{ source: 'n8n', title: 'Own alert' }])
  })
})
