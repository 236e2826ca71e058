import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { buildReleases } from '../../examples/storefront/build-releases.js'
import type { Log } from '../../src/log.js'
import { loadSaved, save } from '../saved.js'
import { compiled } from './compiled.js'
import { firstStart, mendRoute } from './first-start.js'
import { createParts, type Parts } from './parts.js'
import { createPorts, type Ports } from './ports.js'

export type FloorOptions = {
  dir: string
  /** Connection strings of the shop's databases, by environment. */
  databases: Promise<{ [environment: string]: string }>
  /** Requests per second of the visitors; null for none. */
  visitors: number | null
  log: Log
}

/** Two hosts, a proxy and visitors: where the shop runs. Addresses as the operator's file needs them. */
export type Floor = {
  hosts: { name: string; url: string }[]
  proxy: { admin: string; public: string }
  visitors: string | null
  releases: string
  tokenFile: string
  token: string
  parts: Parts
  /** Stops everything, instances last started first; the next opening brings the same versions back. */
  close(): Promise<void>
}

export const hostNames = ['alpha', 'beta']

/** Starts what does not run yet and finds what does. The first time, v1.7.3 gets the traffic of every environment. */
export async function openFloor(options: FloorOptions): Promise<Floor> {
  const dir = resolve(options.dir)
  const releases = join(dir, 'releases')
  await buildReleases(releases)
  const tokenFile = join(dir, 'token')
  const token = keptToken(tokenFile)
  const [parts, ports] = [createParts(dir, options.log), createPorts(dir)]
  const shared = { dir, tokenFile, releases, parts, ports, envFile: join(dir, 'hosts', 'environments.json') }
  const [hosts, proxy, databases] = await Promise.all([openHosts(shared), openProxy(shared), options.databases])
  save(shared.envFile, environmentsOf(databases))
  const place = { hosts, proxy, token }
  await Promise.all(
    Object.keys(databases).map(async (environment) => {
      if (!(await mendRoute(place, environment))) await firstStart(place, environment)
    }),
  )
  const visitors = options.visitors === null ? null : await openVisitors(shared, proxy.public, options.visitors)
  return {
    ...place,
    visitors,
    releases,
    tokenFile,
    parts,
    close: () => closeFloor(parts, hosts, token, options.log),
  }
}

type Shared = { dir: string; tokenFile: string; releases: string; envFile: string; parts: Parts; ports: Ports }

const environmentsOf = (databases: { [environment: string]: string }) =>
  Object.fromEntries(
    Object.entries(databases).map(([environment, url]) => [`storefront-${environment}`, { DATABASE_URL: url }]),
  )

function openHosts({ dir, tokenFile, releases, envFile, parts, ports }: Shared) {
  return Promise.all(
    hostNames.map((name) =>
      ports.bind([name], parts.isRunning(name), async ([port]) => {
        const settings = { name, port, dir: join(dir, 'hosts', name), releases, tokenFile, envFile }
        await parts.open(configured(dir, name, 'playground/hosts/main.js', settings))
        return { name, url: `http://127.0.0.1:${port}` }
      }),
    ),
  )
}

function openProxy({ dir, tokenFile, parts, ports }: Shared) {
  return ports.bind(['shop', 'proxy'], parts.isRunning('proxy'), async ([publicPort, adminPort]) => {
    const settings = {
      name: 'proxy',
      dir: join(dir, 'proxy'),
      tokenFile,
      publicPort,
      adminPort,
      home: 'storefront-prod',
    }
    await parts.open(configured(dir, 'proxy', 'playground/proxy/main.js', settings))
    return { admin: `http://127.0.0.1:${adminPort}`, public: `http://127.0.0.1:${publicPort}` }
  })
}

function openVisitors({ dir, tokenFile, parts, ports }: Shared, url: string, rate: number): Promise<string> {
  return ports.bind(['visitors'], parts.isRunning('visitors'), async ([port]) => {
    const settings = { name: 'visitors', tokenFile, port, url, rate }
    await parts.open(configured(dir, 'visitors', 'playground/visitors/main.js', settings))
    return `http://127.0.0.1:${port}`
  })
}

/** A part that reads its settings from a file of its own. */
function configured(dir: string, name: string, script: string, settings: object) {
  const file = join(dir, 'parts', `${name}.json`)
  return {
    name,
    script: compiled(script),
    settings,
    args: (mark: string) => {
      save(file, { ...settings, mark })
      return [file, mark]
    },
  }
}

function keptToken(file: string): string {
  if (!existsSync(file)) {
    mkdirSync(resolve(file, '..'), { recursive: true })
    writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 })
  }
  return readFileSync(file, 'utf8').trim()
}

async function closeFloor(parts: Parts, hosts: { name: string; url: string }[], token: string, log: Log) {
  await parts.stop('visitors')
  await parts.stop('proxy')
  await Promise.all(hosts.map((host) => powerOff(host, token, log)))
  await Promise.all(hosts.map(({ name }) => parts.stop(name)))
}

async function powerOff({ name, url }: { name: string; url: string }, token: string, log: Log): Promise<void> {
  const headers = { authorization: `Bearer ${token}` }
  const off = await fetch(`${url}/power-off`, { method: 'POST', headers }).catch((error: Error) => error)
  if (off instanceof Error || !off.ok) log.warn({ host: name }, 'the host could not be powered off')
}

/** Stops what an opening that failed has left running. */
export async function clearFloor(dir: string, log: Log): Promise<void> {
  const parts = createParts(dir, log)
  const ports = loadSaved(join(dir, 'ports.json'), z.record(z.string(), z.number()), {})
  const running = hostNames.filter((name) => parts.isRunning(name))
  const hosts = running.map((name) => ({ name, url: `http://127.0.0.1:${ports[name]}` }))
  await closeFloor(parts, hosts, keptToken(join(dir, 'token')), log)
}
