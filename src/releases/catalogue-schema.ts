import { z } from 'zod'
import { alertsSection } from './sections/alerts.js'
import { backupsSection } from './sections/backups.js'
import { breakGlassSection } from './sections/break-glass.js'
import { incidentsSection } from './sections/incidents.js'
import { onCall } from './sections/on-call.js'
import { customers, followUps, pagerduty, statusPage } from './sections/outside.js'
import { routinesSection } from './sections/routines.js'
import { tagging } from './sections/tagging.js'
import {
  channel,
  duration,
  grant,
  group,
  groups,
  list,
  name,
  nobody,
  oneOf,
  people,
  percent,
  secret,
  text,
  webAddress,
  whole,
  zone,
} from './sections/values.js'
import { cachesSection, databasesSection, prometheusSection, watchSection } from './sections/watch.js'

/**
 * The operator's file as written. Each `error` completes "wanted …"; nothing else is said about a value, so that the
 * file, its errors and its manual use the same words.
 */

/** Set at the node whose value must not be shown in an error. */
export const hiddenKeys = [
  'token',
  'apiToken',
  'secret',
  'operator',
  'routingKey',
  'deadMan.url',
  'customers.url',
  'databases.*.url',
  'caches.*.url',
  'accessKey',
  'secretKey',
  'encryption',
]

const approval = z.strictObject({
  quorum: whole(0, 20),
  groups,
  people,
  requester: oneOf('excluded', 'counts', 'self with confirmation').default('excluded'),
  expires: duration.default(900_000),
})
const nobodyAsked = { quorum: 0, groups: [], people: [], requester: 'excluded' as const, expires: 900_000 }

const placement = z.strictObject({
  target: text('the name of a target'),
  strategy: oneOf('blue-green', 'rolling').default('blue-green'),
  instances: whole(1, 100),
  maxInstances: whole(1, 100).optional(),
  shares: list(whole(1, 99), 'a list of percentages such as [10, 50]').default([]),
  verify: z
    .strictObject({
      for: duration.default(60_000),
      maxErrors: percent.default(0.01),
      minRequests: whole(0, 1_000_000).default(20),
    })
    .default({ for: 60_000, maxErrors: 0.01, minRequests: 20 }),
  drain: duration.default(10_000),
  healthy: duration.default(60_000),
  watch: watchSection.optional(),
})

/** It stands in every link to a commit, so it carries no secret and nothing that ends a path. */
const repositoryAddress = webAddress.refine(
  (value) => {
    const { username, password, search, hash } = URL.canParse(value) ? new URL(value) : new URL('about:blank')
    return [username, password, search, hash].every((part) => part === '')
  },
  { error: 'the address that people open, without a name, a password, "?" or "#"' },
)

const service = z.strictObject({
  releases: z.strictObject({ driver: oneOf('folder'), path: text('the path of a folder of releases') }),
  repository: repositoryAddress.optional(),
  tagging: tagging.optional(),
  environments: z.record(name, placement, { error: 'a place for each environment, by name' }),
})

const environment = z.strictObject({
  channel,
  mode: oneOf('act', 'observe').default('act'),
  defaultService: text('the name of a service').optional(),
  approvals: z.strictObject({
    deploy: approval,
    rollback: approval.default(nobodyAsked),
    scale: approval.default(nobodyAsked),
    operate: approval.default(nobodyAsked),
    backup: approval.default(nobodyAsked),
    restore: approval.optional(),
  }),
  may: z.strictObject({
    deploy: grant.default(nobody),
    rollback: grant.default(nobody),
    scale: grant.default(nobody),
    operate: grant.default(nobody),
    backup: grant.default(nobody),
    restore: grant.default(nobody),
    lock: grant.default(nobody),
    breakGlass: grant.default(nobody),
    view: grant.default({ ...nobody, everyone: true }),
  }),
  byHand: z.boolean({ error: 'true or false' }).optional(),
  breakGlass: breakGlassSection.optional(),
})

const target = z.strictObject({
  driver: oneOf('hosts'),
  hosts: list(z.strictObject({ name, url: webAddress }), 'a list of hosts, each with name and url').min(1, {
    error: 'at least one host',
  }),
  proxy: z.strictObject({ admin: webAddress, public: webAddress }),
  token: secret,
})

export const catalogueFile = z.strictObject({
  zone: zone.default('UTC'),
  slack: z.strictObject({ adminGroup: group.optional() }).default({}),
  people: z.strictObject({ snapshot: duration.default(3_600_000) }).default({ snapshot: 3_600_000 }),
  deadMan: z
    .strictObject({
      url: secret,
      every: duration.default(60_000),
      fail: z.boolean({ error: 'true or false' }).default(false),
    })
    .optional(),
  databases: databasesSection,
  caches: cachesSection,
  backups: backupsSection,
  prometheus: prometheusSection.optional(),
  incidents: incidentsSection,
  alerts: alertsSection.default(alertsSection.parse({})),
  onCall: onCall.optional(),
  pagerduty: pagerduty.optional(),
  statusPage: statusPage.optional(),
  customers: customers.optional(),
  followUps: followUps.optional(),
  routines: routinesSection,
  targets: z.record(name, target, { error: 'targets by name' }),
  services: z.record(name, service, { error: 'services by name' }),
  environments: z.record(name, environment, { error: 'environments by name' }),
})

export type CatalogueFile = z.output<typeof catalogueFile>
