import { readFileSync } from 'node:fs'
import { handLines } from '../../src/integrations/hosts/by-hand.js'
import { hostsSteps } from '../../src/integrations/hosts/steps/steps.js'
import { notSetUp } from '../../src/jobs/backups/database.js'
import type { Facts } from '../../src/jobs/facts.js'
import type { Catalogue, HostsTarget } from '../../src/releases/catalogue.js'
import { parseCatalogue } from '../../src/releases/catalogue-text.js'
import type { Deployment, Migration, Release, ReleaseSource } from '../../src/releases/release.js'
import type { InstanceState, Target, TargetState } from '../../src/releases/target.js'
import type { LockHolder } from '../../src/runs/ports.js'
import type { Intent } from '../../src/runs/run.js'

export const shopEnv = {
  SHOP_HOST_1: 'http://127.0.0.1:7001',
  SHOP_HOST_2: 'http://127.0.0.1:7002',
  SHOP_PROXY_ADMIN: 'http://127.0.0.1:7000',
  SHOP_PROXY: 'http://127.0.0.1:8080',
  SHOP_TOKEN_FILE: '/run/token',
  SHOP_RELEASES: '/srv/releases',
  SHOP_ALERTS_TOKEN: 'alerts',
  SHOP_BACKUPS: '/srv/backups',
  SHOP_SCRATCH: '/srv/scratch',
  SHOP_DATABASE_FOLDER: '/srv/shop-database',
  SHOP_NODE: '/usr/bin/node',
  SHOP_SERVER: '/srv/server.js',
}

/** The playground's own file, so that it is checked with everything that rests on it. */
export const shopText = readFileSync('playground/shipmate.yml', 'utf8')
export const shopCatalogue = (text = shopText): Catalogue => parseCatalogue(text, 'shipmate.yml', shopEnv)

export const noon = new Date('2026-03-02T12:00:00Z')
export const minutes = (count: number, from = noon) => new Date(from.getTime() + count * 60_000)

export function release(version: string, more: Partial<Release> = {}): Release {
  const hex = Buffer.from(version).toString('hex')
  return {
    service: 'storefront',
    version,
    commit: hex.padEnd(40, '0').slice(0, 40),
    artifact: `sha256:${hex.padEnd(64, '0').slice(0, 64)}`,
    // The same for all: what is newer is the source's to say.
    builtAt: noon,
    changes: [{ sha: hex.slice(0, 7), author: 'Ada', subject: `work on ${version}` }],
    migrations: [],
    ...more,
  }
}

export const migration = (name: string, safe = true): Migration => ({ name, what: `adds ${name}`, safe })

/** Newest first. */
export const shopReleases = () => [
  release('v1.9.0'),
  release('v1.8.0', { migrations: [migration('004')] }),
  release('v1.7.3'),
  release('v1.7.2'),
]

export const sourceOf = (releases: Release[]): ReleaseSource => ({
  list: async (service) => releases.filter((one) => one.service === service),
  find: async (service, version) => releases.find((one) => one.service === service && one.version === version) ?? null,
})

export const served = (version: string, run: number | null, at = noon): Deployment => {
  return { service: 'storefront', environment: 'prod', version, instances: 2, run, at }
}

export function serving(version: string | null, count = 2): TargetState {
  const instance = (at: number): InstanceState => ({
    id: `storefront-prod-${version}-${at}`,
    host: at % 2 === 1 ? 'alpha' : 'beta',
    version: version ?? '',
    url: `http://127.0.0.1:900${at}`,
    ready: true,
    weight: 100 / count,
  })
  const instances = version === null ? [] : Array.from({ length: count }, (_, at) => instance(at + 1))
  return { instances, serving: version }
}

/** A target that is in the state told, and plans as hosts do. */
export function targetIn(catalogue: Catalogue, look: () => Promise<TargetState>): Target {
  return {
    look,
    steps: (change, state) => hostsSteps(catalogue.targets, change, state),
    byHand: (place, state) => handLines(catalogue.targets.shop as HostsTarget, place, state),
  }
}

/** Nothing is backed up, and nothing was. */
export const noBackups: Facts['backups'] = {
  engines: async (database) => {
    throw notSetUp(database, { backups: {} })
  },
  book: {
    backups: async () => [],
    drills: async () => [],
    look: async () => null,
    samples: async () => [],
    clockwork: async (_database, now) => ({ starts: {}, since: now }),
  },
}

export type Situation = {
  catalogue?: Catalogue
  releases?: Release[]
  state?: TargetState
  history?: Deployment[]
  holders?: LockHolder[]
  backups?: Facts['backups']
}

/** v1.7.3 serves prod on two instances since run #7, v1.7.2 did before; v1.8.0 and v1.9.0 are built. */
export function factsOf(situation: Situation = {}): Facts {
  const catalogue = situation.catalogue ?? shopCatalogue()
  const history = situation.history ?? [served('v1.7.3', 7), served('v1.7.2', 5, minutes(-60))]
  return {
    catalogue,
    releases: () => sourceOf(situation.releases ?? shopReleases()),
    target: () => targetIn(catalogue, async () => situation.state ?? serving('v1.7.3')),
    deployments: { history: async (_service, _environment, limit) => history.slice(0, limit) },
    locks: { holders: async () => situation.holders ?? [] },
    abilities: { action: () => undefined },
    backups: situation.backups ?? noBackups,
    runs: { view: async () => null, list: async () => [] },
    now: noon,
  }
}

export const intent = (job: string, input: Intent['input'] = {}, environment = 'prod'): Intent => ({
  job,
  service: 'storefront',
  environment,
  input,
})
