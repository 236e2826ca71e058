import { z } from 'zod'
import { parseDuration } from '../durations.js'

/** The values that sections of the operator's file are made of. Each `error` completes "wanted …". */

export const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { error: 'a name of small letters, digits and dashes, at most 40 long' })
export const duration = z
  .string({ error: 'a duration such as "20s" or "5m"' })
  .refine((text) => parseDuration(text) !== null, { error: 'a duration such as "20s" or "5m"' })
  .transform((text) => parseDuration(text) ?? 0)
export const text = (wanted: string) => z.string({ error: wanted }).min(1, { error: wanted })
export const whole = (from: number, to: number) => {
  const error = `a whole number from ${from} to ${to}`
  return z.number({ error }).int({ error }).min(from, { error }).max(to, { error })
}
export const matching = (pattern: RegExp, wanted: string) =>
  z.string({ error: wanted }).regex(pattern, { error: wanted })
export const webAddress = z
  .string({ error: 'a web address such as "http://10.0.0.5:7001"' })
  .refine(isWebAddress, { error: 'a web address such as "http://10.0.0.5:7001"' })
export const oneOf = <const T extends [string, ...string[]]>(...values: T) =>
  z.enum(values, { error: values.map((value) => `"${value}"`).join(' or ') })

export const person = matching(
  /^[UW][A-Z0-9]{2,}$/,
  'a member id such as "U02ABCDEF" (in Slack: profile, ⋮, Copy member ID)',
)
export const channel = matching(
  /^[CG][A-Z0-9]{2,}$/,
  'a channel id such as "C02ABCDEF" (in Slack: channel details, at the end)',
)
export const group = matching(
  /^[a-z0-9][a-z0-9._-]*$/,
  'the handle of a user group without @, such as "release-managers"',
)
export const secret = matching(
  /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/,
  'a reference to a secret: "env:NAME" or "file:PATH"',
)
export const list = <T extends z.ZodType>(item: T, wanted: string) => z.array(item, { error: wanted })
export const groups = list(group, 'a list of user group handles').default([])
export const people = list(person, 'a list of member ids').default([])
// Written in percent, kept as a share.
const percentError = { error: 'a percentage from 0 to 100' }
export const percent = z
  .number(percentError)
  .min(0, percentError)
  .max(100, percentError)
  .transform((value) => value / 100)

export const yes = z.boolean({ error: 'true or false' })

export const zone = z
  .string({ error: 'a time zone such as "Europe/Rome"' })
  .refine(isZone, { error: 'a time zone such as "Europe/Rome"' })

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
