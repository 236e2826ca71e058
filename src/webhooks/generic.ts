import { z } from 'zod'
import type { AlertNotice } from '../incidents/alert.js'
import { severities } from '../incidents/incident.js'
import { digestOf } from '../json.js'
import { shipmateProof } from './proof.js'
import {
  clean,
  labelSchema,
  momentSchema,
  nothingRead,
  type Reading,
  type Sender,
  shaped,
  webAddress,
} from './sender.js'

const alert = z.object({
  title: z.string().min(1),
  text: z.string().nullish(),
  status: z.enum(['firing', 'resolved']).default('firing'),
  fingerprint: z.string().min(1).nullish(),
  group: z.string().nullish(),
  severity: z.union([z.enum(severities), z.string()]).nullish(),
  service: z.string().nullish(),
  environment: z.string().nullish(),
  labels: labelSchema,
  link: z.string().nullish(),
  startedAt: momentSchema,
  endedAt: momentSchema,
})
const payload = z.union([
  z.object({ alerts: z.array(alert).min(1).max(1_000) }),
  alert.transform((one) => ({ alerts: [one] })),
])

/** Anything that can sign: docs/operations/alerts.md has the form, and three lines of shell that send one. */
export const generic: Sender = {
  source: 'generic',
  path: '/alerts/generic',
  claims: shipmateProof.claims,
  proves: shipmateProof.proves,
  read: (body, { headers, at }) => readGeneric(body, 'generic', shipmateProof.key(headers), at),
}

export function readGeneric(body: unknown, source: string, key: string | null, at: Date): Reading {
  const { alerts } = shaped(body, payload, source)
  return { ...nothingRead, key, notices: alerts.map((one) => noticeOf(one, source, at)) }
}

function noticeOf(one: z.output<typeof alert>, source: string, at: Date): AlertNotice {
  const { title, text, status, group, service, environment, labels, link, startedAt, endedAt } = one
  const severity = severities.find((known) => known === one.severity) ?? null
  const words: { [name: string]: string } =
    one.severity && severity === null ? { severity: clean(one.severity, 50) } : {}
  return {
    source,
    fingerprint: clean(one.fingerprint ?? digestOf({ title, service, environment, labels }).slice(0, 32), 200),
    group: group ? clean(group, 500) : null,
    state: status,
    title: clean(title),
    text: clean(text ?? title, 4_000),
    severity,
    service: service ? clean(service, 100) : null,
    environment: environment ? clean(environment, 100) : null,
    labels: { ...labels, ...words },
    link: webAddress(link),
    startedAt: startedAt ?? at,
    endedAt: status === 'resolved' ? (endedAt ?? at) : null,
    data: {},
  }
}
