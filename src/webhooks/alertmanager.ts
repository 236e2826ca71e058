import { z } from 'zod'
import type { AlertNotice } from '../incidents/alert.js'
import { authorizedBy } from './proof.js'
import { clean, header, labelSchema, momentSchema, nothingRead, type Sender, shaped, webAddress } from './sender.js'

const alert = z.object({
  status: z.string(),
  labels: labelSchema,
  annotations: labelSchema,
  startsAt: momentSchema,
  endsAt: momentSchema,
  generatorURL: z.string().nullish(),
  fingerprint: z.string().min(1),
})
const payload = z.object({ groupKey: z.string().nullish(), alerts: z.array(alert).max(5_000) })

/**
 * Alertmanager, payload version 4. It signs nothing: its `http_config` sends a bearer token, or a user with a password.
 * It repeats itself on purpose, byte for byte, so no delivery is taken for a repetition.
 */
export const alertmanager = (user: string | null): Sender => ({
  source: 'alertmanager',
  path: '/alerts/alertmanager',
  claims: (headers) => header(headers, 'authorization') !== null,
  proves: ({ headers }, secrets) => authorizedBy(headers, secrets, user),
  read: (body, { at }) => ({ ...nothingRead, notices: noticesOf(body, 'alertmanager', at) }),
})

/** The form that Alertmanager and Grafana share. */
export function noticesOf(body: unknown, source: string, at: Date): AlertNotice[] {
  const { groupKey, alerts } = shaped(body, payload, source)
  return alerts.map(({ status, labels, annotations, startsAt, endsAt, generatorURL, fingerprint }) => {
    const resolved = status === 'resolved'
    const name = labels.alertname ?? annotations.summary ?? 'An alert without a name'
    return {
      source,
      fingerprint: clean(fingerprint, 200),
      group: groupKey ? clean(groupKey, 1_000) : null,
      state: resolved ? 'resolved' : 'firing',
      title: clean(annotations.title ?? name),
      text: clean(annotations.description ?? annotations.summary ?? annotations.message ?? name, 4_000),
      severity: null,
      service: null,
      environment: null,
      labels,
      link: webAddress(annotations.runbook_url) ?? webAddress(generatorURL),
      startedAt: startsAt ?? at,
      endedAt: resolved ? (endsAt ?? at) : null,
      data: {},
    }
  })
}
