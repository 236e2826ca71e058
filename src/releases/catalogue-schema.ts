import { z } from 'zod'
import { parseDuration } from './durations.js'
import { alertsSection } from './sections/alerts.js'

/**
 * The operator's file as written. Each `error` completes "wanted …"; nothing else is said about a value, so that the
 * file, its errors and its manual use the same words.
 */

/** Set at the node whose value must not be shown in an error. */
export const hiddenKeys = ['token', 'apiToken', 'deadMan.url']

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { error: 'a name of small letters, digits and dashes, at most 40 long' })
const duration = z
  .string({ error: 'a duration such as "20s" or "5m"' })
  .refine((text) => parseDuration(text) !== null, { error: 'a duration such as "20s" or "5m"' })
  .transform((text) => parseDuration(text) ?? 0)
const text = (wanted: string) => z.string({ error: wanted }).min(1, { error: wanted })
const whole = (from: number, to: number) => {
  const error = `a whole number from ${from} to ${to}`
  return z.number({ error }).int({ error }).min(from, { error }).max(to, { error })
}
const matching = (pattern: RegExp, wanted: string) => z.string({ error: wanted }).regex(pattern, { error: wanted })
const webAddress = z
  .string({ error: 'a web address such as "http://10.0.0.5:7001"' })
  .refine(isWebAddress, { error: 'a web address such as "http://10.0.0.5:7001"' })
const oneOf = <const T extends [string, ...string[]]>(...values: T) =>
  z.enum(values, { error: values.map((value) => `"${value}"`).join(' or ') })

const person = matching(/^[UW][A-Z0-9]{2,}$/, 'a member id such as "U02ABCDEF" (in Slack: profile, ⋮, Copy member ID)')
const channel = matching(
  /^[CG][A-Z0-9]{2,}$/,
  'a channel id such as "C02ABCDEF" (in Slack: channel details, at the end)',
)
const group = matching(/^[a-z0-9][a-z0-9._-]*$/, 'the handle of a user group without @, such as "release-managers"')
const secret = matching(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'a reference to a secret: "env:NAME" or "file:PATH"')
const list = <T extends z.ZodType>(item: T, wanted: string) => z.array(item, { error: wanted })
const groups = list(group, 'a list of user group handles').default([])
const people = list(person, 'a list of member ids').default([])
// Written in percent, kept as a share.
const percentError = { error: 'a percentage from 0 to 100' }
const percent = z
  .number(percentError)
  .min(0, percentError)
  .max(100, percentError)
  .transform((value) => value / 100)

const approval = z.strictObject({
  quorum: whole(0, 20),
  groups,
  people,
  requester: oneOf('excluded', 'counts', 'self with confirmation').default('excluded'),
  expires: duration.default(900_000),
})
const nobodyAsked = { quorum: 0, groups: [], people: [], requester: 'excluded' as const, expires: 900_000 }

const everyone = z.boolean({ error: 'true or false' }).default(false)
const grant = z.strictObject({ groups, people, everyone })
const nobody = { groups: [], people: [], everyone: false }

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
})

const service = z.strictObject({
  releases: z.strictObject({ driver: oneOf('folder'), path: text('the path of a folder of releases') }),
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
  }),
  may: z.strictObject({
    deploy: grant.default(nobody),
    rollback: grant.default(nobody),
    scale: grant.default(nobody),
    lock: grant.default(nobody),
    view: grant.default({ ...nobody, everyone: true }),
  }),
  byHand: z.boolean({ error: 'true or false' }).optional(),
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
  zone: z
    .string({ error: 'a time zone such as "Europe/Rome"' })
    .refine(isZone, { error: 'a time zone such as "Europe/Rome"' })
    .default('UTC'),
  slack: z.strictObject({ adminGroup: group.optional() }).default({}),
  people: z.strictObject({ snapshot: duration.default(3_600_000) }).default({ snapshot: 3_600_000 }),
  deadMan: z
    .strictObject({
      url: secret,
      every: duration.default(60_000),
      fail: z.boolean({ error: 'true or false' }).default(false),
    })
    .optional(),
  alerts: alertsSection.default(alertsSection.parse({})),
  targets: z.record(name, target, { error: 'targets by name' }),
  services: z.record(name, service, { error: 'services by name' }),
  environments: z.record(name, environment, { error: 'environments by name' }),
})

export type CatalogueFile = z.output<typeof catalogueFile>

function isWebAddress(value: string): boolean {
  return URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol)
}

function isZone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }) !== null
  } catch {
    return false
  }
}
