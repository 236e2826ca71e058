import { z } from 'zod'
import type { Place, TargetState } from '../../releases/target.js'
import { byHandKey } from './by-hand.js'
import {
  type ClientsOf,
  type HostInstance,
  type HostsClients,
  instanceSchema,
  routeSchema,
  scopeOf,
} from './clients.js'
import type { PlaceInput } from './inputs.js'

const listSchema = z.object({ instances: z.array(instanceSchema) })
export type LocatedInstance = HostInstance & { host: string }

/** What runs for this service on every host; throws when a host cannot be asked. */
export async function instancesOf(
  clients: HostsClients,
  place: PlaceInput,
  signal?: AbortSignal,
): Promise<LocatedInstance[]> {
  const lists = await Promise.all(
    clients.hosts.map(({ name, http }) => onHost(name, http.get('/instances', listSchema, { signal }))),
  )
  return lists
    .flat()
    .filter(({ service, environment }) => service === place.service && environment === place.environment)
}

async function onHost(host: string, answer: Promise<z.infer<typeof listSchema>>): Promise<LocatedInstance[]> {
  return (await answer).instances.map((instance) => ({ ...instance, host }))
}

export const routeOf = (clients: HostsClients, place: PlaceInput, signal?: AbortSignal) =>
  clients.proxy.get(`/routes/${scopeOf(place)}`, routeSchema, { signal })

/** What runs and who gets which share of the traffic, from the hosts and the proxy themselves. */
export async function lookAt(clientsOf: ClientsOf, place: Place): Promise<TargetState> {
  const clients = await clientsOf(place.target)
  const [found, route] = await Promise.all([instancesOf(clients, place), routeOf(clients, place)])
  const instances = found
    .filter(({ state }) => state !== 'stopping')
    .map(({ id, host, version, url, ready }) => {
      const weight = route.upstreams.find((upstream) => upstream.id === id)?.weight ?? 0
      return { id, host, version, url, ready, weight }
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const byHand = route.order?.key === byHandKey
  return { instances, serving: servingOf(route.upstreams), ...(byHand && { byHand }) }
}

/** The version with most of the traffic. */
function servingOf(upstreams: { version: string; weight: number }[]): string | null {
  const weights = new Map<string, number>()
  for (const { version, weight } of upstreams) weights.set(version, (weights.get(version) ?? 0) + weight)
  const [heaviest] = [...weights].filter(([, weight]) => weight > 0).sort((a, b) => b[1] - a[1])
  return heaviest?.[0] ?? null
}
