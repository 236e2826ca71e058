import { proofOf } from '../../backups/proof.js'
import type { Gate, Reply } from '../../commands/reply.js'
import { asShipmateError } from '../../errors.js'
import { needs } from '../../releases/approvals.js'
import { policyAt } from '../../releases/backups/backup-policy.js'
import {
  type ApprovalPolicy,
  type Environment,
  environmentOf,
  type Placement,
  placementOf,
  resourceOf,
} from '../../releases/catalogue.js'
import { heldByHand, shownLock } from '../../releases/locks.js'
import type { Standing } from '../../releases/people.js'
import { denied } from '../../releases/permission.js'
import type { Release } from '../../releases/release.js'
import { newestToDeploy } from '../../releases/versions.js'
import type { CheckOutcome } from '../../runs/abilities.js'
import type { Evidence } from '../../runs/step.js'
import { type DeskParts, knownNames, within } from './parts.js'
import { counted, titleOf } from './wording.js'

/** "Why can I not deploy?": every gate at once, each looked at by itself, so that one that breaks hides no other. */
export async function why(
  parts: DeskParts,
  place: { service?: string; environment: string },
  standing: Standing | null,
): Promise<Reply> {
  const service = place.service ?? knownNames(parts.catalogue).usual(place.environment) ?? ''
  const environment = environmentOf(parts.catalogue, place.environment)
  const placement = placementOf(parts.catalogue, service, place.environment)
  if (!environment || !placement)
    return { kind: 'said', text: `${service || 'That service'} does not run in ${place.environment}.` }
  const gates = await Promise.all([
    gate('You may deploy', () => permission(parts, environment, standing)),
    gate('Shipmate acts here', async () => mode(environment)),
    gate('Nobody locked it', () => lock(parts, placement)),
    gate('The line is free', () => line(parts, placement)),
    gate('Somebody can approve', () => approval(parts, environment, standing)),
    ...backupGates(parts, placement),
    ...targetGates(parts, placement),
  ])
  const mayGo = gates.every(({ outcome }) => outcome !== 'fail' && outcome !== 'error')
  return { kind: 'why', service, environment: environment.name, mayGo, gates }
}

type Found = [outcome: CheckOutcome, summary: string, next?: string]

async function gate(title: string, look: () => Promise<Found>): Promise<Gate> {
  try {
    const [outcome, summary, next] = await look()
    const evidence: Evidence = next === undefined ? { summary } : { summary, next }
    return { title, outcome, evidence }
  } catch (thrown) {
    const error = asShipmateError(thrown)
    return {
      title,
      outcome: 'error',
      evidence: { summary: error.message, ...(error.next ? { next: error.next } : {}) },
    }
  }
}

async function permission(parts: DeskParts, environment: Environment, standing: Standing | null): Promise<Found> {
  const denial = denied('deploy', environment, standing, parts.clock.now())
  return denial ? ['fail', denial.why, denial.next] : ['pass', 'you hold the right']
}

const mode = ({ mode }: Environment): Found =>
  mode === 'act' ? ['pass', 'plans are carried out'] : ['warn', 'it only observes: plans are shown, nothing changes']

async function lock(parts: DeskParts, { service, environment }: Placement): Promise<Found> {
  const now = parts.clock.now()
  const held = heldByHand(await parts.locks.holders(), resourceOf(service, environment), now)
  if (!held) return ['pass', 'not locked']
  return [
    'fail',
    `locked by ${shownLock(held, now)}`,
    `Ask ${held.by.name}, or: /ops unlock ${service} ${environment} because …`,
  ]
}

async function line(parts: DeskParts, { service, environment }: Placement): Promise<Found> {
  const live = await parts.desk.list({ resource: resourceOf(service, environment), live: true, limit: 20 })
  const [first] = [...live].sort((a, b) => a.ahead - b.ahead)
  if (!first) return ['pass', 'nothing runs and nothing waits']
  return ['warn', `${counted(live.length, 'run')} ahead, first ${titleOf(first)}, asked by ${first.requestedBy.name}`]
}

async function approval(parts: DeskParts, environment: Environment, standing: Standing | null): Promise<Found> {
  const policy = environment.approvals.deploy
  if (policy.quorum === 0) return ['pass', 'nobody has to approve']
  const able = await approvers(parts, policy, standing)
  const text = needs({ environment: environment.name, ...policy })
  const own = policy.requester === 'excluded' ? '; yours does not count for what you ask' : ''
  if (able >= policy.quorum) return ['pass', `${text}${own}`]
  return ['fail', `${text}${own}, and only ${counted(able, 'other')} can give it`, 'Ask the operator to add approvers.']
}

async function approvers(parts: DeskParts, policy: ApprovalPolicy, standing: Standing | null): Promise<number> {
  const members = await Promise.all(policy.groups.map((group) => parts.directory.members(group)))
  const ids = new Set([...policy.people, ...members.flat()])
  if (policy.requester === 'excluded' && standing) ids.delete(standing.id)
  return ids.size
}

/** Where the database of the place has a policy that asks for it. */
function backupGates({ catalogue, backups, clock }: DeskParts, { service, environment }: Placement): Promise<Gate>[] {
  const policy = policyAt(catalogue, service, environment)
  const limit = policy?.proven ?? null
  if (!policy || limit === null) return []
  const proven = async (): Promise<Found> => {
    const { holds, words, next } = proofOf(
      policy.database,
      await backups.book.backups(policy.database, 1_000),
      limit,
      clock.now(),
    )
    return holds ? ['pass', words] : ['fail', words, next]
  }
  return [gate('A backup is proven', proven)]
}

const newer = (releases: Release[], serving: string | null): Release[] => {
  const now = releases.findIndex(({ version }) => version === serving)
  return now < 0 ? [] : releases.slice(0, now)
}

const patience = 2_000

/** Both rest on one look at the target. */
function targetGates(parts: DeskParts, place: Placement): Promise<Gate>[] {
  const look = within(parts, patience, parts.targets(place.target).look(place))
  look.catch(() => {})
  const answers = async (): Promise<Found> => {
    const state = await look
    if (state === null) return ['error', `no answer within ${patience / 1000} s`, 'Look whether its hosts are up.']
    return ['pass', state.serving === null ? 'it answers; nothing serves' : `it answers; ${state.serving} serves`]
  }
  const release = async (): Promise<Found> => {
    const releases = await parts.sources(place.service).list(place.service)
    const newest = releases[0]
    if (!newest) return ['fail', 'no release has been built', 'Build one first.']
    const serving = (await look.catch(() => null))?.serving ?? null
    const next = newestToDeploy(releases, serving)
    if (next) return ['pass', `${next.version} is the newest`]
    const [candidate] = newer(releases, serving)
    if (!candidate) return ['fail', `${serving ?? newest.version}, the newest, serves already`]
    const words = `/deploy ${place.service} ${place.environment} ${candidate.version}`
    return ['warn', `only candidates are newer than ${serving}, which serves`, `Name the one you mean: ${words}`]
  }
  return [gate('A newer release is there', release), gate('The target answers', answers)]
}
