import { z } from 'zod'
import { failed } from '../../errors.js'
import { type Placement, placementOf } from '../../releases/catalogue.js'
import type { InstanceState } from '../../releases/target.js'
import { type Action, defineAction, type StepContext } from '../../runs/abilities.js'
import { announceTo, type ClientsOf, createClients } from '../hosts/clients.js'
import { lookAt } from '../hosts/look.js'
import { newInstances } from '../hosts/steps/naming.js'
import type { HostsDriver } from '../hosts/target.js'
import { type At, at } from '../watched/inputs.js'
import type { WatchedParts } from '../watched/parts.js'
import { counted } from '../watched/words.js'

/**
 * Every instance that serves is replaced by a fresh one of the same version, one after the other: the new one is ready
 * and has its share of the traffic before the old one is stopped, so nobody is turned away.
 */
export function restartAction(parts: WatchedParts, hosts: Pick<HostsDriver, 'actions'>): Action {
  const clientsOf = createClients(parts.catalogue.targets, parts.secret, parts.log)
  return defineAction<At>({
    name: 'service.restart',
    input: z.object(at),
    fence: 'generation',
    async announce(given, context) {
      const { hosts, proxy } = await clientsOf(placed(parts, given).target)
      await Promise.all([...hosts.map(({ http }) => http), proxy].map((http) => announceTo(http, given, context)))
    },
    async run(given, context) {
      const place = placed(parts, given)
      const { instances, serving } = await lookAt(clientsOf, place)
      const old = instances.filter((one) => one.version === serving && !isFresh(one, context))
      if (serving === null || instances.length === 0) throw nothingServes(given)
      for (const [at, instance] of old.entries()) {
        context.progress({ done: at, total: old.length, text: `${at} of ${old.length} started again` })
        await replaced({ act: acting(hosts, context), clientsOf, place, context }, instance)
      }
      const summary = `${counted(old.length, 'instance')} of ${serving} started again, one after the other`
      return { evidence: { summary, value: old.length }, output: { restarted: old.length } }
    },
  })
}

type Act = (name: string, input: object) => Promise<void>
type Scene = { act: Act; clientsOf: ClientsOf; place: Placement; context: StepContext }

async function replaced({ act, clientsOf, place, context }: Scene, old: InstanceState): Promise<void> {
  const { target, service, environment } = place
  const where = { target, service, environment }
  const { instances } = await lookAt(clientsOf, place)
  const [named] = newInstances(place, old.version, [old.host], instances)
  const fresh = { id: `${named?.id}${markOf(context)}`, host: old.host, version: old.version }
  await act('hosts.start', { ...where, ...fresh, artifact: null, ready: place.healthy })
  const now = await lookAt(clientsOf, place)
  const weight = now.instances.find(({ id }) => id === old.id)?.weight ?? old.weight
  const upstreams = now.instances
    .filter(({ id }) => id !== old.id)
    .map(({ id, host, version, url, weight: own }) => {
      return { id, host, version, url, weight: id === fresh.id ? weight || 100 : own }
    })
    .filter(({ weight }) => weight > 0)
  await act('hosts.shift', { ...where, upstreams, version: old.version, all: true })
  await act('hosts.retire', { ...where, instances: [old], drain: place.drain })
}

/** Which run started it stands in its name, so that an act that was cut off goes on where it was. */
const markOf = ({ run }: StepContext) => `-r${run}`
const isFresh = ({ id, ready, weight }: InstanceState, context: StepContext) =>
  id.endsWith(markOf(context)) && ready && weight > 0

const acting =
  (hosts: Pick<HostsDriver, 'actions'>, context: StepContext): Act =>
  async (name, input) => {
    const action = hosts.actions.find((one) => one.name === name)
    await action?.run(action.input.parse(input), context)
  }

function placed(parts: WatchedParts, { service, environment }: At): Placement {
  const place = placementOf(parts.catalogue, service, environment)
  if (place) return place
  throw failed('place-unknown', `${service} has no place in ${environment}`, {
    wanted: 'a service that the operator’s file places there',
    came: `${service} in ${environment}`,
    next: 'Name the service and the environment as the operator’s file does.',
  })
}

const nothingServes = ({ service, environment }: At) =>
  failed('nothing-runs', `nothing of ${service} runs in ${environment} that could be started again`, {
    wanted: 'an instance that serves',
    came: 'none',
    next: 'Deploy the last good version.',
  })
