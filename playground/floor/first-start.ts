import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'

/** What is needed to talk to the hosts and the proxy as an operator would, before there is any Shipmate. */
export type FloorPlace = {
  hosts: { name: string; url: string }[]
  proxy: { admin: string; public: string }
  token: string
}

const firstVersion = 'v1.7.3'
const service = 'storefront'

const instanceSchema = z.object({ id: z.string(), environment: z.string(), url: z.string(), ready: z.boolean() })
const listSchema = z.object({ instances: z.array(instanceSchema) })
const upstreamSchema = z.object({ id: z.string(), url: z.string(), weight: z.number(), version: z.string() })
const routeSchema = z.object({ generation: z.number(), upstreams: z.array(upstreamSchema) })

/** The state that a shop is in before anybody deploys: the first version on the hosts, with all traffic. */
export async function firstStart(place: FloorPlace, environment: string): Promise<void> {
  // One host is enough for staging, and shows that environments may differ.
  const hosts = environment === 'prod' ? place.hosts : place.hosts.slice(0, 1)
  const order = { generation: 0, service, environment, version: firstVersion }
  await call(
    place,
    'POST',
    `${hosts[0]?.url}/migrations`,
    { key: `first-${environment}`, ...order },
    z.object({ ok: z.literal(true) }),
  )
  const ids = hosts.map(({ name }) => `${service}-${environment}-${firstVersion}-${name}-1`)
  await Promise.all(
    hosts.map(({ url }, index) => {
      const id = ids[index] ?? ''
      return call(
        place,
        'PUT',
        `${url}/instances/${id}`,
        { key: `first-${id}`, ...order },
        z.object({ fresh: z.boolean() }),
      )
    }),
  )
  const ready = await allReady(place, ids)
  const weight = 100 / ids.length
  await putRoute(
    place,
    environment,
    0,
    ready.map(({ id, url }) => ({ id, url, weight, version: firstVersion })),
  )
}

/**
 * False when nothing was ever routed there. After the machine was off, instances may have new ports: waits for them and
 * corrects the addresses in the route, with nothing else changed.
 */
export async function mendRoute(place: FloorPlace, environment: string): Promise<boolean> {
  const path = `${place.proxy.admin}/routes/${service}-${environment}`
  const route = await call(place, 'GET', path, undefined, routeSchema)
  if (route.upstreams.length === 0) return false
  const running = await allReady(
    place,
    route.upstreams.map(({ id }) => id),
  )
  const mended = route.upstreams.map((upstream) => ({
    ...upstream,
    url: running.find(({ id }) => id === upstream.id)?.url ?? upstream.url,
  }))
  if (mended.some(({ url }, index) => url !== route.upstreams[index]?.url))
    await putRoute(place, environment, route.generation, mended)
  return true
}

const putRoute = (
  place: FloorPlace,
  environment: string,
  generation: number,
  upstreams: z.infer<typeof upstreamSchema>[],
) =>
  call(
    place,
    'PUT',
    `${place.proxy.admin}/routes/${service}-${environment}`,
    { key: 'playground', generation, upstreams },
    routeSchema,
  )

/** Those that became ready within ten seconds; a release that never does is no reason not to open. */
async function allReady(place: FloorPlace, ids: string[]) {
  const until = Date.now() + 10_000
  for (;;) {
    const lists = await Promise.all(
      place.hosts.map(({ url }) => call(place, 'GET', `${url}/instances`, undefined, listSchema)),
    )
    const wanted = lists.flatMap(({ instances }) => instances).filter(({ id }) => ids.includes(id))
    const ready = wanted.filter((instance) => instance.ready)
    if (ready.length === ids.length || Date.now() > until) return ready
    await pause(50)
  }
}

async function call<T>(place: FloorPlace, method: string, url: string, body: object | undefined, schema: z.ZodType<T>) {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${place.token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`)
  return schema.parse(JSON.parse(text))
}
