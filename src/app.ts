import { resolve } from 'node:path'
import type { Clock } from './clock.js'
import { type Config, type Env, resolveSecret } from './config.js'
import { failed } from './errors.js'
import { announceInstance } from './http/announcement.js'
import { createHttpFace } from './http/face.js'
import type { Health } from './http/health.js'
import { createHostsTarget, type HostsDriver } from './integrations/hosts/target.js'
import { createReleaseFolder } from './integrations/release-folder.js'
import { ownChecks } from './jobs/checks.js'
import { createDesk } from './jobs/desk.js'
import type { Facts } from './jobs/facts.js'
import { planIntent } from './jobs/jobs.js'
import type { Log } from './log.js'
import { openQueue, type Queue } from './queue/queue.js'
import { type Catalogue, environmentOf } from './releases/catalogue.js'
import type { Directory } from './releases/people.js'
import { checkQuorums } from './releases/quorums.js'
import type { ReleaseSource } from './releases/release.js'
import { gatherAbilities } from './runs/abilities.js'
import { createEngine, type Engine } from './runs/engine.js'
import { createSlackFace, type SlackFace } from './slack/app.js'
import { createDirectory } from './slack/directory.js'
import type { Answers } from './slack/front-door/answers.js'
import { createHttpInlet } from './slack/front-door/http-inlet.js'
import { createSocketInlet } from './slack/front-door/socket-inlet.js'
import { createIdentity } from './slack/identity.js'
import type { Inlet } from './slack/inlet.js'
import { createFormAnswers } from './slack/listeners/form-answers.js'
import { createOutbox, type Outbox } from './slack/outbox.js'
import { createSlackWeb } from './slack/web.js'
import { openStore, type Store } from './store/connect.js'
import { startEmbeddedPostgres } from './store/embedded.js'

export type AppParts = {
  config: Config
  catalogue: Catalogue
  /** What references to secrets are looked up in. */
  env: Env
  /** Where signed HTTP from Slack is listened for, and where programs and the terminal speak to; 0 is any free port. */
  ports: { slack: number; http: number }
  clock: Clock
  log: Log
  /** Carries out changes in place of the driver for hosts. */
  driver?: HostsDriver
}

export type App = {
  /** Where the terminal and programs reach it. */
  url: string
  engine: Engine | null
  problems(): string[]
  /** Lets go in order: nothing new is taken in, what is carried parks or ends, what is to be told stays in its rows. */
  stop(): Promise<void>
}

/** How often runs left lying are looked for: what a dead worker's run waits at most before another takes it up. */
const sweepEvery = 250
const workerConcurrency = 20

