import { z } from 'zod'
import { refused } from '../errors.js'
import { resourceOf } from '../releases/catalogue.js'
import type { Deployment, Migration, Release } from '../releases/release.js'
import { brought, isOlder, newestToDeploy } from '../releases/versions.js'
import type { Headline, PlanDraft } from '../runs/plan.js'
import type { Intent } from '../runs/run.js'
import type { Step } from '../runs/step.js'
import { backedUpFirst, provenGate } from './backups/asking.js'
import type { Facts } from './facts.js'
import {
  aftermath,
  approval,
  byHand,
  inOrder,
  quietly,
  serving,
  tell,
  underGlassOnlyWarned,
  unlocked,
} from './gates.js'
import type { Job } from './jobs.js'
import { historyLength, instancesToKeep, linksOf, releaseIn, type Scene, sceneOf, sliceOf } from './place.js'
import { riskOfDeploy, worse } from './risk.js'
import { tagSteps } from './tagging/tag-steps.js'
import { version } from './version.js'

const input = z.strictObject({ version: version.optional() })

/** Brings a release to an environment; the newest one that does not serve when none is named. */
export const deploy: Job = {
  name: 'deploy',
  input,
  act: 'deploy',
  priority: 0,
  resources: ({ service, environment }) => [resourceOf(service, environment)],
  plan: planDeploy,
}

/** Gates, approval, the target's steps, a note of what went live. */
export async function planDeploy(intent: Intent, facts: Facts): Promise<PlanDraft> {
  const scene = await sceneOf(intent, facts)
  const releases = await facts.releases(intent.service).list(intent.service)
  const release = wanted(intent, scene, releases)
  const bringing = brought(releases, scene.state.serving, release)
  const whole = wholeOf(release, bringing)
  const history = await facts.deployments.history(intent.service, intent.environment, historyLength)
  const again = history.find(({ version }) => version === release.version)
  const headline = {
    ...headlineOf(scene, whole, bringing, again, intent.glass),
    ...linksOf(facts, intent.service, releases, scene.state.serving, release),
  }
  const place = { ...scene.placement, instances: instancesToKeep(scene) }
  const change = { kind: 'replace', place, to: whole, from: scene.state.serving } as const
  const { service, environment } = intent
  return {
    headline,
    pinned: {
      service,
      environment,
      version: whole.version,
      commit: whole.commit,
      artifact: whole.artifact,
      replaces: scene.state.serving,
      instances: place.instances,
      migrations: whole.migrations.map(({ name, safe }) => ({ name, safe })),
      ...sliceOf(scene, 'deploy', facts),
    },
    steps: inOrder(
      [
        unlocked(intent),
        serving(scene),
        ...underGlassOnlyWarned(intent, provenGate(facts.catalogue, service, environment)),
      ],
      approval(scene, 'deploy', `Deploy ${service} ${whole.version} to ${environment}?`),
      quietly(intent, facts, workOf(intent, facts, whole, scene.target.steps(change, scene.state))),
      [
        tell('release-note', 'post the release note', { kind: 'thread' }, releaseNote(headline)),
        ...tagSteps(intent, facts.catalogue, whole),
      ],
    ),
    observe: scene.environment.mode === 'observe',
    result: { service, environment, version: whole.version, instances: place.instances, replaced: scene.state.serving },
    aftermath: aftermath(scene),
    ...byHand(scene),
  }
}

/** What a release that migrates can break is stored before anything changes. */
const workOf = (intent: Intent, { catalogue }: Facts, { migrations }: Release, work: Step[]): Step[] =>
  backedUpFirst(catalogue, intent, migrations, work)

function wanted(intent: Intent, scene: Scene, releases: Release[]): Release {
  const { service, environment } = intent
  const named = input.parse(intent.input).version
  const now = scene.state.serving
  const release = named === undefined ? newestToDeploy(releases, now) : releaseIn(releases, service, named)
  if (release === null) throw nothingNew(service, environment, now, releases)
  if (release.version === now)
    throw refused('already-serving', `${service} ${release.version} already serves ${environment}.`, {
      next: 'Nothing to do. /ops status shows what runs where.',
    })
  if (isOlder(releases, release.version, now))
    throw refused('older-than-serving', `${release.version} is older than ${now}, which serves ${environment}.`, {
      wanted: `a release newer than ${now}`,
      came: release.version,
      next: `That is a rollback: /rollback ${service} ${environment} ${release.version}`,
    })
  return release
}

function nothingNew(service: string, environment: string, now: string | null, releases: Release[]) {
  const none = releases.length === 0
  const text = none
    ? `${service} has no release yet.`
    : `${service} ${now} serves ${environment}; it is the newest release.`
  return refused('nothing-newer', text, {
    wanted: 'a release that does not serve yet',
    came: none ? 'none' : `${now}`,
    next: none ? 'Build one first.' : `For an older one: /rollback ${service} ${environment}`,
  })
}

/** The release with all that it brings over what serves: skipped releases come along. */
const wholeOf = (release: Release, bringing: Release[]): Release => ({
  ...release,
  changes: bringing.flatMap(({ changes }) => changes),
  migrations: [...bringing].reverse().flatMap(({ migrations }) => migrations),
})

function headlineOf(
  scene: Scene,
  whole: Release,
  bringing: Release[],
  again: Deployment | undefined,
  glass: Intent['glass'],
): Headline {
  const { service, environment, strategy } = scene.placement
  const from = scene.state.serving
  const skipped = bringing.slice(1).map(({ version }) => version)
  return {
    job: 'deploy',
    service,
    environment,
    from,
    to: whole.version,
    changes: whole.changes,
    migrations: whole.migrations,
    risk: again ? worse(riskOfDeploy(from, bringing)) : riskOfDeploy(from, bringing),
    notes: [
      `${instancesToKeep(scene)} ${instancesToKeep(scene) === 1 ? 'instance' : 'instances'}, ${strategy}`,
      ...(glass === undefined ? [] : [`under glass broken in #${glass}: a gate of policy only warns`]),
      ...(again ? [`it served before${again.run === null ? '' : ` (#${again.run})`} and was replaced`] : []),
      ...(skipped.length > 0 ? [`also brings ${skipped.join(', ')}`] : []),
    ],
    undo: undoOf(from, whole.migrations),
  }
}

function undoOf(from: string | null, migrations: Migration[]): string {
  const back = from === null ? 'stop what was started' : `traffic back to ${from}`
  return migrations.every(({ safe }) => safe) ? back : `${back}; what the migrations take away stays gone`
}

const noted = 10

function releaseNote({ service, environment, from, to, changes }: Headline): string {
  const lines = changes.slice(0, noted).map(({ subject, author }) => `• ${cut(subject)} (${cut(author)})`)
  const more = changes.length > noted ? [`… and ${changes.length - noted} more`] : []
  const instead = from === null ? '' : ` instead of ${from}`
  return [`${service} ${to} is live in ${environment}${instead}.`, ...lines, ...more].join('\n')
}

const cut = (text: string) => (text.length > 100 ? `${text.slice(0, 99)}…` : text)
