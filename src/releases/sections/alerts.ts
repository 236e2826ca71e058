import { z } from 'zod'
import { webAddress as address, channel, duration, secret } from './values.js'

/** Alerts and changes from elsewhere: who may send them, what they mean, which of them open an incident. */

const word = z.string({ error: 'a word' }).min(1, { error: 'a word' }).max(200, { error: 'at most 200 characters' })
const severity = z.enum(['SEV1', 'SEV2', 'SEV3', 'SEV4'], { error: '"SEV1" or "SEV2" or "SEV3" or "SEV4"' })
const severities = z.array(severity, { error: 'a list of severities such as [SEV1, SEV2]' })
const matcher = word.refine(isMatcher, { error: 'a word, or a pattern between slashes such as "/^checkout-/"' })

const route = z.strictObject({
  /** All of them have to match. */
  match: z.record(word, matcher, { error: 'labels with what they have to be' }),
  service: word.optional(),
  environment: word.optional(),
  severity: severity.optional(),
  declare: severities.optional(),
  channel: channel.optional(),
  ignore: z.boolean({ error: 'true or false' }).default(false),
})

// Two at a time, so that a secret can be changed without losing a single alert.
const secrets = z
  .array(secret, { error: 'a list of one or two references to secrets' })
  .min(1, { error: 'at least one secret' })
  .max(2, { error: 'at most two secrets: the new one, and the old one while it is being changed' })
const plain = z.strictObject({ secrets })

export const alertSources = [
  'alertmanager',
  'grafana',
  'sentry',
  'pagerduty',
  'github',
  'stripe',
  'n8n',
  'generic',
  'changes',
] as const
export type AlertSource = (typeof alertSources)[number]

export const alertsSection = z.strictObject({
  declare: severities.default(['SEV1', 'SEV2']),
  channel: channel.optional(),
  storm: z
    .strictObject({ services: z.number({ error: 'a whole number from 2 to 100' }).int().min(2).max(100).default(3) })
    .default({ services: 3 }),
  severity: z
    .strictObject({
      labels: z.array(word).default(['severity', 'level', 'priority']),
      map: z.record(word, severity).default({}),
    })
    .default({ labels: ['severity', 'level', 'priority'], map: {} }),
  labels: z
    .strictObject({
      service: z.array(word).min(1).default(['service', 'app', 'job']),
      environment: z.array(word).min(1).default(['environment', 'env', 'namespace']),
    })
    .default({ service: ['service', 'app', 'job'], environment: ['environment', 'env', 'namespace'] }),
  unheard: duration.default(86_400_000),
  routes: z.array(route, { error: 'a list of routes' }).default([]),
  silence: z
    .strictObject({
      deploys: z.boolean({ error: 'true or false' }).default(false),
      longest: duration.default(3_600_000),
    })
    .default({ deploys: false, longest: 3_600_000 }),
  sources: z
    .strictObject({
      alertmanager: z
        .strictObject({ secrets, user: word.optional(), api: address.optional(), apiToken: secret.optional() })
        .optional(),
      ...{ grafana: plain.optional(), sentry: plain.optional(), pagerduty: plain.optional() },
      ...{ github: plain.optional(), stripe: plain.optional(), n8n: plain.optional() },
      ...{ generic: plain.optional(), changes: plain.optional() },
    })
    .default({}),
})

export type AlertsSection = z.output<typeof alertsSection>

function isMatcher(text: string): boolean {
  const pattern = /^\/(.+)\/$/.exec(text)?.[1]
  if (pattern === undefined) return true
  try {
    return new RegExp(pattern, 'u') !== null
  } catch {
    return false
  }
}
