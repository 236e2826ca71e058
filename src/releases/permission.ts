import type { Environment, Grant, PermittedAct } from './catalogue.js'
import type { Denial } from './denial.js'
import { shownDuration } from './durations.js'
import type { Standing } from './people.js'

/** What Slack said about a person is believed for so long. */
export const believedFor = 3_600_000

/** Null when this person may do that in this environment now; fails closed on a standing that is missing or stale. */
export function denied(
  act: PermittedAct,
  environment: Environment,
  standing: Standing | null,
  now: Date,
): Denial | null {
  const what = `You may not ${deeds[act]} ${environment.name}.`
  const unknown = unproven(standing, now, what)
  if (unknown) return unknown
  const grant = environment.may[act]
  if (standing && holds(grant, standing)) return null
  const why = `The operator's file gives this to ${shownGrant(grant)}; you are in none of them.`
  return isNobody(grant)
    ? {
        code: 'may-not',
        what,
        why: "The operator's file gives this to nobody.",
        next: `Ask the operator to set environments.${environment.name}.may.${act}.`,
      }
    : { code: 'may-not', what, why, next: 'Ask one of them, or ask the operator for the right.' }
}

/** Why nothing can be decided about a person: nobody's standing is guessed. Null when it is known, fresh and full. */
export function unproven(standing: Standing | null, now: Date, what: string): Denial | null {
  if (standing === null)
    return {
      code: 'standing-unknown',
      what,
      why: 'Slack could not tell who you are and which groups you are in, and without that nobody may do anything.',
      next: 'Try again in a minute.',
    }
  const age = now.getTime() - standing.asOf.getTime()
  if (standing.list && age > standing.list.limit) return listTooOld(what, age, standing.list.limit)
  if (!standing.list && age > believedFor)
    return {
      code: 'standing-stale',
      what,
      why: `What Slack last said about you is ${shownDuration(age)} old, and only ${shownDuration(believedFor)} is believed.`,
      next: 'Try again when Slack answers.',
    }
  if (standing.barred !== null)
    return {
      code: 'barred',
      what,
      why: `You are ${standing.barred}; only full members of this workspace hold a role, whatever groups they are in.`,
      next: 'Ask a full member of the team to do it.',
    }
  return null
}

const listTooOld = (what: string, age: number, limit: number): Denial => ({
  code: 'member-list-too-old',
  what,
  why: `Slack cannot be reached, and its last member list is ${shownDuration(age)} old; the operator's file believes one for ${shownDuration(limit)} (people.snapshot).`,
  next: 'Try again when Slack answers.',
})

/** Whether a grant reaches somebody whose standing is proven. */
export function holds(grant: Grant, standing: Standing): boolean {
  return (
    grant.everyone ||
    grant.people.includes(standing.id) ||
    grant.groups.some((group) => standing.groups.includes(group))
  )
}

/** "@engineers, @release-managers and 2 people": groups by handle, people counted, since names are Slack's to tell. */
export function shownGrant({ groups, people, everyone }: Grant): string {
  if (everyone) return 'everyone'
  const named =
    people.length === 0 ? [] : [people.length === 1 ? '1 person by name' : `${people.length} people by name`]
  const parts = [...groups.map((group) => `@${group}`), ...named]
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : (parts[0] ?? 'nobody')
}

export const isNobody = (grant: Grant) => !grant.everyone && grant.groups.length === 0 && grant.people.length === 0

const deeds: { [act in PermittedAct]: string } = {
  deploy: 'deploy to',
  rollback: 'roll back',
  scale: 'scale',
  operate: 'act in',
  backup: 'back up or rehearse restores in',
  restore: 'restore data in',
  lock: 'lock or unlock',
  breakGlass: 'break glass in',
  view: 'look at',
}
