import type { EnvironmentStatus, Reply } from '../../commands/reply.js'
import { asShipmateError } from '../../errors.js'
import { type Environment, type Placement, placedIn, placementOf, resourceOf } from '../../releases/catalogue.js'
import { heldByHand } from '../../releases/locks.js'
import type { Standing } from '../../releases/people.js'
import type { TargetState } from '../../releases/target.js'
import type { LockHolder } from '../../runs/ports.js'
import type { RunRecord } from '../../runs/run.js'
import { type DeskParts, within } from './parts.js'
import { visible } from './rights.js'

type ServiceStatus = EnvironmentStatus['services'][number]

/** What serves where, looked up now; what cannot be told in time says so instead of an old answer. */
export async function status(parts: DeskParts, standing: Standing): Promise<Reply> {
  const [live, holders] = await Promise.all([parts.desk.list({ live: true, limit: 200 }), parts.locks.holders()])
  const environments = visible(parts, standing).map((environment) => statusOf(parts, environment, live, holders))
  return { kind: 'status', environments: await Promise.all(environments) }
}

async function statusOf(
  parts: DeskParts,
  { name, mode }: Environment,
  live: RunRecord[],
  holders: LockHolder[],
): Promise<EnvironmentStatus> {
  const places = placedIn(parts.catalogue, name).flatMap((service) => placementOf(parts.catalogue, service, name) ?? [])
  const services = places.map(async (place): Promise<ServiceStatus> => {
    const { service, environment } = place
    return {
      service,
      ...(await looked(parts, place)),
      live: live.filter(({ intent }) => intent.service === service && intent.environment === environment),
      lock: heldByHand(holders, resourceOf(service, environment), parts.clock.now()),
    }
  })
  return { environment: name, mode, services: await Promise.all(services) }
}

const patience = 2_000

type Looked = Pick<ServiceStatus, 'serving' | 'since' | 'instances' | 'problem'>

async function looked(parts: DeskParts, place: Placement): Promise<Looked> {
  const untold = { serving: null, since: null, instances: null }
  try {
    const state = await within(parts, patience, parts.targets(place.target).look(place))
    if (state === null) return { ...untold, problem: `the target did not answer within ${patience / 1000} s` }
    return await told(parts, place, state)
  } catch (error) {
    return { ...untold, problem: asShipmateError(error).message }
  }
}

async function told(parts: DeskParts, place: Placement, state: TargetState): Promise<Looked> {
  const [last] = await parts.deployments.history(place.service, place.environment, 1)
  const ours = last !== undefined && last.version === state.serving ? last : null
  const serving = state.instances.filter(({ version }) => version === state.serving)
  return {
    serving: state.serving,
    since: ours?.at ?? null,
    instances: { ready: serving.filter(({ ready }) => ready).length, wanted: ours?.instances ?? place.instances },
    problem: null,
  }
}
