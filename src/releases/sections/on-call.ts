import { z } from 'zod'
import { day, duration, group, list, matching, name, oneOf, person, text, timeOfDay, zone } from './values.js'

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type Weekday = (typeof weekdays)[number]

/** How zod calls a mistake that is a rule of ours. */
const unmet = 'custom'

/** A moment on a wall clock: a day and a time. */
const localMoment = matching(
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[ T]([01]\d|2[0-3]):[0-5]\d$/,
  'a day and a time such as "2026-12-24 09:00"',
)

const layer = z.strictObject({
  people: list(person, 'a list of member ids').min(1, { error: 'at least one member id' }),
  handover: oneOf('daily', 'weekly').default('weekly'),
  /** The day on which the first of the list begins; a weekly hand-over is on the weekday of it. */
  from: day,
  at: timeOfDay.default('09:00'),
  /** Only in these hours; always without. */
  hours: z
    .strictObject({
      days: list(oneOf(...weekdays), 'a list of weekdays').default([...weekdays]),
      from: timeOfDay,
      to: timeOfDay,
    })
    .optional(),
})

const override = z.strictObject({ person, from: localMoment, to: localMoment }).superRefine(({ from, to }, context) => {
  if (from.replace('T', ' ') >= to.replace('T', ' '))
    context.addIssue({ code: unmet, path: ['to'], message: 'a moment after from', input: to })
})

const rota = z.strictObject({
  layers: list(layer, 'a list of layers').min(1, { error: 'at least one layer' }),
  overrides: list(override, 'a list of overrides').default([]),
  /** Called when nobody answers. */
  group: group.optional(),
})

const step = z.strictObject({
  to: oneOf('on call', 'group', 'next'),
  /** Who is meant by group; the rota's own without. */
  group: group.optional(),
  /** After the page before it. */
  after: duration.default(0),
})

const usualSteps = [
  { to: 'on call' as const, after: 0 },
  { to: 'group' as const, after: 300_000 },
  { to: 'next' as const, after: 300_000 },
]

const policy = z.strictObject({
  steps: list(step, 'a list of steps').min(1, { error: 'at least one step' }).default(usualSteps),
  /** When nobody answered the last step, it begins anew after so long. */
  again: duration.refine((ms) => ms >= 60_000, { error: 'at least "1m"' }).default(600_000),
})
const usualPolicy = { steps: usualSteps, again: 600_000 }

export const onCall = z
  .strictObject({
    /** The file's own without. */
    zone: zone.optional(),
    rotas: z.record(name, rota, { error: 'rotas by name' }),
    services: z.record(name, text('the name of a rota')).default({}),
    /** For every other service. */
    default: text('the name of a rota').optional(),
    escalation: z
      .strictObject({
        SEV1: policy.default(usualPolicy),
        SEV2: policy.default(usualPolicy),
        SEV3: policy.default(usualPolicy),
        SEV4: policy.default(usualPolicy),
      })
      .default({ SEV1: usualPolicy, SEV2: usualPolicy, SEV3: usualPolicy, SEV4: usualPolicy }),
  })
  .superRefine(({ rotas, services, default: usual }, context) => {
    const named = [...Object.entries(services).map(([at, rota]) => ({ path: ['services', at], rota }))]
    for (const { path, rota } of [...named, ...(usual === undefined ? [] : [{ path: ['default'], rota: usual }])]) {
      if (Object.hasOwn(rotas, rota)) continue
      const known = Object.keys(rotas).join(', ') || 'none yet'
      context.addIssue({ code: unmet, path, message: `the name of a rota (${known})`, input: rota })
    }
  })

/** As the operator's file says it; durations in milliseconds. */
export type OnCallSection = z.output<typeof onCall>
export type Rota = z.output<typeof rota>
export type RotaLayer = z.output<typeof layer>
export type PagingPolicy = z.output<typeof policy>
