import { z } from 'zod'
import { failed, ShipmateError } from '../../errors.js'
import type { Log } from '../../log.js'
import type { HostsTarget } from '../../releases/catalogue.js'
import type { Announcement, StepContext } from '../../runs/abilities.js'
import { createHttp, type Http } from '../http.js'

export const instanceSchema = z.object({
  id: z.string(),
  service: z.string(),
  environment: z.string(),
  version: z.string(),
  url: z.string(),
  state: z.enum(['starting', 'ready', 'unready', 'stopping', 'crashed']),
  ready: z.boolean(),
  reason: z.string().nullable(),
  restarts: z.number(),
})
export type HostInstance = z.infer<typeof instanceSchema>

const upstreamSchema = z.object({
  id: z.string(),
  url: z.string(),
  weight: z.number(),
  version: z.string(),
  inFlight: z.number(),
})
/** Whose order the route is, and whose it took the place of. */
const givenSchema = z.object({ key: z.string(), over: z.string().nullable() })
export const routeSchema = z.object({
  upstreams: z.array(upstreamSchema),
  draining: z.array(upstreamSchema),
  order: givenSchema.nullable().default(null),
})
export type Route = z.infer<typeof routeSchema>

/** A target's agents and its proxy, as HTTP clients. */
export type HostsClients = { hosts: { name: string; http: Http }[]; proxy: Http }

/** Clients for every target of the hosts driver, made at first use; a token that changed is read at the next start. */
export function createClients(
  targets: { [name: string]: HostsTarget },
  secret: (reference: string) => Promise<string>,
  log: Log,
) {
  const made = new Map<string, Promise<HostsClients>>()
  return (target: string): Promise<HostsClients> => {
    const settings = Object.hasOwn(targets, target) ? targets[target] : undefined
    if (settings === undefined)
      throw failed('target-unknown', `there is no target named ${target} in the operator’s file`, {
        wanted: `one of ${Object.keys(targets).join(', ')}`,
        came: target,
        next: 'Name the target in the operator’s file, or plan again.',
      })
    const clients = made.get(target) ?? connect(settings, secret, log)
    made.set(target, clients)
    // A secret that was missing may be there at the next call.
    clients.catch(() => made.delete(target))
    return clients
  }
}
export type ClientsOf = ReturnType<typeof createClients>

async function connect(settings: HostsTarget, secret: (reference: string) => Promise<string>, log: Log) {
  const token = await secret(settings.token)
  const client = (name: string, url: string) =>
    createHttp({ name, baseUrl: url, token, allowedHosts: [new URL(url).host], log })
  return {
    hosts: settings.hosts.map(({ name, url }) => ({ name, http: client(name, url) })),
    proxy: client(`the proxy of ${settings.name}`, settings.proxy.admin),
  }
}

export function hostNamed({ hosts }: HostsClients, name: string): Http {
  const found = hosts.find((host) => host.name === name)
  if (found) return found.http
  throw failed('host-unknown', `there is no host named ${name} in the target`, {
    wanted: `one of ${hosts.map((host) => host.name).join(', ')}`,
    came: name,
    next: 'The operator’s file changed since this was planned: plan again.',
  })
}

/** What a service in an environment is called on hosts and on the proxy. */
export const scopeOf = ({ service, environment }: { service: string; environment: string }) =>
  `${service}-${environment}`

/** What makes a change happen once, and never after a newer worker's. */
export const orderOf = ({ key, epoch }: StepContext) => ({ key, generation: epoch })

/** From now on this part refuses changes of the service by older workers. */
export async function announceTo(part: Http, place: { service: string; environment: string }, context: Announcement) {
  const body = { generation: context.epoch }
  await fenced(part.put(`/generations/${scopeOf(place)}`, body, seenSchema, { signal: context.signal }))
}

const seenSchema = z.object({ generation: z.number() })

/** A refusal for an old generation means another worker has taken over this run: the claim is lost, not the deploy. */
export async function fenced<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (!(error instanceof ShipmateError) || error.details?.status !== 409) throw error
    if (!String(error.details.answer).includes('"generation"')) throw error
    throw new ShipmateError('lost', 'fenced', 'a newer worker acts on this target; this one had no effect', {
      came: error.message,
      next: 'Nothing to do: the newer worker goes on.',
      details: error.details,
    })
  }
}
