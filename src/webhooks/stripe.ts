import { z } from 'zod'
import type { AlertNotice } from '../incidents/alert.js'
import { isFresh, signedBy } from './proof.js'
import { clean, header, momentSchema, nothingRead, type Reading, type Sender, shaped } from './sender.js'

const payload = z.object({
  id: z.string().min(1),
  type: z.string(),
  created: momentSchema,
  livemode: z.boolean().default(false),
  account: z.string().nullish(),
  data: z.object({ object: z.looseObject({ id: z.string().nullish() }) }).nullish(),
})
type Event = z.output<typeof payload>

/** Stripe: `stripe-signature: t=<seconds>,v1=<hex>[,v1=<hex>]` over `<seconds>.<body>`. */
export const stripe: Sender = {
  source: 'stripe',
  path: '/alerts/stripe',
  claims: (headers) => signatureOf(header(headers, 'stripe-signature')).signatures.length > 0,
  proves({ headers, body, at }, secrets) {
    const { seconds, signatures } = signatureOf(header(headers, 'stripe-signature'))
    return isFresh(seconds, at) && signedBy(secrets, [`${seconds}.`, body], signatures)
  },
  read(body, { at }): Reading {
    const event = shaped(body, payload, 'stripe')
    const notice = noticeOf(event, at)
    return { ...nothingRead, key: clean(event.id, 200), notices: notice ? [notice] : [] }
  },
}

function signatureOf(value: string | null): { seconds: string | null; signatures: string[] } {
  const parts = (value ?? '').split(',').map((part) => part.trim().split('=', 2))
  const seconds = parts.find(([name]) => name === 't')?.[1] ?? null
  return { seconds, signatures: parts.flatMap(([name, hex]) => (name === 'v1' && hex ? [hex] : [])) }
}

/** What keeps money from coming in or going out; everything else that Stripe may send is not an alert. */
function noticeOf({ type, created, livemode, account, data }: Event, at: Date): AlertNotice | null {
  const object = data?.object ?? {}
  const of = typeof object.id === 'string' ? object.id : (account ?? 'account')
  const made = (notice: Pick<AlertNotice, 'fingerprint' | 'title' | 'text' | 'severity' | 'state'>): AlertNotice => ({
    ...{ source: 'stripe', group: null, service: null, environment: null, link: null, data: {} },
    ...{
      ...notice,
      fingerprint: clean(notice.fingerprint, 200),
      title: clean(notice.title),
      text: clean(notice.text, 1_000),
    },
    labels: { type, livemode: String(livemode), ...(account ? { account: clean(account, 100) } : {}) },
    startedAt: created ?? at,
    endedAt: notice.state === 'resolved' ? (created ?? at) : null,
  })
  const reason = (name: string) => (typeof object[name] === 'string' ? object[name] : 'no reason given')
  if (type === 'account.updated' && typeof object.charges_enabled === 'boolean') {
    const open = object.charges_enabled
    const title = 'Stripe takes no payments for this account'
    const text = open ? 'It takes payments again.' : `charges_enabled is false: ${restriction(object)}`
    return made({
      fingerprint: `charges:${of}`,
      title,
      text,
      severity: open ? null : 'SEV1',
      state: open ? 'resolved' : 'firing',
    })
  }
  if (type === 'payout.failed')
    return made({
      fingerprint: `payout:${of}`,
      title: 'A payout of Stripe failed',
      text: reason('failure_message'),
      severity: 'SEV3',
      state: 'firing',
    })
  if (type === 'charge.dispute.created')
    return made({
      fingerprint: `dispute:${of}`,
      title: 'A payment is disputed',
      text: reason('reason'),
      severity: 'SEV4',
      state: 'firing',
    })
  if (type === 'charge.dispute.closed')
    return made({
      fingerprint: `dispute:${of}`,
      title: 'A payment is disputed',
      text: reason('status'),
      severity: null,
      state: 'resolved',
    })
  return null
}

function restriction(object: { [name: string]: unknown }): string {
  const requirements = z.object({ disabled_reason: z.string().nullish() }).safeParse(object.requirements)
  return requirements.data?.disabled_reason ?? 'no reason given'
}
