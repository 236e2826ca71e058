import { resolveSecret } from '../config.js'
import { failed } from '../errors.js'
import { createHostsTarget } from '../integrations/hosts/target.js'
import { createReleaseFolder } from '../integrations/release-folder.js'
import { ownChecks } from '../jobs/checks.js'
import type { Facts } from '../jobs/facts.js'
import type { ReleaseSource } from '../releases/release.js'
import { gatherAbilities } from '../runs/abilities.js'
import type { Store } from '../store/connect.js'
import type { AppParts } from './parts.js'

/** `env` undefined: the process's own. */
export type WorldParts = Pick<AppParts, 'catalogue' | 'clock' | 'log' | 'driver'> & { env: AppParts['env'] | undefined }

export type World = ReturnType<typeof createWorld>

/** The outside world as the operator's file names it: targets, releases, and the abilities that plans may use. */
export function createWorld({ catalogue, env, clock, log, driver }: WorldParts, store: Store) {
  const secret = (reference: string) => resolveSecret(reference, env)
  const hosts = driver ?? createHostsTarget({ targets: catalogue.targets, secret, log })
  const target: Facts['target'] = () => hosts.target
  const sources = new Map<string, ReleaseSource>()
  for (const { name, releases } of Object.values(catalogue.services)) {
    sources.set(name, createReleaseFolder({ dir: releases.path, log }))
  }
  const releases: Facts['releases'] = (service) => {
    const source = sources.get(service)
    if (!source) throw failed('service-unknown', `There is no service ${service} in the operator's file any more.`)
    return source
  }
  const checks = [...hosts.checks, ...ownChecks({ locks: store.locks, runs: store.desk, target })]
  const abilities = gatherAbilities(checks, hosts.actions)
  const facts = (): Facts => ({
    catalogue,
    releases,
    target,
    deployments: store.deployments,
    locks: store.locks,
    abilities,
    now: clock.now(),
  })
  return { target, releases, facts, abilities }
}
