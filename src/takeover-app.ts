import { resolve } from 'node:path'
import { incidentPorts } from './app/incidents/desk.js'
import { guideShelf } from './app/incidents/guides.js'
import { onCallNow } from './app/routines.js'
import { createWorld } from './app/world.js'
import type { Takeover } from './cli/workbench.js'
import { type Clock, systemClock } from './clock.js'
import { type Config, type Env, readCatalogue, readConfig } from './config.js'
import { failed, refused } from './errors.js'
import { announceInstance } from './http/announcement.js'
import { createHttpFace } from './http/face.js'
import { createAwayDirectory, shownMoment } from './jobs/desk/away.js'
import type { IncidentDeskParts } from './jobs/incidents/parts.js'
import { planIntent } from './jobs/jobs.js'
import { createTokenDesk } from './jobs/token-desk.js'
import { type Log, silentLog } from './log.js'
import { type Catalogue, environmentOf } from './releases/catalogue.js'
import type { Directory, Standing } from './releases/people.js'
import { denied, unproven } from './releases/permission.js'
import { hashOfToken } from './releases/tokens.js'
import { createEngine } from './runs/engine.js'
import type { Actor, RunId, RunView } from './runs/run.js'
import { createDirectory } from './slack/directory.js'
import { createIdentity } from './slack/identity.js'
import { createSlackWeb } from './slack/web.js'
import { openStore, type Store } from './store/connect.js'
import { startEmbeddedPostgres } from './store/embedded.js'

type Parts = {
  config: Config
  catalogue: Catalogue
  env: Env | undefined
  clock: Clock
  log: Log
  store: Store
  own: string
}

