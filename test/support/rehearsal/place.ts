import { join } from 'node:path'
import pg from 'pg'
import { parseCatalogue } from '../../../src/releases/catalogue-text.js'
import { requirePart } from '../parts.js'
import { nameServer } from '../watched/name-server.js'
import { startPrometheus } from '../watched/real-prometheus.js'
import { shopServer } from '../watched/shop-server.js'
import { backedUp, backedUpSettings } from './backed-up.js'
import { shopCache } from './caches.js'
import { tlsDoor } from './certificate.js'
import { smallDisk } from './disk.js'
import { hostsInMemory } from './hosts.js'
import { played, playedAgent, playedVendor } from './played.js'

export type RehearsalPlace = Awaited<ReturnType<typeof openPlace>>

/** Enough connections for people and looks; the reserve is the server's. */
const plain = ['fsync=off', 'synchronous_commit=off', 'max_connections=30', 'superuser_reserved_connections=3']

export type PlaceOptions = {
  /** Its database is backed up, and its data can be brought back. */
  backups?: boolean
}

/** One place with everything that can be in trouble, on real parts where they can run here. */
export async function openPlace({ backups = false }: PlaceOptions = {}) {
  const settings = backups ? [...plain, ...backedUpSettings] : plain
  const [redisProgram, prometheusProgram] = [requirePart('redis'), requirePart('prometheus')]
  const [shop, cache, door, prometheus, names, agent, vendor, keys] = await Promise.all([
    shopServer(settings),
    redisProgram ? shopCache(redisProgram) : null,
    requirePart('openssl') ? tlsDoor() : null,
    prometheusProgram ? startPrometheus(prometheusProgram) : null,
    nameServer({}),
    playedAgent(),
    playedVendor(),
    playedKeys(),
  ])
  const zone = names.known
  const disk = smallDisk()
  const visitors = await playedVisitors(shop.url('shop'))
  const zoneKeeper = await played(() => {
    zone['shop.test'] = [10, 0, 0, 1]
    return { body: 'restored' }
  })
  const ports = { agent: agent.url, vendor: vendor.url, keys: keys.url, visitors: visitors.url, zone: zoneKeeper.url }
  const stored = backups ? backedUp(shop.dir, settings) : null
  const words = { ...ports, names: names.address, shopDir: shop.dir, settings, stored }
  const text = operatorsFile({ ...words, cache, door, prometheus: prometheus?.url ?? null, disk })
  const env = {
    TOKEN: 'token',
    LEAKED: 'sk_leaked',
    READ: shop.url('watcher'),
    ACT: shop.url('operator'),
    CACHE: cache?.url ?? '',
    SUPER: shop.superuser,
  }
  const catalogue = parseCatalogue(text, 'shipmate.yml', {})
  const hosts = hostsInMemory(catalogue.targets)
  return {
    ...{ catalogue, env, hosts, shop, cache, door, prometheus, zone, disk, visitors, vendor, keys, stored },
    async close() {
      for (const part of [names, agent, vendor, keys, visitors, zoneKeeper, door]) part?.close()
      disk?.close()
      await Promise.all([shop.close(), cache?.close(), prometheus?.close()])
      stored?.close()
    },
  }
}

/** Visitors' address: an error while the database or its table is away, or while a bad version serves. */
async function playedVisitors(databaseUrl: string) {
  const state = { bad: () => false }
  const server = await played(async () => {
    if (state.bad()) return { status: 500, body: 'price cache: stale generation' }
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query('select left_over from stock')
      return { body: 'hello' }
    } catch (thrown) {
      if (thrown instanceof pg.DatabaseError && thrown.code?.startsWith('42'))
        return { status: 500, body: thrown.message }
      return { status: 503, body: 'the database is away' }
    } finally {
      await client.end().catch(() => {})
    }
  })
  return { ...server, state }
}

/** Whoever hands out keys, and refuses one once it was taken back. */
async function playedKeys() {
  const state = { revoked: false }
  const server = await played(() => ({ status: state.revoked ? 401 : 200, body: {} }))
  return { ...server, state }
}

type Words = {
  agent: string
  vendor: string
  keys: string
  visitors: string
  zone: string
  names: string
  shopDir: string
  cache: Awaited<ReturnType<typeof shopCache>> | null
  door: Awaited<ReturnType<typeof tlsDoor>> | null
  prometheus: string | null
  disk: ReturnType<typeof smallDisk>
  settings: string[]
  stored: ReturnType<typeof backedUp> | null
}

/** What an operator would write for such a place. */
function operatorsFile(words: Words): string {
  const { prometheus, cache, stored } = words
  return `${stored?.section ?? ''}
databases: { shop: { url: env:READ, operator: env:ACT } }
${cache ? 'caches: { sessions: { url: env:CACHE, operator: env:CACHE } }' : ''}
${prometheus ? `prometheus: { url: "${prometheus}" }` : ''}
targets:
  shop:
    driver: hosts
    hosts: [{ name: alpha, url: "${words.agent}" }]
    proxy: { admin: http://127.0.0.1:1, public: http://127.0.0.1:1 }
    token: env:TOKEN
services:
  storefront:
    releases: { driver: folder, path: /releases }
    environments:
      prod:
        target: shop
        instances: 2
        watch:
${watchLines(words)
  .map((line) => `          ${line}`)
  .join('\n')}
environments:
  prod:
    channel: C0RELEASES
    approvals:
      operate: { quorum: 1, groups: [release-managers] }
      restore: { quorum: 1, groups: [release-managers], requester: excluded, expires: 1h }
      deploy: { quorum: 0 }
      rollback: { quorum: 0 }
    may:
      deploy: { groups: [incident-commanders] }
      backup: { groups: [incident-commanders] }
      restore: { groups: [incident-commanders] }
      operate: { groups: [incident-commanders] }
      rollback: { groups: [incident-commanders] }
`
}

function watchLines({ agent: _, ...words }: Words): string[] {
  const { cache, door, disk, prometheus, vendor } = words
  const script = join(import.meta.dirname, '../watched/start-server.ts')
  const startDatabase = [
    process.execPath,
    '--import',
    import.meta.resolve('tsx'),
    script,
    words.shopDir,
    ...words.settings,
  ]
  const command = (name: string, run: string[]) => `  ${name}: { run: ${JSON.stringify(run)} }`
  const vendors = ['stripe', 'supabase', 'n8n', 'stack-auth'].map((name) => `{ name: ${name}, status: "${vendor}" }`)
  const callZone = `fetch(${JSON.stringify(words.zone)}).then((a) => a.text()).then(console.log)`
  return [
    'database: shop',
    `probe: "${words.visitors}/"`,
    `dns: { names: [shop.test], servers: ["${words.names}"] }`,
    `externals: [${vendors.join(', ')}]`,
    `secrets: { leaked: { secret: env:LEAKED, url: "${words.keys}/v1/account" } }`,
    ...(cache ? ['cache: sessions', 'queue: { cache: sessions, names: [emails] }'] : []),
    ...(door ? [door.watch] : []),
    ...(prometheus ? ['metrics: { window: 5s, maxErrors: 1, maxLatency: 300ms }'] : []),
    ...(disk ? [`disk: ["${disk.dir}"]`, `clean: [{ path: "${disk.old}", olderThan: 7d, ending: .log }]`] : []),
    'commands:',
    command('restart-database', startDatabase),
    command('restore-zone', [process.execPath, '-e', callZone]),
    ...(cache ? [command('restart-cache', cache.restart)] : []),
    ...(door ? [command('reload-certificate', door.reload)] : []),
  ]
}