/** Joins all parts and starts them: the composition root, and the only place that names concrete ones. */
export async function startApp(parts: AppParts): Promise<App> {
  const opened: (() => Promise<unknown>)[] = []
  // What was opened last leans on what was opened before it.
  const stop = async () => {
    for (const close of opened.splice(0).reverse()) await close()
  }
  try {
    return { ...(await join(parts, opened)), stop }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

async function join(parts: AppParts, opened: (() => Promise<unknown>)[]): Promise<Omit<App, 'stop'>> {
  const { config, clock, log } = parts
  const databaseUrl = config.databaseUrl ?? (await embedded(parts, opened))
  const store = await openStore({ ownerUrl: databaseUrl, log, clock })
  opened.push(store.close)
  const queue = await openQueue({ redisUrl: config.redisUrl, databaseUrl, log, clock })
  opened.push(queue.close)
  const world = createWorld(parts, store)
  const worker = config.role === 'front' ? null : startWorker(parts, { store, queue, world })
  if (worker) opened.push(worker.stop)
  const front = config.role === 'worker' ? null : await startFront(parts, { store, queue, world }, opened)
  return { url: front?.url ?? '', engine: worker?.engine ?? null, problems: () => front?.problems() ?? [] }
}

async function embedded({ config, log }: AppParts, opened: (() => Promise<unknown>)[]): Promise<string> {
  const database = await startEmbeddedPostgres({ dir: resolve(config.dir, 'postgres'), log })
  opened.push(database.stop)
  return database.url
}

type World = ReturnType<typeof createWorld>
type Ground = { store: Store; queue: Queue; world: World }

/** The outside world as the operator's file names it: targets, releases, and the abilities that plans may use. */
function createWorld({ catalogue, env, clock, log, driver }: AppParts, store: Store) {
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
  const checks = [...hosts.checks, ...ownChecks({ locks: store.locks, target })]
  const facts = (): Facts => ({
    catalogue,
    releases,
    target,
    deployments: store.deployments,
    locks: store.locks,
    now: clock.now(),
  })
  return { target, releases, facts, abilities: gatherAbilities(checks, hosts.actions) }
}

function startWorker({ clock, log }: AppParts, { store, queue, world }: Ground) {
  const engine = createEngine({
    store,
    abilities: world.abilities,
    plan: (run) => planIntent(run.intent, world.facts()),
    wakes: queue,
    clock,
    log,
    sweepEvery,
  })
  const quiet = store.signals.onTurn((run) => void queue.wake(run))
  queue.work({ carry: engine.carry, concurrency: workerConcurrency })
  engine.sweep()
  return {
    engine,
    stop: async () => {
      quiet()
      await engine.stop()
    },
  }
}

async function startFront(parts: AppParts, { store, queue, world }: Ground, opened: (() => Promise<unknown>)[]) {
  const { catalogue, clock, log, ports, config } = parts
  const slack = slackOf(parts, store)
  const desk = createDesk({
    catalogue,
    desk: store.desk,
    locks: store.locks,
    wakes: queue,
    directory: slack?.directory ?? noDirectory,
    deployments: store.deployments,
    tokens: store.tokens,
    sources: world.releases,
    targets: world.target,
    clock,
    log,
  })
  const face = slack?.face(desk) ?? null
  const stopping = new AbortController()
  const problems = () => [...(face?.problems() ?? []), ...(slack?.outbox.problems() ?? [])]
  const health = () => healthOf(store, queue, face, problems())
  const { signals, tokens, audit } = store
  const http = createHttpFace({ desk, runs: store.desk, tokens, audit, signals, health, port: ports.http, clock, log })
  const { url } = await http.listen()
  opened.push(http.close, await announceInstance(config.dir, url))
  await face?.start()
  if (face) opened.push(face.stop)
  if (slack) await refuseImpossibleQuorums(catalogue, slack.directory, log)
  const telling = slack?.outbox.run(stopping.signal)
  opened.push(async () => {
    stopping.abort()
    await telling
  })
  return { url, problems }
}

function slackOf(parts: AppParts, store: Store) {
  const { config, catalogue, clock, log } = parts
  const { botToken, apiUrl } = config.slack
  if (!botToken) return null
  const responseOrigins = apiUrl ? [new URL(apiUrl).origin] : []
  const web = createSlackWeb({ token: botToken, apiUrl: apiUrl ?? undefined, log })
  const identity = createIdentity(web)
  const directory = createDirectory({ web, identity, clock })
  const channelOf = (environment: string) => environmentOf(catalogue, environment)?.channel ?? null
  const { telling, boards, desk: runs, signals, leadership } = store
  const outbox: Outbox = createOutbox({
    telling,
    boards,
    desk: runs,
    signals,
    leadership,
    web,
    channelOf,
    groupIds: directory.groupId,
    clock,
    log,
  })
  const face = (desk: ReturnType<typeof createDesk>): SlackFace =>
    createSlackFace(
      { botToken, apiUrl },
      { desk, runs, cards: telling, channelOf, directory, identity, web, responseOrigins, clock, log },
      inletOf(parts, store, responseOrigins, createFormAnswers(desk)),
    )
  return { directory, outbox, face }
}

/** The front door: what Slack sends is committed to the inbox, then acknowledged, and only then handed on. */
function inletOf(
  { config, clock, log, ports }: AppParts,
  store: Store,
  responseOrigins: string[],
  answers: Answers,
): Inlet {
  const { appToken, signingSecret, apiUrl } = config.slack
  const common = { inbox: store.inbox, commands: null, answers, responseOrigins, clock, log }
  if (appToken) return createSocketInlet({ ...common, appToken, apiUrl })
  const secrets = signingSecret ? [{ secret: signingSecret }] : []
  return createHttpInlet({ ...common, secrets, port: ports.slack })
}

async function healthOf(store: Store, queue: Queue, face: SlackFace | null, problems: string[]): Promise<Health> {
  const found = await store.health()
  const database = found.reachable
    ? { state: 'up' as const, text: found.server }
    : { state: 'down' as const, text: found.problem }
  const slack =
    problems.length > 0
      ? { state: 'down' as const, text: problems.join(' ') }
      : { state: 'up' as const, text: 'connected' }
  return {
    database,
    queue: { state: database.state, text: `on ${queue.backend}` },
    slack: face ? slack : { state: 'not set up', text: 'SLACK_BOT_TOKEN is not set' },
  }
}

/** Without Slack nobody's standing can be told, so every act is refused: it fails closed. */
const noDirectory: Directory = {
  standing: async () => {
    throw notSetUp()
  },
  members: async () => {
    throw notSetUp()
  },
}

const notSetUp = () =>
  failed('slack-not-set-up', 'Who people are cannot be told: Slack is not set up.', {
    next: 'Set SLACK_BOT_TOKEN and SLACK_APP_TOKEN; npx shipmate doctor says what else is missing.',
  })

/** An approval that nobody could ever give is no start; one that cannot be checked now is said, with its fix. */
async function refuseImpossibleQuorums(catalogue: Catalogue, directory: Directory, log: Log): Promise<void> {
  for (const problem of await checkQuorums(catalogue, directory)) {
    if (problem.code === 'quorum-impossible') throw problem
    log.error({ code: problem.code, next: problem.next }, problem.message)
  }
}
