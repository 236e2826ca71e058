import type { Catalogue } from '../catalogue.js'
import type { Mistake } from '../catalogue-rules.js'
import type { CatalogueFile } from '../catalogue-schema.js'
import type { Watch } from '../watch.js'
import { knownVendors } from '../watch-words.js'
import type { WatchInFile } from './watch.js'

/** The sections about what is looked at, as the product knows them. */
export function watchedParts({
  databases,
  caches,
  prometheus,
}: CatalogueFile): Pick<Catalogue, 'databases' | 'caches' | 'prometheus'> {
  const named = <In, Out>(record: { [name: string]: In }, out: (name: string, value: In) => Out) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, out(name, value)]))
  return {
    databases: named(databases, (name, { url, operator, size }) => {
      return { name, url, operator: operator ?? null, size: size ?? null }
    }),
    caches: named(caches, (name, { url, operator }) => ({ name, url, operator: operator ?? null })),
    prometheus: prometheus ? { url: prometheus.url, token: prometheus.token ?? null } : null,
  }
}

/** What the file leaves out has a good default, made from what it says. */
export function watchFrom(file: WatchInFile, service: string, environment: string): Watch {
  const { database, cache, probe, metrics, impact, queue, edge, gate, tls, dns, clean, externals } = file
  return {
    ...file,
    database: database ?? null,
    cache: cache ?? null,
    probe: probe ?? null,
    tls: tls ? { address: tls.address, name: tls.name ?? null, ca: tls.ca ?? null } : tlsOf(probe),
    dns: dns ?? dnsOf(probe),
    metrics: metrics ? metricsOf(metrics, service, environment) : null,
    impact: impact ?? null,
    queue: queue ?? null,
    clean: clean.map(({ ending, ...rest }) => ({ ...rest, ending: ending ?? null })),
    externals: externals.map(({ name, status, probe: address, components }) => {
      const known = status || address ? {} : (vendorNamed(name) ?? {})
      return { name, status: status ?? known.status ?? null, probe: address ?? known.probe ?? null, components }
    }),
    edge: edge ?? null,
    gate: gate ?? null,
  }
}

const vendorNamed = (name: string) => (Object.hasOwn(knownVendors, name) ? knownVendors[name] : undefined)

/** Visitors' own address tells which certificate and which name matter. */
function tlsOf(probe: string | undefined): Watch['tls'] {
  if (!probe?.startsWith('https:')) return null
  const { hostname, port } = new URL(probe)
  return { address: `${hostname}:${port || 443}`, name: null, ca: null }
}

function dnsOf(probe: string | undefined): Watch['dns'] {
  const host = probe ? new URL(probe).hostname : ''
  const named = host !== '' && host !== 'localhost' && !/^[\d.]+$|^\[/.test(host)
  return named ? { names: [host], servers: [] } : null
}

/** The usual names of Prometheus' client libraries; `service` and `environment` are labels unless `match` says else. */
function metricsOf(
  { match, window, ...rest }: NonNullable<WatchInFile['metrics']>,
  service: string,
  environment: string,
): NonNullable<Watch['metrics']> {
  const which = match ?? `service="${service}",environment="${environment}"`
  const rate = (more = '') => `sum(rate(http_requests_total{${which}${more}}[${window}]))`
  return {
    ...rest,
    // No failed request at all has no series, which is none, not unknown.
    errors: rest.errors ?? `(${rate(',status=~"5.."')} or vector(0)) / ${rate()}`,
    latency:
      rest.latency ??
      `histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{${which}}[${window}])))`,
    traffic: rest.traffic ?? rate(),
  }
}

type UnknownName = (path: string[], word: string, what: string, known: string[]) => Mistake[]

/** Names that name nothing. */
export function watchMistakes(file: CatalogueFile, unknownName: UnknownName): Mistake[] {
  const [databases, caches] = [Object.keys(file.databases), Object.keys(file.caches)]
  return watchesIn(file).flatMap(({ path, watch }) => [
    ...(watch.database ? unknownName([...path, 'database'], watch.database, 'a database', databases) : []),
    ...(watch.cache ? unknownName([...path, 'cache'], watch.cache, 'a cache', caches) : []),
    ...(watch.queue ? unknownName([...path, 'queue', 'cache'], watch.queue.cache, 'a cache', caches) : []),
    ...(watch.metrics && !file.prometheus ? [noPrometheus(path)] : []),
    ...(watch.impact && !watch.database ? [nobodyToAsk(path)] : []),
    ...watch.externals.flatMap((vendor, at) => silentVendor([...path, 'externals', at], vendor)),
  ])
}

const watchesIn = (file: CatalogueFile) =>
  Object.entries(file.services).flatMap(([service, { environments }]) =>
    Object.entries(environments).flatMap(([environment, { watch }]) =>
      watch ? [{ path: ['services', service, 'environments', environment, 'watch'], watch }] : [],
    ),
  )

const noPrometheus = (path: string[]): Mistake => ({
  path: [...path, 'metrics'],
  wanted: 'a Prometheus to ask',
  came: 'none',
  next: 'Add prometheus with its url, or remove metrics.',
  atKey: true,
})

const nobodyToAsk = (path: string[]): Mistake => ({
  path: [...path, 'impact'],
  wanted: 'a database to ask',
  came: 'none',
  next: 'Name one as watch.database, or remove impact.',
  atKey: true,
})

function silentVendor(path: (string | number)[], { name, status, probe }: WatchInFile['externals'][number]): Mistake[] {
  if (status || probe || vendorNamed(name)) return []
  return [
    {
      path: [...path, 'name'],
      wanted: `one of ${Object.keys(knownVendors).join(', ')}, or a vendor with status or probe`,
      next: 'Add the address of its status page as status, or one that answers when it is well as probe.',
    },
  ]
}
