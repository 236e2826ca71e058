import { refused } from '../errors.js'
import { digestOf, type JsonObject } from '../json.js'
import {
  type ApprovedAct,
  type Environment,
  environmentOf,
  type Placement,
  placementOf,
} from '../releases/catalogue.js'
import { nearest } from '../releases/nearest.js'
import type { Release } from '../releases/release.js'
import { compareAddress } from '../releases/repository.js'
import type { Target, TargetState } from '../releases/target.js'
import type { Headline } from '../runs/plan.js'
import type { Intent } from '../runs/run.js'
import type { Facts } from './facts.js'
import { boundBy } from './recovery.js'

/** Where an intent goes, as the operator's file and the target say it is now. */
export type Scene = {
  placement: Placement
  environment: Environment
  target: Target
  state: TargetState
}

/** How far back our own rows are read. */
export const historyLength = 100

/** Throws when the file does not place the service there, and what the target throws when it cannot be looked at. */
export async function sceneOf(intent: Intent, facts: Facts): Promise<Scene> {
  const place = placeOf(intent, facts)
  const target = facts.target(place.placement.target)
  return { ...place, target, state: await target.look(place.placement) }
}

/** Where an intent goes, by the operator's file alone. */
export function placeOf(intent: Intent, { catalogue }: Facts): Pick<Scene, 'placement' | 'environment'> {
  const placement = placementOf(catalogue, intent.service, intent.environment)
  const environment = environmentOf(catalogue, intent.environment)
  if (!placement || !environment)
    throw refused('not-placed', `${intent.service} does not run in ${intent.environment}.`, {
      wanted: 'a service in an environment where the operator’s file places it',
      came: `${intent.service} in ${intent.environment}`,
      next: 'Type /ops status to see what runs where.',
    })
  return { placement, environment: boundBy(environment, intent, catalogue) }
}

/** The release by its version; throws with those there are and the one probably meant, or `instead` as the way forward. */
export function releaseIn(releases: Release[], service: string, version: string, instead?: string): Release {
  const found = releases.find((release) => release.version === version)
  if (found) return found
  const known = releases.map((release) => release.version)
  const meant = meantVersion(version, known)
  throw refused('version-unknown', `There is no release ${shortened(version)} of ${service}.`, {
    wanted: known.length > 0 && !instead ? `one that was built: ${shownVersions(known)}` : 'one that was built',
    came: shortened(version),
    next: instead ?? (meant ? `Did you mean ${meant}?` : known.length > 0 ? 'Name one of those.' : 'Build one first.'),
  })
}

// Two versions that differ in a digit are two versions: only signs, capitals and a tail left out are a slip.
function meantVersion(version: string, known: string[]): string | null {
  const bare = (text: string) =>
    text
      .toLowerCase()
      .replace(/^v(?=[.\d])/, '')
      .replace(/[^a-z0-9]/g, '')
  const named = (text: string) => text.toLowerCase().replace(/^v/, '')
  const same = known.find((one) => bare(one) === bare(version))
  if (same) return same
  const tails = known.filter((one) => named(one).startsWith(`${named(version)}.`))
  if (tails[0]) return tails[0]
  return /\d/.test(version) ? null : nearest(version, known)
}

const shownVersions = (known: string[]) =>
  `${known.slice(0, 8).join(', ')}${known.length > 8 ? ` and ${known.length - 8} older` : ''}`

/** Where people read the code of a change, where the operator's file says it. */
export function linksOf(
  { catalogue }: Facts,
  service: string,
  releases: Release[],
  from: string | null,
  to: Release,
): Pick<Headline, 'links'> {
  const repository = catalogue.services[service]?.repository ?? null
  if (repository === null) return {}
  const before = releases.find(({ version }) => version === from)
  return { links: { repository, compare: before ? compareAddress(repository, before, to) : null } }
}

/** How many instances a change keeps: never fewer than serve now, so that a deploy takes no capacity away. */
export function instancesToKeep({ placement, state }: Scene): number {
  return Math.min(placement.maxInstances, Math.max(placement.instances, instancesServing(state)))
}

export const instancesServing = ({ instances, serving }: TargetState): number =>
  instances.filter(({ version, weight }) => version === serving && weight > 0).length

/** What an approval binds to besides the steps: the slice of the operator's file that this plan rests on. */
export function sliceOf(scene: Scene, act: ApprovedAct, facts: Facts): JsonObject {
  const { placement, environment } = scene
  const slice = {
    placement,
    mode: environment.mode,
    approvals: environment.approvals[act],
    target: facts.catalogue.targets[placement.target],
  }
  return { configuration: digestOf(slice).slice(0, 16) }
}

export const shortened = (text: string) => (text.length > 40 ? `${text.slice(0, 39)}…` : text)
