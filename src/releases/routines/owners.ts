import type { Denial } from '../denial.js'
import type { Standing } from '../people.js'
import { holds, shownGrant, unproven } from '../permission.js'
import type { Called, Owner, Routine } from './routine.js'

/** "@release-managers and whoever is on call for storefront". */
export function shownOwner({ people, groups, onCall }: Owner): string {
  const named = people.length + groups.length > 0 ? shownGrant({ people, groups, everyone: false }) : null
  const duty = onCall === null ? null : `whoever is on call for ${onCall}`
  return named && duty ? `${named}, or ${duty}` : (named ?? duty ?? 'nobody')
}

/** Everybody whom a routine may call, then or when it is missed. */
export const ownersOf = ({ owner, escalate }: Routine): Owner[] => [owner, ...(escalate ? [escalate] : [])]

/** Whether it is this person's to do: its owner, or on call for it now. */
export const isMine = ({ owner }: Routine, onCall: string[], standing: Standing): boolean =>
  isAmong({ people: [...owner.people, ...onCall], groups: owner.groups }, standing)

const isAmong = (called: Called, standing: Standing): boolean => holds({ ...called, everyone: false }, standing)

/**
 * Null when this person may say that it is done or skipped: its owners, whoever was called for it, whoever is called when
 * it is missed, and the admins of the operator's file. `called`: those of the occurrence, and those on call now.
 */
export function tickDenied(
  routine: Routine,
  called: Called,
  adminGroup: string | null,
  standing: Standing | null,
  now: Date,
): Denial | null {
  const what = `${routine.name} stays as it is.`
  const unknown = unproven(standing, now, what)
  if (unknown || standing === null) return unknown
  const admins = adminGroup === null ? [] : [adminGroup]
  const lists = [...ownersOf(routine), called, { people: [], groups: admins }]
  if (lists.some((list) => isAmong(list, standing))) return null
  return {
    code: 'routine-of-others',
    what,
    why: `It belongs to ${shownOwner(routine.owner)}; you are not among them.`,
    next:
      adminGroup === null
        ? 'Ask one of them to say that it is done.'
        : `Ask one of them, or somebody in @${adminGroup}, to say that it is done.`,
  }
}
