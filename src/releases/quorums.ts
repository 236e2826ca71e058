import { asShipmateError, refused, type ShipmateError } from '../errors.js'
import { usersOf } from './backups/backup-policy.js'
import type { ApprovalPolicy, ApprovedAct, Catalogue, Environment, Grant } from './catalogue.js'
import type { Directory } from './people.js'
import { isNobody } from './permission.js'

/** Approvals that nobody could ever give, each with its fix; asked once at start, when groups can be looked up. */
export async function checkQuorums(catalogue: Catalogue, directory: Directory): Promise<ShipmateError[]> {
  const found = Object.values(catalogue.environments).flatMap((environment) =>
    [...acts, ...restoring(catalogue, environment)].map((act) => checkQuorum(environment, act, directory)),
  )
  return (await Promise.all(found)).flat()
}

const acts: ApprovedAct[] = ['deploy', 'rollback', 'scale', 'operate', 'backup']

/** Where nothing is backed up, or nobody may, nobody restores. */
const restoring = (catalogue: Catalogue, { name, may }: Environment): ApprovedAct[] =>
  !isNobody(may.restore) &&
  Object.keys(catalogue.backups).some((database) =>
    usersOf(catalogue, database).some(({ environment }) => environment === name),
  )
    ? ['restore']
    : []

async function checkQuorum(environment: Environment, act: ApprovedAct, directory: Directory): Promise<ShipmateError[]> {
  const policy = environment.approvals[act]
  if (policy.quorum === 0 || environment.mode === 'observe') return []
  const path = `environments.${environment.name}.approvals.${act}`
  try {
    const approvers = await peopleOf({ ...policy, everyone: false }, directory)
    const requesters = await peopleOf(environment.may[act], directory)
    return mostFor(policy, approvers, requesters) >= policy.quorum ? [] : [impossible(path, policy, approvers.size)]
  } catch (thrown) {
    return [untold(path, thrown)]
  }
}

/** The most approvals that any requester could gather; `null` for requesters means every full member. */
export function mostFor(policy: ApprovalPolicy, approvers: Set<string>, requesters: Set<string> | null): number {
  if (policy.requester !== 'excluded' || requesters === null) return approvers.size
  const outsider = requesters.size === 0 || [...requesters].some((person) => !approvers.has(person))
  return outsider ? approvers.size : approvers.size - 1
}

async function peopleOf(grant: Grant & { everyone: false }, directory: Directory): Promise<Set<string>>
async function peopleOf(grant: Grant, directory: Directory): Promise<Set<string> | null>
async function peopleOf(grant: Grant, directory: Directory): Promise<Set<string> | null> {
  if (grant.everyone) return null
  const groups = await Promise.all(grant.groups.map((group) => directory.members(group)))
  return new Set([...grant.people, ...groups.flat()])
}

function impossible(path: string, policy: ApprovalPolicy, people: number): ShipmateError {
  const count = people === 1 ? '1 person' : `${people} people`
  const own = policy.requester === 'excluded' ? ', of whom the one who asks does not count' : ''
  return refused('quorum-impossible', `${path} asks for ${policy.quorum}, and nobody can gather that many.`, {
    wanted: `at least ${policy.quorum} people who may approve`,
    came: `${count}${own}`,
    next: `Lower quorum, add people or groups, or for a team of one set requester: self with confirmation.`,
  })
}

function untold(path: string, thrown: unknown): ShipmateError {
  const error = asShipmateError(thrown)
  return refused('quorum-untold', `${path} cannot be checked: ${error.message}`, {
    wanted: 'the members of its user groups',
    came: error.came ?? error.message,
    next: 'Correct the group’s handle, or list people by id: user groups need a paid Slack plan.',
    cause: thrown,
  })
}
