import { z } from 'zod'
import type { Mistake } from '../catalogue-rules.js'
import type { CatalogueFile } from '../catalogue-schema.js'
import type { Owner, Routine } from '../routines/routine.js'
import { cron } from './cron-text.js'
import { channel, duration, groups, name, oneOf, people, text } from './values.js'

/** Recurring work of people: what, how often, whose it is, where it is asked for, and who hears when it is missed. */

const someone = 'people, groups or onCall'
const owner = z
  .strictObject({ people, groups, onCall: text('the name of a service').optional() }, { error: someone })
  .refine((one) => one.people.length + one.groups.length > 0 || one.onCall !== undefined, { error: someone })

const says = 'what is to be done, in a sentence or two of at most 500 characters'
const within = 'a duration of at least "1m"'
const routine = z.strictObject({
  says: text(says).max(500, { error: says }),
  every: cron,
  owner,
  channel,
  within: duration.refine((ms) => ms >= 60_000, { error: within }).default(86_400_000),
  guide: name.optional(),
  evidence: oneOf('optional', 'required').default('optional'),
  escalate: owner.optional(),
})

export const routinesSection = z.record(name, routine, { error: 'recurring work by name' }).default({})

type OwnerInFile = z.output<typeof owner>

const ownerFrom = ({ onCall, ...rest }: OwnerInFile): Owner => ({ ...rest, onCall: onCall ?? null })

/** The section as the product knows it. */
export function routinesFrom({ routines }: Pick<CatalogueFile, 'routines'>): { [name: string]: Routine } {
  return Object.fromEntries(
    Object.entries(routines).map(([name, { owner, escalate, guide, ...rest }]) => [
      name,
      { name, ...rest, guide: guide ?? null, owner: ownerFrom(owner), escalate: escalate ? ownerFrom(escalate) : null },
    ]),
  )
}

type UnknownName = (path: string[], word: string, what: string, known: string[]) => Mistake[]

/** Services that are not there, or for which nobody is ever on call. */
export function routineMistakes(file: CatalogueFile, unknownName: UnknownName): Mistake[] {
  return Object.entries(file.routines).flatMap(([name, { owner, escalate }]) =>
    [['owner', owner] as const, ['escalate', escalate] as const].flatMap(([key, one]) => {
      const service = one?.onCall
      if (service === undefined) return []
      const path = ['routines', name, key, 'onCall']
      const unknown = unknownName(path, service, 'a service', Object.keys(file.services))
      return unknown.length > 0 || hasRota(file, service) ? unknown : [withoutRota(path, service)]
    }),
  )
}

const hasRota = ({ onCall, pagerduty }: CatalogueFile, service: string): boolean =>
  onCall?.default !== undefined ||
  Object.hasOwn(onCall?.services ?? {}, service) ||
  Object.hasOwn(pagerduty?.services ?? {}, service)

const withoutRota = (path: string[], service: string): Mistake => ({
  path,
  wanted: 'a service that somebody is on call for',
  came: `"${service}", which has no rota`,
  next: `Give it one under onCall.services, or set onCall.default.`,
})