/** The composition root of a takeover: PostgreSQL, the operator's file and the hosts; no Redis, and Slack if it is there. */
export async function openTakeover(token: string, env: Env | undefined, log: Log = silentLog): Promise<Takeover> {
  const [config, clock] = [readConfig(env), systemClock]
  const catalogue = await readCatalogue(config.catalogueFile ?? noFile(), env)
  const opened: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one()
  }
  try {
    const embedded = config.databaseUrl
      ? null
      : await startEmbeddedPostgres({ dir: resolve(config.dir, 'postgres'), log })
    if (embedded) opened.push(embedded.stop)
    const own = config.databaseUrl ?? embedded?.url ?? ''
    const store = await openStore({ ownerUrl: own, log, clock })
    opened.push(store.close)
    const parts: Parts = { config, catalogue, env, clock, log, store, own }
    return { ...(await takingOver(parts, token, opened)), close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

async function takingOver(parts: Parts, token: string, opened: (() => Promise<unknown>)[]) {
  const { catalogue, clock, store } = parts
  const now = clock.now()
  const holder = await store.tokens.holder(hashOfToken(token), now)
  if (!holder) throw unknownToken()
  const people = directoryOf(parts)
  const standing = await people.standing(holder.person.id)
  const denial = unproven(standing, now, 'You may not take over.')
  if (denial) throw refused(denial.code, denial.what, { came: denial.why, next: denial.next })
  const workers = await store.takeovers.workers()
  const carried = new Set(workers.flatMap(({ runs }) => runs))
  const live = (await store.desk.list({ live: true, limit: 1_000 })).filter(({ team }) => team === holder.team)
  const views = await Promise.all(live.filter(({ id }) => !carried.has(id)).map(({ id }) => store.desk.view(id)))
  const found = views.filter((view) => view !== null).sort((a, b) => a.run.id - b.run.id)
  const runs = found.map((view) => ({ view, denial: mayNot(catalogue, view, standing, now) }))
  const person: Actor = standing.list ? { ...holder.person, memberList: standing.asOf.toISOString() } : holder.person
  const leftOut = new Set(runs.filter((one) => one.denial !== null).map(({ view }) => view.run.id))
  const note = standing.list ? `By the member list of ${shownMoment(standing.asOf, now, catalogue.zone)}.` : ''
  const begin = async (reason: string, chosen: RunId[]) => {
    await store.takeovers.begun(person, reason, chosen, clock.now())
    opened.push(() => ended(store, person, chosen, clock.now()))
    return carryOn(parts, people, leftOut, opened)
  }
  return { person, note, workers, runs, begin, view: store.desk.view }
}

/** Whoever may ask for it there may carry it on. */
function mayNot(catalogue: Catalogue, { run }: RunView, standing: Standing, now: Date) {
  const environment = environmentOf(catalogue, run.intent.environment)
  const act = run.intent.job === 'rollback' || run.intent.job === 'scale' ? run.intent.job : 'deploy'
  if (environment) return denied(act, environment, standing, now)
  const why = `${run.intent.environment} is not in the operator's file here.`
  return { code: 'environment-gone', what: `#${run.id} is left alone.`, why, next: 'Use the file Shipmate runs with.' }
}

/** Everything a worker does, found by looking around instead of by a queue, and the face that approvals come in by. */
async function carryOn(
  parts: Parts,
  people: Directory,
  leftOut: Set<RunId>,
  opened: (() => Promise<unknown>)[],
): Promise<string> {
  const { catalogue, clock, log, store } = parts
  const world = createWorld(parts, store)
  const due = async (now: Date) => (await store.runs.due(now)).filter((run) => !leftOut.has(run))
  const engine = createEngine({
    store: { runs: { ...store.runs, due }, signals: store.signals },
    abilities: world.abilities,
    plan: (run) => planIntent(run.intent, world.facts()),
    wakes: { wake: async () => {} },
    clock,
    log,
    sweepEvery: 250,
  })
  opened.push(engine.stop)
  const { desk, locks, deployments, tokens, signals, audit } = store
  const rows = { catalogue, desk, locks, deployments, tokens, trail: audit, clock, log, directory: people }
  const wakes = { wake: async (run: RunId, at?: Date) => void (at === undefined && engine.carry(run)) }
  const { backups } = world.facts()
  const routines = { rows: store.routines, onCall: onCallNow(parts) }
  const base = {
    ...rows,
    routines,
    wakes,
    sources: world.releases,
    targets: world.target,
    abilities: world.abilities,
    backups,
  }
  const guides = guideShelf({ catalogue, clock, log }, world.abilities)
  const incidents = await incidentPorts(parts, store, guides, () => deskParts)
  const deskParts: IncidentDeskParts = { ...base, incidents }
  const health = async () => ({ database: up('PostgreSQL'), queue: up('none: a takeover looks around'), slack: off })
  const face = { desk: createTokenDesk(deskParts, people), runs: desk, tokens, people, deadMan: null, audit, signals }
  const http = createHttpFace({ ...face, health, port: 0, clock, log })
  const { url } = await http.listen()
  opened.push(http.close, await announceInstance(parts.config.dir, url))
  engine.sweep()
  return url
}

const up = (text: string) => ({ state: 'up' as const, text })
const off = { state: 'not set up' as const, text: 'a takeover does not speak to Slack; Shipmate tells when it is back' }

async function ended(store: Store, person: Actor, runs: RunId[], at: Date): Promise<void> {
  const views = await Promise.all(runs.map((run) => store.desk.view(run)))
  const states = views.flatMap((view) => (view ? [{ run: view.run.id, state: view.run.state }] : []))
  await store.takeovers.ended(person, states, at)
}

/** Slack's word while Slack is there, its last member list while it is not. */
function directoryOf({ config, catalogue, clock, log, store }: Parts): Directory {
  const { botToken, apiUrl } = config.slack
  const limit = catalogue.people.snapshot
  if (!botToken) return createAwayDirectory({ live: nobodyToAsk, lists: store.memberLists, limit, clock, log })
  const web = createSlackWeb({ token: botToken, apiUrl: apiUrl ?? undefined, log })
  const identity = createIdentity(web)
  const live = createDirectory({ web, identity, clock })
  const known = async () => void (identity.known() ?? (await identity.learn()))
  const learning: Directory = {
    standing: (person) => known().then(() => live.standing(person)),
    members: (group) => known().then(() => live.members(group)),
  }
  return createAwayDirectory({ live: learning, lists: store.memberLists, limit, clock, log })
}

const notAsked = async () => {
  throw failed('directory-unreachable', 'Slack was not asked: SLACK_BOT_TOKEN is not set here.', {
    details: { away: true },
  })
}
const nobodyToAsk: Directory = { standing: notAsked, members: notAsked }

const unknownToken = () =>
  refused('token-unknown', 'This token opens nothing.', {
    wanted: 'a personal token that is valid now',
    came: 'one that is unknown, replaced, revoked or expired',
    next: 'Use one that was issued in Slack before, with `/ops token`.',
  })

function noFile(): never {
  throw refused('catalogue-missing', 'Shipmate does not know what to deploy where.', {
    wanted: 'SHIPMATE_CONFIG, the path of the operator’s file',
    came: 'nothing',
    next: 'Set it to the file that Shipmate runs with.',
  })
}
