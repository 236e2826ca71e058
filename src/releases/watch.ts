import type { StepInput } from '../runs/step.js'
import type { Catalogue } from './catalogue.js'
import { type GateName, gateNames } from './watch-words.js'

/** A database or cache of services; references (`env:NAME`, `file:PATH`), never the addresses. */
export type Database = {
  name: string
  url: string
  /** Null: it is only looked at. */
  operator: string | null
  /** Bytes that it may fill; null when the operator's file does not say. */
  size: number | null
}
export type Cache = Omit<Database, 'size'>
export type Prometheus = { url: string; token: string | null }

/** What is looked at, and what may be done, when a service in an environment is in trouble. No part of any plan. */
export type Watch = {
  database: string | null
  cache: string | null
  /** A web address that visitors use. */
  probe: string | null
  /** `name`: whom the certificate must be for; `ca`: a file with the authority that signs it. */
  tls: { address: string; name: string | null; ca: string | null } | null
  dns: { names: string[]; servers: string[] } | null
  metrics: WatchedMetrics | null
  impact: WatchedImpact | null
  queue: WatchedQueue | null
  /** Paths on the machine of Shipmate's workers. */
  disk: string[]
  clean: { path: string; olderThan: number; ending: string | null }[]
  logs: string[]
  commands: { [name: string]: OperatorCommand }
  externals: Vendor[]
  /** Credentials that must not work any more, each with an address that tells. */
  secrets: { [name: string]: { secret: string; url: string } }
  edge: { driver: 'cloudflare'; zone: string; token: string; api: string } | null
  /** Null: everything that is set up. */
  gate: GateName[] | null
}

export type WatchedMetrics = {
  /** PromQL. */
  errors: string
  latency: string
  traffic: string
  maxErrors: number
  /** Milliseconds. */
  maxLatency: number
  maxFactor: number
  /** How long ago things were as usual, in milliseconds. */
  usual: number[]
}
/** SQL for the watched database; `$1` and `$2` are where a stretch of time begins and ends. Durations in milliseconds. */
export type WatchedImpact = {
  /** Answers two numbers: people hit, and all. */
  users?: string | undefined
  /** By name; each answers one number. */
  counts: { [name: string]: string }
  /** How long a stretch is counted. */
  window: number
  /** How long ago things were as usual. */
  usual: number[]
}
export type WatchedQueue = { cache: string; names: string[]; prefix: string; maxWaiting: number; olderThan: number }
export type OperatorCommand = { run: string[]; within: number }
export type Vendor = { name: string; status: string | null; probe: string | null; components: string[] }

export type GateCheck = { key: string; title: string; check: string; with: StepInput }

export function watchOf({ services }: Pick<Catalogue, 'services'>, service: string, environment: string): Watch | null {
  const watches = Object.hasOwn(services, service) ? services[service]?.watch : undefined
  return watches && Object.hasOwn(watches, environment) ? (watches[environment] ?? null) : null
}

/**
 * The checks that must be green before an incident of this place is resolved: those that the operator's file names, else
 * all that are set up.
 */
export function gateChecks(catalogue: Catalogue, service: string, environment: string): GateCheck[] {
  const watch = watchOf(catalogue, service, environment)
  const wanted = watch?.gate ?? gateNames.filter((name) => usual(catalogue, service, environment, name))
  return wanted.flatMap((check) => checksNamed(check, watch, { service, environment }))
}

/** From the ground up: what stands later leans on what stands before. */
const fromTheGround: GateName[] = [
  ...(['dns.resolves', 'tls.certificate', 'host.disk', 'host.memory', 'host.load'] as const),
  ...(['postgres.reachable', 'postgres.space', 'postgres.integrity', 'postgres.connections'] as const),
  ...(['postgres.locks', 'postgres.invariants'] as const),
  ...(['postgres.idle-in-transaction', 'postgres.slow-queries', 'postgres.replica-lag'] as const),
  ...(['redis.reachable', 'redis.memory', 'redis.evictions', 'queue.backlog', 'external.status'] as const),
  ...(['metrics.traffic', 'logs.errors', 'metrics.errors', 'metrics.latency', 'http.probe', 'alerts.quiet'] as const),
]

/** Every check there is of a place, from the ground up; what is not set up answers *skip*. */
export function diagnosisChecks(catalogue: Catalogue, service: string, environment: string): GateCheck[] {
  const watch = watchOf(catalogue, service, environment)
  return fromTheGround.flatMap((check) => checksNamed(check, watch, { service, environment }))
}

function checksNamed(
  check: GateName,
  watch: Watch | null,
  where: { service: string; environment: string },
): GateCheck[] {
  if (check !== 'external.status') return [{ key: check, title: titles[check], check, with: where }]
  return (watch?.externals ?? []).map(({ name: vendor }) => {
    return { key: `${check}:${vendor}`, title: `${vendor} is well`, check, with: { ...where, vendor } }
  })
}

// A slow query, an unusual day or a vendor's trouble elsewhere does not mean that something is broken here.
function usual(catalogue: Catalogue, service: string, environment: string, name: GateName): boolean {
  const watch = watchOf(catalogue, service, environment)
  const metrics = Boolean(watch?.metrics && catalogue.prometheus)
  switch (name) {
    case 'http.probe':
      return Boolean(watch?.probe)
    case 'metrics.errors':
    case 'metrics.latency':
      return metrics
    case 'tls.certificate':
      return Boolean(watch?.tls)
    case 'dns.resolves':
      return Boolean(watch?.dns)
    case 'postgres.reachable':
    case 'postgres.locks':
    case 'postgres.connections':
      return Boolean(watch?.database)
    case 'redis.reachable':
    case 'redis.memory':
      return Boolean(watch?.cache)
    case 'queue.backlog':
      return Boolean(watch?.queue)
    case 'host.disk':
      return Boolean(watch && watch.disk.length > 0)
    case 'alerts.quiet':
      return true
    default:
      return false
  }
}

const titles: { [name in GateName]: string } = {
  'http.probe': 'Visitors get an answer',
  'metrics.errors': 'Few requests fail',
  'metrics.latency': 'Answers are quick',
  'metrics.traffic': 'As many visitors as usual',
  'tls.certificate': 'The certificate holds',
  'dns.resolves': 'The names resolve',
  'postgres.reachable': 'The database answers',
  'postgres.locks': 'Nobody waits for a lock',
  'postgres.slow-queries': 'No query runs long',
  'postgres.connections': 'Connections are free',
  'postgres.idle-in-transaction': 'No transaction is left open',
  'postgres.replica-lag': 'Replicas keep up',
  'postgres.space': 'The database has room',
  'postgres.integrity': 'The data is whole',
  'postgres.invariants': 'What must hold of the data holds',
  'redis.reachable': 'The cache answers',
  'redis.memory': 'The cache has memory',
  'redis.evictions': 'The cache forgets nothing early',
  'queue.backlog': 'The queues are worked off',
  'host.disk': 'Disks have room',
  'host.memory': 'Hosts have memory',
  'host.load': 'Hosts are not overloaded',
  'logs.errors': 'No new errors in the logs',
  'external.status': 'External services are well',
  'alerts.quiet': 'No alert fires',
}
