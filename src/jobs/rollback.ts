import { z } from 'zod'
import { refused } from '../errors.js'
import { resourceOf } from '../releases/catalogue.js'
import type { Release } from '../releases/release.js'
import { migrationsSince, type Return, returns, versionBefore } from '../releases/versions.js'
import type { PlanDraft } from '../runs/plan.js'
import type { Intent } from '../runs/run.js'
import type { Facts } from './facts.js'
import { aftermath, approval, byHand, inOrder, quietly, serving, tell, unlocked } from './gates.js'
import type { Job } from './jobs.js'
import { historyLength, instancesToKeep, linksOf, releaseIn, type Scene, sceneOf, shortened, sliceOf } from './place.js'
import { version } from './version.js'

const input = z.strictObject({ version: version.optional() })

/** Brings back a version that served before: no migrations, all traffic at once, a short look afterwards. */
export const rollback: Job = {
  name: 'rollback',
  input,
  act: 'rollback',
  priority: 1,
  resources: ({ service, environment }) => [resourceOf(service, environment)],
  plan: planRollback,
}

const longestVerify = 1_000

export async function planRollback(intent: Intent, facts: Facts): Promise<PlanDraft> {
  const { service, environment } = intent
  const scene = await sceneOf(intent, facts)
  const releases = await facts.releases(service).list(service)
  const history = await facts.deployments.history(service, environment, historyLength)
  const from = scene.state.serving
  const release = wanted(intent, from, returns(history, releases, from), releases)
  const stays = migrationsSince(history, releases, release.version)
  const place = quick(scene)
  const to = { ...release, migrations: [], changes: [] }
  return {
    headline: {
      job: 'rollback',
      service,
      environment,
      from,
      to: release.version,
      changes: [],
      migrations: [],
      risk: stays.length > 0 ? 'medium' : 'low',
      notes: [`all traffic at once${stays.length > 0 ? `; ${staying(stays, release.version)}` : ''}`],
      undo: from === null ? 'stop what was started' : `traffic back to ${from}`,
      ...linksOf(facts, service, releases, from, release),
    },
    pinned: {
      service,
      environment,
      version: release.version,
      commit: release.commit,
      artifact: release.artifact,
      replaces: from,
      instances: place.instances,
      migrations: [],
      ...sliceOf(scene, 'rollback', facts),
    },
    steps: inOrder(
      [unlocked(intent), serving(scene)],
      approval(scene, 'rollback', `Roll ${service} in ${environment} back to ${release.version}?`),
      quietly(intent, facts, scene.target.steps({ kind: 'replace', place, to, from }, scene.state)),
      [tell('note', 'tell the thread', { kind: 'thread' }, noteOf(intent, release.version, from))],
    ),
    observe: scene.environment.mode === 'observe',
    result: { service, environment, version: release.version, instances: place.instances, replaced: from },
    aftermath: aftermath(scene),
    ...byHand(scene),
  }
}

function wanted(intent: Intent, from: string | null, choices: Return[], releases: Release[]): Release {
  const { service, environment } = intent
  const named = input.parse(intent.input).version
  if (named === undefined) {
    const before = versionBefore(choices)?.release
    if (before) return before
    throw noneBefore(intent, from, choices)
  }
  if (named === from)
    throw refused('already-serving', `${service} ${named} already serves ${environment}.`, {
      next: 'Nothing to do. /ops status shows what runs where.',
    })
  const choice = choices.find((one) => one.version === named)
  if (choice?.release && choice.whyNot === null) return choice.release
  if (choice) throw cannotReturn(intent, choice, choices)
  releaseIn(releases, service, named, offered(intent, choices))
  throw refused('never-served', `${shortened(named)} never served ${environment}, so it cannot be rolled back to.`, {
    wanted: `a version that served ${environment} before`,
    came: shortened(named),
    next: offered(intent, choices),
  })
}

function cannotReturn(intent: Intent, choice: Return, choices: Return[]) {
  return refused('cannot-return', `${intent.service} cannot go back to ${choice.version}: ${choice.whyNot}.`, {
    wanted: 'a version that is there and can run on the schema as it is',
    came: choice.version,
    next: offered(intent, choices),
  })
}

function noneBefore(intent: Intent, from: string | null, choices: Return[]) {
  const reasons = choices.slice(0, 3).map(({ version, whyNot }) => `${version}: ${whyNot}`)
  return refused('nothing-before', `There is no release to roll ${intent.service} in ${intent.environment} back to.`, {
    wanted: `a version that served before ${from ?? 'now'}`,
    came: reasons.length > 0 ? reasons.join('; ') : 'none',
    next: `Bring a repaired release: /deploy ${intent.service} ${intent.environment}`,
  })
}

function offered({ service, environment }: Intent, choices: Return[]): string {
  const possible = choices.filter(({ whyNot }) => whyNot === null).map(({ version }) => version)
  if (possible.length === 0) return `Bring a repaired release: /deploy ${service} ${environment}`
  return `It can go back to ${possible.slice(0, 5).join(', ')}.`
}

const quick = (scene: Scene) => ({
  ...scene.placement,
  instances: instancesToKeep(scene),
  shares: [],
  verify: { ...scene.placement.verify, for: Math.min(longestVerify, scene.placement.verify.for) },
})

const staying = (stays: { name: string }[], to: string) =>
  `${stays.length} ${stays.length === 1 ? 'migration stays' : 'migrations stay'} applied, ${to} can run on ${stays.length === 1 ? 'it' : 'them'}`

const noteOf = ({ service, environment }: Intent, to: string, from: string | null) =>
  `${service} ${to} serves ${environment} again${from === null ? '' : `; ${from} was rolled back`}.`
