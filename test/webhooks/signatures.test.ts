import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { alertmanager } from '../../src/webhooks/alertmanager.js'
import { generic } from '../../src/webhooks/generic.js'
import { github } from '../../src/webhooks/github.js'
import { grafana } from '../../src/webhooks/grafana.js'
import { pagerduty } from '../../src/webhooks/pagerduty.js'
import type { Incoming, Sender } from '../../src/webhooks/sender.js'
import { sentry } from '../../src/webhooks/sentry.js'
import { stripe } from '../../src/webhooks/stripe.js'

const at = new Date('2026-11-23T14:06:00Z')
const seconds = String(at.getTime() / 1000)
const body = '{"b": 1,  "a": "ä"}'
const hex = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex')

const came = (headers: Incoming['headers'], text = body, when = at): Incoming => ({
  headers,
  body: Buffer.from(text),
  at: when,
})

/** How each sender signs with a secret at a moment, from its own documents. */
const schemes: {
  name: string
  sender: Sender
  timed: boolean
  sign(secret: string, at?: string): Incoming['headers']
}[] = [
  {
    name: 'GitHub',
    sender: github,
    timed: false,
    sign: (secret) => ({ 'x-hub-signature-256': `sha256=${hex(secret, body)}` }),
  },
  { name: 'Sentry', sender: sentry, timed: false, sign: (secret) => ({ 'sentry-hook-signature': hex(secret, body) }) },
  {
    name: 'PagerDuty',
    sender: pagerduty,
    timed: false,
    sign: (secret) => ({ 'x-pagerduty-signature': `v1=${hex(secret, body)}` }),
  },
  {
    name: 'Grafana',
    sender: grafana,
    timed: false,
    sign: (secret) => ({ 'x-grafana-alerting-signature': hex(secret, body) }),
  },
  {
    ...{ name: 'Grafana with a timestamp header', sender: grafana, timed: true },
    sign: (secret, t = seconds) => ({
      'x-grafana-alerting-signature': hex(secret, `${t}:${body}`),
      'x-grafana-alerting-timestamp': t,
    }),
  },
  {
    ...{ name: 'Stripe', sender: stripe, timed: true },
    sign: (secret, t = seconds) => ({
      'stripe-signature': `t=${t},v1=${hex(secret, `${t}.${body}`)},v0=${'0'.repeat(64)}`,
    }),
  },
  {
    ...{ name: 'the generic webhook', sender: generic, timed: true },
    sign: (secret, t = seconds) => ({
      'x-shipmate-signature': `v1=${hex(secret, `${t}.${body}`)}`,
      'x-shipmate-timestamp': t,
    }),
  },
]

describe.each(schemes)('$name', ({ sender, sign }) => {
  it('proves what was signed with its secret', () => {
    expect(sender.claims(sign('right'))).toBe(true)
    expect(sender.proves(came(sign('right')), ['right'])).toBe(true)
  })

  it('refuses another secret, another body and no signature', () => {
    expect(sender.proves(came(sign('wrong')), ['right'])).toBe(false)
    expect(sender.proves(came(sign('right'), `${body} `), ['right'])).toBe(false)
    expect(sender.proves(came({}), ['right'])).toBe(false)
    expect(sender.claims({})).toBe(false)
  })

  it('takes either of two secrets while one is being changed, and never an empty one', () => {
    expect(sender.proves(came(sign('old')), ['new', 'old'])).toBe(true)
    expect(sender.proves(came(sign('new')), ['new', 'old'])).toBe(true)
    expect(sender.proves(came(sign('old')), ['new'])).toBe(false)
    expect(sender.proves(came(sign('')), [''])).toBe(false)
  })
})

describe.each(schemes.filter(({ timed }) => timed))('$name', ({ sender, sign }) => {
  it('refuses what was signed more than five minutes ago, or for later', () => {
    for (const [minutes, holds] of [
      [-4, true],
      [4, true],
      [-6, false],
      [6, false],
    ] as const) {
      const then = String(Number(seconds) + minutes * 60)
      expect(sender.proves(came(sign('right', then)), ['right'])).toBe(holds)
    }
  })
})

describe('vectors of the vendors', () => {
  it('takes the one that GitHub’s documentation gives', () => {
    const signed = { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' }
    expect(github.proves(came(signed, 'Hello, World!'), ["It's a Secret to Everybody"])).toBe(true)
    expect(github.proves(came(signed, 'Hello, World?'), ["It's a Secret to Everybody"])).toBe(false)
  })

  it('takes any of several signatures of PagerDuty, as it sends them while its own secret changes', () => {
    const other = 'v1=f03de6f61df6e454f3620c4d6aca17ad072d3f8bbb2760eac3b2ad391b5e8073'
    const both = { 'x-pagerduty-signature': `${other}, v1=${hex('right', body)}` }
    expect(pagerduty.proves(came(both), ['right'])).toBe(true)
    expect(pagerduty.proves(came({ 'x-pagerduty-signature': other }), ['right'])).toBe(false)
    expect(pagerduty.proves(came({ 'x-pagerduty-signature': `v2=${hex('right', body)}` }), ['right'])).toBe(false)
  })

  it('takes any of several signatures of Stripe, and only its version 1', () => {
    const right = hex('whsec_right', `${seconds}.${body}`)
    const sign = (value: string) => came({ 'stripe-signature': value })
    expect(stripe.proves(sign(`t=${seconds},v1=${'0'.repeat(64)},v1=${right}`), ['whsec_right'])).toBe(true)
    expect(stripe.proves(sign(`t=${seconds},v0=${right}`), ['whsec_right'])).toBe(false)
    expect(stripe.proves(sign(`v1=${right}`), ['whsec_right'])).toBe(false)
  })
})

describe('Alertmanager', () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })

  it('is let in by its bearer token, or by a user with a password', () => {
    const sender = alertmanager('am')
    expect(sender.proves(came({ authorization: 'Bearer right' }), ['right'])).toBe(true)
    expect(sender.proves(came(basic('am:right')), ['right'])).toBe(true)
    expect(sender.proves(came({ authorization: 'Bearer old' }), ['right', 'old'])).toBe(true)
  })

  it('is not let in otherwise', () => {
    const sender = alertmanager('am')
    for (const headers of [
      { authorization: 'Bearer righ' },
      { authorization: 'Bearer ' },
      basic('other:right'),
      basic('am:wrong'),
      {},
    ])
      expect(sender.proves(came(headers), ['right'])).toBe(false)
    expect(sender.proves(came({ authorization: 'Bearer x' }), [''])).toBe(false)
  })
})
