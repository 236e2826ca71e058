import { resolveSecret } from '../config.js'
import { failed } from '../errors.js'
import type { OutsideSilences, SilenceRows } from '../incidents/alerts/ports.js'
import { rulesOf } from '../incidents/alerts/rules.js'
import type { AlertDesk } from '../incidents/ports.js'
import { createAlertmanager } from '../integrations/alertmanager.js'
import { githubTags } from '../integrations/github-tags.js'
import { createHostsTarget } from '../integrations/hosts/target.js'
import { createReleaseFolder } from '../integrations/release-folder.js'
import { createWatching } from '../integrations/watching.js'
import { quietCheck } from '../jobs/alerts/quiet.js'
import { silenceActions } from '../jobs/alerts/silencing.js'
import { backupAbilities } from '../jobs/backups/abilities.js'
import type { BackupParts } from '../jobs/backups/parts.js'
import { ownChecks } from '../jobs/checks.js'
import type { Facts } from '../jobs/facts.js'
import type { ReleaseSource } from '../releases/release.js'
import { gatherAbilities } from '../runs/abilities.js'
import type { LockDesk } from '../runs/ports.js'
import type { Store } from '../store/connect.js'
import { type BackupSide, createBackupSide } from './backups/engines.js'
import { createObservers } from './backups/observers.js'
import { createSurroundings } from './backups/surroundings.js'
import type { AppParts } from './parts.js'

/** `env` undefined: the process's own. */
export type WorldParts = Pick<AppParts, 'catalogue' | 'clock' | 'log' | 'driver' | 'backups'> & {
  env: AppParts['env'] | undefined
  /** Left out: `.shipmate` here. */
  config?: Pick<AppParts['config'], 'dir'>
  /** The address of Shipmate's own database, as its owner. */
  own?: string
}

export type World = ReturnType<typeof createWorld>

/** The outside world as the operator's file names it: targets, releases, and the abilities that plans may use. */
export function createWorld(parts: WorldParts, store: Store) {
  const { catalogue, clock, log } = parts
  const { incidents, locks, desk: runs } = store
  const side: BackupSide = parts.backups ?? createBackupSide(parts)
  const rows = { alerts: incidents.alerts, silences: incidents.silences, locks, runs, backups: store.backups }
  const { target, abilities, clues } = abilitiesOf(parts, rows, side)
  const sources = new Map<string, ReleaseSource>()
  for (const { name, releases } of Object.values(catalogue.services)) {
    sources.set(name, createReleaseFolder({ dir: releases.path, log }))
  }
  const releases: Facts['releases'] = (service) => {
    const source = sources.get(service)
    if (!source) throw failed('service-unknown', `There is no service ${service} in the operator's file any more.`)
    return source
  }
  const facts = (): Facts => ({
    catalogue,
    releases,
    target,
    deployments: store.deployments,
    locks: store.locks,
    abilities,
    backups: { engines: side.engines, book: store.backups },
    runs: store.desk,
    now: clock.now(),
  })
  return { target, releases, facts, abilities, clues, backups: side }
}

/** The rows that abilities look at. */
export type AbilityRows = {
  alerts: Pick<AlertDesk, 'list'>
  silences: SilenceRows
  locks: Pick<LockDesk, 'holders'>
  runs: BackupParts['runs']
  backups: BackupParts['rows']
}

/** Every check and action, with the target and the clues that they are made of; nothing is reached before one is run. */
export function abilitiesOf(parts: WorldParts, rows: AbilityRows, side: BackupSide = createBackupSide(parts)) {
  const { catalogue, env, clock, log, driver } = parts
  const secret = (reference: string) => resolveSecret(reference, env)
  const hosts = driver ?? createHostsTarget({ targets: catalogue.targets, secret, log })
  const target: Facts['target'] = () => hosts.target
  const watching = createWatching({ catalogue, secret, clock, log, hosts })
  const quiet = quietCheck(rows.alerts, () => Object.keys(catalogue.alerts.sources).length > 0)
  const backups = backupAbilities({
    ...{ catalogue, ...side, rows: rows.backups, runs: rows.runs },
    surroundings: createSurroundings(catalogue, secret),
    observers: createObservers({ catalogue, secret, log }),
  })
  const own = ownChecks({ ...rows, target })
  const checks = [...hosts.checks, ...own, ...watching.checks, quiet, ...backups.checks]
  const silences = silenceActions({
    silences: rows.silences,
    outside: silencesOutside(catalogue, secret, log),
    rules: rulesOf(catalogue.alerts),
    clock,
    log,
  })
  const tags = githubTags({ catalogue, secret, log })
  const actions = [...hosts.actions, ...watching.actions, ...silences, ...backups.actions, ...tags]
  const abilities = gatherAbilities(checks, actions)
  return { target, abilities, clues: watching.clues }
}

/** Alertmanager, where the operator's file names its address; the token is read when it is asked first. */
function silencesOutside(
  { alerts }: WorldParts['catalogue'],
  secret: (reference: string) => Promise<string>,
  log: WorldParts['log'],
): OutsideSilences | null {
  const { api, apiToken } = alerts.sources.alertmanager ?? {}
  if (!api) return null
  const labels = {
    service: alerts.labels.service[0] ?? 'service',
    environment: alerts.labels.environment[0] ?? 'environment',
  }
  const opened = async () =>
    createAlertmanager({ api, labels, log, ...(apiToken && { token: await secret(apiToken) }) })
  return {
    make: async (silence) => (await opened()).make(silence),
    remove: async (key) => (await opened()).remove(key),
  }
}
