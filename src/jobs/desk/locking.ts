import type { Act, Asker } from '../../commands/command.js'
import type { Reply } from '../../commands/reply.js'
import { type Catalogue, type Environment, resourceOf } from '../../releases/catalogue.js'
import type { Denial } from '../../releases/denial.js'
import { shownDuration } from '../../releases/durations.js'
import { isByHand, shownLock } from '../../releases/locks.js'
import type { Standing } from '../../releases/people.js'
import { endOf } from '../../releases/until.js'
import type { LockHolder } from '../../runs/ports.js'
import { placeLines } from './lines.js'
import { type DeskParts, refusal } from './parts.js'
import { ago, titleOf } from './wording.js'

/** What an act on locks is about: all that is placed in an environment, or the one service that was named. */
export type Places = { environment: Environment; services: string[]; named: string | null }

export const resourcesOf = ({ environment, services }: Places): string[] =>
  services.map((service) => resourceOf(service, environment.name))

/** "storefront in prod", or "prod" for all of it. */
export const shownPlaces = ({ environment, named }: Places): string =>
  named === null ? environment.name : `${named} in ${environment.name}`

const longest = 30 * 86_400_000

/** Locks by hand: all that was named, or nothing and who is in the way. */
export async function lock(
  parts: DeskParts,
  places: Places,
  { reason, until }: Extract<Act, { name: 'lock' }>,
  standing: Standing | null,
  { actor }: Asker,
): Promise<Reply> {
  const now = parts.clock.now()
  const expires = until && endOf(until, now, standing?.zone ?? parts.catalogue.zone)
  if (until && !expires) return refusal(overAlready)
  if (expires && expires.getTime() - now.getTime() > longest) return refusal(tooLong)
  const resources = resourcesOf(places)
  const after = await parts.locks.hold({
    resources,
    environment: places.environment.name,
    by: actor,
    reason,
    at: now,
    expires,
  })
  if (!after.ok) return refusal(await heldAlready(parts, places, after.inTheWay, now))
  const lasts = expires ? `for ${shownDuration(expires.getTime() - now.getTime())}` : 'until somebody unlocks it'
  const title = `You locked ${shownPlaces(places)} ${lasts}. Nobody can deploy there; what waits in line goes on when it ends.`
  return { kind: 'lines', title, none: '', places: await placeLines(parts, places, standing) }
}

const overAlready: Denial = {
  code: 'lock-length',
  what: 'Nothing was locked.',
  why: 'The end you named is over already.',
  next: 'Name a later one, such as: until tomorrow 9:00',
}

const tooLong: Denial = {
  code: 'lock-length',
  what: 'Nothing was locked.',
  why: `A lock with an end lasts at most ${shownDuration(longest)}.`,
  next: 'Name an earlier end, or none: then it lasts until somebody unlocks it.',
}

async function heldAlready(parts: DeskParts, places: Places, inTheWay: LockHolder[], now: Date): Promise<Denial> {
  const what = `${shownPlaces(places)} was not locked.`
  const holder = inTheWay.find(({ run }) => run === null) ?? inTheWay[0]
  if (!holder) return { code: 'locked-already', what, why: 'Somebody else was faster.', next: 'Look: /ops locks' }
  if (holder.run !== null) return { ...(await heldByRun(parts, holder, now)), code: 'locked-already', what }
  return {
    code: 'locked-already',
    what,
    why: `${holder.resource} is locked by ${shownLock(holder, now)}.`,
    next: `Ask ${holder.by.name} to hand it over: /ops lock ${wordsOf(places)} hand-over @you`,
  }
}

/** A run's lock is never taken away: what a person can do is stop the run. */
export async function heldByRun(parts: DeskParts, { resource, run, since }: LockHolder, now: Date): Promise<Denial> {
  const view = run === null ? null : await parts.desk.view(run)
  const title = view ? titleOf(view.run) : `#${run}`
  const step = view?.steps.find(({ state }) => state === 'running')?.step.title
  return {
    code: 'lock-of-run',
    what: `The lock on ${resource} cannot be taken from #${run}.`,
    why: `${title} has been changing it since ${ago(since, now)}${step ? ` and is at: ${step}` : ''}. Half of a change is worse than none.`,
    next: `Wait for it, or stop it: /ops cancel ${run} (what it did is undone). If its worker died, another one takes it over by itself.`,
  }
}

