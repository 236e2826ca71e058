import { z } from 'zod'
import type { AlertNotice } from '../incidents/alert.js'
import type { Severity } from '../incidents/incident.js'
import { signedBy } from './proof.js'
import {
  clean,
  header,
  type Incoming,
  labelSchema,
  momentSchema,
  nothingRead,
  type Reading,
  type Sender,
  shaped,
  webAddress,
} from './sender.js'
import { contextOf, countSchema, exceptionSchema } from './sentry-error.js'

const text = z.string().nullish()
const id = z.union([z.string(), z.number()]).transform(String)

const eventAlert = z.object({
  data: z.object({
    event: z.object({
      issue_id: id.nullish(),
      title: text,
      culprit: text,
      level: text,
      environment: text,
      release: text,
      datetime: momentSchema,
      web_url: text,
      url: text,
      tags: z.array(z.tuple([z.string(), z.string().nullable()])).nullish(),
      exception: exceptionSchema,
    }),
    triggered_rule: text,
  }),
})

const metricAlert = z.object({
  action: z.enum(['critical', 'warning', 'resolved']),
  data: z.object({
    metric_alert: z.object({
      id,
      identifier: id.nullish(),
      title: text,
      date_started: momentSchema,
      date_closed: momentSchema,
      projects: z.array(z.string()).nullish(),
      alert_rule: z.object({ environment: text, name: text }).nullish(),
    }),
    description_title: text,
    description_text: text,
    web_url: text,
  }),
})

const issue = z.object({
  action: z.string(),
  data: z.object({
    issue: z.object({
      id,
      title: text,
      culprit: text,
      level: text,
      permalink: text,
      web_url: text,
      firstSeen: momentSchema,
      lastSeen: momentSchema,
      project: z.object({ slug: text }).nullish(),
      userCount: countSchema,
      count: countSchema,
    }),
  }),
})

/** Sentry's integration platform: hex HMAC of the body with the client secret. */
export const sentry: Sender = {
  source: 'sentry',
  path: '/alerts/sentry',
  claims: (headers) => header(headers, 'sentry-hook-signature') !== null,
  proves: ({ headers, body }, secrets) => signedBy(secrets, [body], [header(headers, 'sentry-hook-signature') ?? '']),
  read(body, incoming): Reading {
    const key = header(incoming.headers, 'request-id')
    const notice = noticeOf(body, header(incoming.headers, 'sentry-hook-resource'), incoming)
    return { ...nothingRead, key, notices: notice ? [notice] : [] }
  },
}

/** Comments, installations and single errors are not for us. */
function noticeOf(body: unknown, resource: string | null, { at }: Incoming): AlertNotice | null {
  if (resource === 'event_alert') return fromEvent(body, at)
  if (resource === 'metric_alert') return fromMetric(body, at)
  if (resource === 'issue') return fromIssue(body, at)
  return null
}

const levels: { [level: string]: Severity } = { fatal: 'SEV2', error: 'SEV3', warning: 'SEV4', info: 'SEV4' }
const levelOf = (level: string | null | undefined): Severity => levels[level ?? ''] ?? 'SEV3'

/** Tags with ids, names or addresses of people: nobody is routed by them, so they are not kept. */
const aboutAPerson = /^(user(\..*)?|email|username|ip(_address)?)$/i

function fromEvent(body: unknown, at: Date): AlertNotice | null {
  const { event, triggered_rule } = shaped(body, eventAlert, 'sentry').data
  const told = (event.tags ?? []).filter(([name]) => !aboutAPerson.test(name))
  const tags = labelSchema.parse(Object.fromEntries(told))
  const labels = { ...tags, ...named({ environment: event.environment, release: event.release, rule: triggered_rule }) }
  const title = clean(event.title ?? 'An error in Sentry')
  return {
    ...base(`issue:${event.issue_id ?? title}`, labels, event.datetime ?? at),
    title,
    text: clean(
      [event.culprit, triggered_rule && `rule: ${triggered_rule}`].filter(Boolean).join(' · ') || title,
      4_000,
    ),
    severity: levelOf(event.level),
    link: webAddress(event.web_url) ?? webAddress(event.url),
    data: contextOf(event.exception, { ...tags, ...named({ release: event.release }) }),
  }
}

function fromMetric(body: unknown, at: Date): AlertNotice {
  const { action, data } = shaped(body, metricAlert, 'sentry')
  const { metric_alert: alert } = data
  const labels = named({
    environment: alert.alert_rule?.environment,
    project: alert.projects?.[0],
    rule: alert.alert_rule?.name,
  })
  const title = clean(data.description_title ?? alert.title ?? 'A metric alert in Sentry')
  const over = action === 'resolved'
  return {
    ...base(`metric:${alert.id}`, labels, alert.date_started ?? at),
    ...(over ? { state: 'resolved' as const, endedAt: alert.date_closed ?? at } : {}),
    title,
    text: clean(data.description_text ?? title, 4_000),
    severity: over ? null : action === 'critical' ? 'SEV2' : 'SEV3',
    link: webAddress(data.web_url),
  }
}

/** An issue that is resolved, archived or ignored ends its alert; one that came back begins a new one. */
function fromIssue(body: unknown, at: Date): AlertNotice | null {
  const { action, data } = shaped(body, issue, 'sentry')
  const { issue: found } = data
  const over = ['resolved', 'ignored', 'archived'].includes(action)
  if (!over && action !== 'unresolved') return null
  const title = clean(found.title ?? 'An issue in Sentry')
  return {
    ...base(`issue:${found.id}`, named({ project: found.project?.slug }), over ? (found.firstSeen ?? at) : at),
    ...(over ? { state: 'resolved' as const, endedAt: at } : {}),
    title,
    text: clean(found.culprit ?? title, 4_000),
    severity: levelOf(found.level),
    link: webAddress(found.permalink) ?? webAddress(found.web_url),
    data: { people: found.userCount ?? null, times: found.count ?? null },
  }
}

const base = (fingerprint: string, labels: { [name: string]: string }, startedAt: Date) => ({
  ...{ source: 'sentry', fingerprint: clean(fingerprint, 200), group: null, state: 'firing' as const },
  ...{ service: null, environment: null, labels, startedAt, endedAt: null, data: {} },
})

const named = (values: { [name: string]: string | null | undefined }): { [name: string]: string } =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]): [string, string][] => (value ? [[name, clean(value, 500)]] : [])),
  )
