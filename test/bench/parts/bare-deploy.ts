import { setTimeout as pause } from 'node:timers/promises'
import type { FloorApi } from './floor-api.js'

export type Times = {
  /** Milliseconds for which the new version is watched, at half and at all of the traffic. */
  watch: number
  /** Milliseconds that old instances get to finish what they are answering. */
  drain: number
}

type Instance = { id: string; url: string; service: string; environment: string; version: string; ready: boolean }
type Route = { generation: number; upstreams: Upstream[]; draining: Upstream[] }
type Upstream = { id: string; url: string; weight: number; version: string; inFlight: number }
type Mark = { elapsedMs: number; versions: { [version: string]: { requests: number; failed: number } } }

const scope = { service: 'storefront', environment: 'prod' }
const route = '/routes/storefront-prod'
/** As often as the driver looks. */
const lookEvery = { ready: 100, drained: 50 }

let deploys = 0

/**
 * A blue-green deploy of prod by the hosts' and the proxy's own APIs and nothing else: what a release engineer's script
 * would do. Answers its wall time in milliseconds.
 */
export async function bareDeploy(floor: FloorApi, version: string, times: Times): Promise<number> {
  deploys += 1
  const began = performance.now()
  const { generation, upstreams: old } = await floor.onProxy<Route>('GET', route)
  const order = (step: string) => ({ key: `bare/${step}/${deploys}`, generation })
  const release = { ...scope, version, artifact: floor.artifactOf(version) }
  const [first = ''] = floor.hosts

  const migrated = await floor.onHost<{ ok: boolean }>(first, 'POST', '/migrations', {
    ...order('migrate'),
    ...release,
  })
  if (!migrated.ok) throw new Error('the bare deploy could not migrate')
  const fresh = floor.hosts.map((host) => ({ host, id: `bare-${version}-${host}-${deploys}` }))
  await Promise.all(
    fresh.map(({ host, id }) =>
      floor.onHost(host, 'PUT', `/instances/${id}`, { ...order(`start-${host}`), ...release }),
    ),
  )
  const green = await ready(floor, fresh)
  const blue = old.map(({ id, url, version: before, weight }) => ({ id, url, version: before, weight: weight / 2 }))
  const table = (weight: number) => green.map(({ id, url }) => ({ id, url, version, weight }))
  await floor.onProxy('PUT', route, { ...order('shift-50'), upstreams: [...table(25), ...blue] })
  await watched(floor, order('watch-50').key, version, times.watch)
  await floor.onProxy('PUT', route, { ...order('shift-100'), upstreams: table(50) })
  await watched(floor, order('watch-100').key, version, times.watch)
  await drained(floor, new Set(old.map(({ id }) => id)), times.drain)
  await stopped(floor, old, { ...order('retire'), graceMs: 5000 })
  return performance.now() - began
}

async function ready(floor: FloorApi, wanted: { id: string }[]): Promise<Instance[]> {
  for (;;) {
    const found = (await instances(floor)).filter(({ id, ready }) => ready && wanted.some((one) => one.id === id))
    if (found.length === wanted.length) return found
    await pause(lookEvery.ready)
  }
}

async function instances(floor: FloorApi): Promise<(Instance & { host: string })[]> {
  const lists = await Promise.all(
    floor.hosts.map(async (host) => {
      const { instances } = await floor.onHost<{ instances: Instance[] }>(host, 'GET', '/instances')
      return instances.map((instance) => ({ ...instance, host }))
    }),
  )
  return lists.flat()
}

async function watched(floor: FloorApi, key: string, version: string, ms: number): Promise<void> {
  const look = () => floor.onProxy<Mark>('POST', `${route}/marks`, { key })
  for (let mark = await look(); mark.elapsedMs < ms; mark = await look()) await pause(ms - mark.elapsedMs)
  const { failed = 0, requests = 0 } = (await look()).versions[version] ?? {}
  if (failed > 0 || requests === 0)
    throw new Error(`${version} answered ${requests} requests, ${failed} of them failed`)
}

async function drained(floor: FloorApi, ids: Set<string>, ms: number): Promise<void> {
  const until = performance.now() + ms
  for (;;) {
    const { upstreams, draining } = await floor.onProxy<Route>('GET', route)
    const underWay = [...upstreams, ...draining].filter(({ id, inFlight }) => ids.has(id) && inFlight > 0)
    if (underWay.length === 0 || performance.now() >= until) return
    await pause(lookEvery.drained)
  }
}

async function stopped(floor: FloorApi, old: { id: string }[], order: object): Promise<void> {
  const there = (await instances(floor)).filter(({ id }) => old.some((one) => one.id === id))
  await Promise.all(there.map(({ host, id }) => floor.onHost(host, 'DELETE', `/instances/${id}`, order)))
}
