import { z } from 'zod'
import type { AlertNotice } from '../incidents/alert.js'
import type { OutsideAct } from '../incidents/alerts/ports.js'
import type { Severity } from '../incidents/incident.js'
import { signedBy } from './proof.js'
import { clean, header, momentSchema, nothingRead, type Reading, type Sender, shaped, webAddress } from './sender.js'

const reference = z.object({ id: z.string().nullish(), type: z.string().nullish(), summary: z.string().nullish() })
const payload = z.object({
  event: z.object({
    id: z.string().min(1),
    event_type: z.string(),
    resource_type: z.string().nullish(),
    occurred_at: momentSchema,
    agent: reference.nullish(),
    client: z.object({ name: z.string().nullish() }).nullish(),
    data: z.looseObject({
      id: z.string().nullish(),
      type: z.string().nullish(),
      title: z.string().nullish(),
      html_url: z.string().nullish(),
      incident_key: z.string().nullish(),
      urgency: z.string().nullish(),
      created_at: momentSchema,
      service: reference.nullish(),
      priority: reference.nullish(),
    }),
  }),
})
type Event = z.output<typeof payload>['event']

/** PagerDuty's webhooks v3: several signatures while its secret is being changed, one of them has to match. */
export const pagerduty: Sender = {
  source: 'pagerduty',
  path: '/alerts/pagerduty',
  claims: (headers) => header(headers, 'x-pagerduty-signature')?.includes('v1=') ?? false,
  proves({ headers, body }, secrets) {
    const signatures = (header(headers, 'x-pagerduty-signature') ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one.startsWith('v1='))
    return signedBy(
      secrets,
      [body],
      signatures.map((one) => one.slice(3)),
    )
  },
  read(body, { at }): Reading {
    const { event } = shaped(body, payload, 'pagerduty')
    const read = { ...nothingRead, key: clean(event.id, 200) }
    if (event.data.type !== 'incident' && event.resource_type !== 'incident') return read
    const ours = ourIncident(event.data.incident_key)
    if (ours !== null) return { ...read, acts: actsOf(event, ours, at) }
    const notice = noticeOf(event, at)
    return { ...read, notices: notice ? [notice] : [] }
  },
}

/** Incidents that have our key come from us: they are never an alert, or they would come back for ever. */
function ourIncident(key: string | null | undefined): number | null {
  const id = /^shipmate[:/-](?:inc-|incident[:/-])?(\d{1,12})(?:$|[^\d])/i.exec(key ?? '')?.[1]
  return id === undefined ? null : Number(id)
}

const kinds: { [type: string]: OutsideAct['kind'] } = {
  'incident.acknowledged': 'acknowledged',
  'incident.resolved': 'resolved',
  'incident.reopened': 'reopened',
}

function actsOf({ event_type, agent, client, occurred_at }: Event, incident: number, at: Date): OutsideAct[] {
  const kind = kinds[event_type]
  if (!kind) return []
  const person = agent?.type === 'user_reference' || agent?.type === 'user'
  const machine = !person || /shipmate/i.test(client?.name ?? '')
  const by = clean(agent?.summary ?? 'Somebody', 100)
  return [{ source: 'pagerduty', incident, kind, by, machine, at: occurred_at ?? at }]
}

const firing = [
  'incident.triggered',
  'incident.reopened',
  'incident.escalated',
  'incident.priority_updated',
  'incident.unacknowledged',
]

function noticeOf({ event_type, data, occurred_at }: Event, at: Date): AlertNotice | null {
  const over = event_type === 'incident.resolved'
  if (!over && !firing.includes(event_type)) return null
  const said = { service: data.service?.summary, priority: data.priority?.summary, urgency: data.urgency }
  const labels = Object.entries(said).flatMap(([name, value]) => (value ? [[name, clean(value, 200)]] : []))
  const title = clean(data.title ?? 'An incident in PagerDuty')
  return {
    ...{ source: 'pagerduty', fingerprint: clean(data.id ?? title, 200), group: null },
    ...(over
      ? { state: 'resolved', endedAt: occurred_at ?? at, severity: null }
      : { state: 'firing', endedAt: null, severity: severityOf(data.urgency) }),
    ...{ title, text: title, service: null, environment: null },
    labels: Object.fromEntries(labels),
    link: webAddress(data.html_url),
    // One that was reopened began anew.
    startedAt: (event_type === 'incident.reopened' ? occurred_at : (data.created_at ?? occurred_at)) ?? at,
    data: data.id ? { incident: clean(data.id, 100) } : {},
  }
}

const severityOf = (urgency: string | null | undefined): Severity => (urgency === 'low' ? 'SEV3' : 'SEV2')