/** Ends locks held by hand: one's own, or with a reason somebody else's. */
export async function unlock(
  parts: DeskParts,
  places: Places,
  reason: string,
  standing: Standing | null,
  { actor }: Asker,
): Promise<Reply> {
  const now = parts.clock.now()
  const { byHand, byRun } = await heldAt(parts, places, now)
  if (byHand.length === 0 && byRun) return refusal(await heldByRun(parts, byRun, now))
  if (byHand.length === 0) return { kind: 'said', text: `${shownPlaces(places)} is not locked.` }
  const foreign = byHand.find(({ by }) => by.id !== actor.id)
  const denial = foreign && mayNotClear(parts.catalogue, places, foreign, reason, standing, now)
  if (denial) return refusal(denial)
  const act = { resources: byHand.map(({ resource }) => resource), holders: holdersOf(byHand), by: actor, at: now }
  const after = await parts.locks.letGo({ ...act, reason })
  if (!after.ok) return refusal(changedMeanwhile(places, after.inTheWay, now))
  const words = byHand.map((holder) => `${holder.resource} (was locked by ${shownLock(holder, now)})`)
  const told = foreign ? `\n${foreign.by.name} is told, with your reason.` : ''
  return {
    kind: 'said',
    text: `Unlocked: ${words.join(', ')}.\nPeople can deploy there again; who waited goes on.${told}`,
  }
}

/** The locks on these places: those held by hand, and one of a run if there is one. */
export async function heldAt(parts: DeskParts, places: Places, now: Date) {
  const resources = resourcesOf(places)
  const held = (await parts.locks.holders()).filter(({ resource }) => resources.includes(resource))
  return { byHand: held.filter((holder) => isByHand(holder, now)), byRun: held.find(({ run }) => run !== null) }
}

/** Null when this person may end or give away a lock that somebody else holds. */
function mayNotClear(
  catalogue: Catalogue,
  places: Places,
  holder: LockHolder,
  reason: string,
  standing: Standing | null,
  now: Date,
): Denial | null {
  if (!mayActFor(catalogue, holder, standing)) return lockOfAnother(catalogue, holder, now)
  if (reason !== '') return null
  return {
    code: 'lock-needs-reason',
    what: `${holder.resource} stays locked.`,
    why: `It is locked by ${shownLock(holder, now)}. Ending somebody else's lock takes a reason, which ${holder.by.name} is told.`,
    next: `Say why: /ops unlock ${wordsOf(places)} because …`,
  }
}

/** One's own lock; anybody's for admins; anybody's for all who may lock when the operator names no admins. */
export function mayActFor({ slack }: Catalogue, { by }: LockHolder, standing: Standing | null): boolean {
  if (standing === null) return false
  return by.id === standing.id || slack.adminGroup === null || standing.groups.includes(slack.adminGroup)
}

export const lockOfAnother = ({ slack }: Catalogue, holder: LockHolder, now: Date): Denial => ({
  code: 'lock-of-another',
  what: `${holder.resource} stays as it is.`,
  why: `It is locked by ${shownLock(holder, now)}.`,
  next: `Ask ${holder.by.name}, or somebody in @${slack.adminGroup}.`,
})

export const changedMeanwhile = (places: Places, inTheWay: LockHolder[], now: Date): Denial => ({
  code: 'lock-changed',
  what: `The lock on ${shownPlaces(places)} changed at the same moment, so nothing was done.`,
  why: inTheWay.map((holder) => `${holder.resource} is held by ${shownLock(holder, now)}.`).join(' '),
  next: 'Look at it as it is now: /ops locks',
})

export const holdersOf = (locks: LockHolder[]): { [resource: string]: string } =>
  Object.fromEntries(locks.map(({ resource, by }) => [resource, by.id]))

export const wordsOf = ({ environment, named }: Places): string => [named, environment.name].filter(Boolean).join(' ')
