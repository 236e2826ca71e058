import { z } from 'zod'
import type { CostObservers } from '../../src/backups/cost/cost.js'
import type { Engines } from '../../src/backups/engine.js'
import type { Yards } from '../../src/backups/ports.js'
import type { SurroundingsOf } from '../../src/backups/swap.js'
import { type Clock, systemClock } from '../../src/clock.js'
import type { Asker, Via } from '../../src/commands/command.js'
import type { Reply } from '../../src/commands/reply.js'
import { failed } from '../../src/errors.js'
import { rulesOf } from '../../src/incidents/alerts/rules.js'
import { onCallAt } from '../../src/incidents/paging/rota.js'
import { silenceActions } from '../../src/jobs/alerts/silencing.js'
import { backupAbilities } from '../../src/jobs/backups/abilities.js'
import { ownChecks } from '../../src/jobs/checks.js'
import { createDesk } from '../../src/jobs/desk.js'
import type { Facts } from '../../src/jobs/facts.js'
import { planIntent } from '../../src/jobs/jobs.js'
import { silentLog } from '../../src/log.js'
import type { Release } from '../../src/releases/release.js'
import type { TargetState } from '../../src/releases/target.js'
import { type Action, type Check, defineAction, defineCheck, gatherAbilities } from '../../src/runs/abilities.js'
import { createEngine } from '../../src/runs/engine.js'
import { type EndedState, hasEnded, type RunId, type RunView } from '../../src/runs/run.js'
import { openStore } from '../../src/store/connect.js'
import { freshDatabase } from './database.js'
import { createTeam, type Member, team } from './directory.js'
import { guideShelf, incidentPorts } from './incident-ports.js'
import { noBackups, serving, shopCatalogue, shopReleases, shopText, sourceOf, targetIn } from './shop.js'
import { waitFor } from './wait-for.js'

export type DeskWorld = Awaited<ReturnType<typeof createDeskWorld>>

export type BackupSide = { engines: Engines; yards: Yards; surroundings?: SurroundingsOf; observers?: CostObservers }

export const noSurroundings: SurroundingsOf = async () => {
  throw new Error('this world has nothing that data could go live with')
}

/** Nothing around its databases can be looked at. */
export const noObservers: CostObservers = {
  database: async () => ({ end: async () => null }),
  application: async () => ({ why: 'what visitors felt is not measured here' }),
}

const noYards: Yards = async () => {
  throw new Error('this world has no yard')
}

export type DeskOptions = {
  text?: string
  people?: { [id: string]: Member }
  /** Beside those that stand in for hosts. */
  checks?: Check[]
  actions?: Action[]
  /** What takes backups; left out, nothing does. */
  backups?: BackupSide
}

/** Desk, engine and PostgreSQL for real; people and hosts in memory, where a shift of traffic changes what serves. */
export async function createDeskWorld(options: DeskOptions = {}) {
  const catalogue = shopCatalogue(options.text ?? shopText)
  const database = await freshDatabase()
  const store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  const world = {
    state: serving('v1.7.3'),
    releases: shopReleases(),
    lookBreaks: false,
    holdStarts: false,
    startsFail: false,
  }
  const clock = shiftingClock()
  const people = createTeam(options.people ?? team, () => clock.now())
  const target = () => targetIn(catalogue, async () => look(world))
  const sources = () => ({ list: async () => world.releases, find: sourceOf(world.releases).find })
  const facts = (): Facts => {
    const { deployments, locks } = store
    return {
      catalogue,
      releases: sources,
      target,
      deployments,
      locks,
      abilities,
      backups,
      runs: store.desk,
      now: clock.now(),
    }
  }
  const { silences } = store.incidents
  const silencing = silenceActions({ silences, outside: null, rules: rulesOf(catalogue.alerts), clock, log: silentLog })
  const own = ownChecks({ locks: store.locks, runs: store.desk, target })
  const side: BackupSide = options.backups ?? { engines: noBackups.engines, yards: noYards }
  const backups = { engines: side.engines, book: store.backups }
  const backing = backupAbilities({
    ...{ catalogue, ...side, rows: store.backups, runs: store.desk },
    surroundings: side.surroundings ?? noSurroundings,
    observers: side.observers ?? noObservers,
  })
  const abilities = abilitiesOf(
    world,
    [...own, ...backing.checks, ...(options.checks ?? [])],
    [...silencing, ...backing.actions, ...(options.actions ?? [])],
  )
  const engine = createEngine({
    store,
    abilities,
    plan: (run) => planIntent(run.intent, facts()),
    wakes: { wake: async () => {} },
    clock,
    log: silentLog,
    sweepEvery: 20,
  })
  engine.sweep()
  const wakes = { wake: async (run: RunId) => void engine.carry(run) }
  const { desk: rows, locks, deployments, tokens } = store
  const parts = {
    catalogue,
    desk: rows,
    locks,
    deployments,
    tokens,
    wakes,
    directory: people.directory,
    trail: store.audit,
    routines: {
      rows: store.routines,
      onCall: async (service: string, now: Date) =>
        catalogue.onCall && onCallAt(catalogue.onCall, catalogue.zone, service, now),
    },
  }
  const guides = guideShelf()
  const incidents = incidentPorts(store, guides.shelf)
  const another = () =>
    createDesk({ ...parts, sources, targets: target, abilities, backups, incidents, clock, log: silentLog })
  const desk = another()
  const close = async () => {
    await engine.stop()
    await store.close()
    await database.drop()
  }
  return {
    desk,
    another,
    database,
    store,
    world,
    people,
    clock,
    close,
    guides,
    abilities,
    catalogue,
    ...watching(store.desk.view),
  }
}

type Hosts = { state: TargetState; releases: Release[]; lookBreaks: boolean; holdStarts: boolean; startsFail: boolean }

async function look(hosts: Hosts): Promise<TargetState> {
  if (hosts.lookBreaks) throw failed('host-unreachable', 'alpha does not answer.', { next: 'Look whether it is up.' })
  return hosts.state
}

function abilitiesOf(hosts: Hosts, own: Check[], actions: Action[] = []) {
  const passing = (name: string) =>
    defineCheck({ name, input: z.unknown(), run: async () => ({ outcome: 'pass', summary: 'fine' }) })
  const doing = (name: string, effect: (input: { [name: string]: unknown }, signal: AbortSignal) => Promise<void>) =>
    defineAction({
      name,
      input: z.record(z.string(), z.unknown()),
      fence: 'key',
      run: async (input, { signal }) => {
        await effect(input, signal)
        return { evidence: { summary: 'done' } }
      },
    })
  const shift = async ({ version, upstreams }: { [name: string]: unknown }) => {
    hosts.state = serving(z.string().parse(version), z.array(z.unknown()).parse(upstreams).length)
  }
  const start = async (_: object, signal: AbortSignal) => {
    while (hosts.holdStarts && !signal.aborted) await systemClock.sleep(10, signal)
    signal.throwIfAborted()
    if (hosts.startsFail) throw failed('start-failed', 'It did not start.')
  }
  return gatherAbilities(
    [...own, ...['hosts.artifact', 'hosts.reachable', 'hosts.ready', 'hosts.verify'].map(passing)],
    [
      doing('hosts.shift', shift),
      doing('hosts.start', start),
      ...actions,
      ...['hosts.migrate', 'hosts.stop', 'hosts.retire'].map((name) => doing(name, async () => {})),
    ],
  )
}

/** The time of day with a shift, so that hours can pass. */
function shiftingClock(): Clock & { pass(ms: number): void } {
  let shift = 0
  return {
    ...systemClock,
    now: () => new Date(Date.now() + shift),
    pass: (ms) => {
      shift += ms
    },
  }
}

function watching(view: (run: RunId) => Promise<RunView | null>) {
  const until = (run: RunId, what: string, holds: (view: RunView) => boolean) =>
    waitFor(`#${run} ${what}`, async () => {
      const seen = await view(run)
      return seen && holds(seen) ? seen : undefined
    })
  return {
    until,
    ended: (run: RunId, state: EndedState) =>
      until(run, `has ended`, (seen) => hasEnded(seen.run.state)).then((seen) => {
        if (seen.run.state !== state) throw new Error(`#${run} ended ${seen.run.state}: ${seen.run.reason?.text}`)
        return seen
      }),
    asks: (run: RunId) =>
      until(run, 'asks', (seen) => seen.steps.some(({ step, state }) => step.verb === 'ask' && state === 'waiting')),
  }
}

let requests = 0

/** Somebody who asks; each call is a request of its own unless a key is given. */
export function asker(id: string, via: Via = 'slack', requestKey?: string): Asker {
  requests += 1
  const name = team[id]?.name ?? id
  return { actor: { kind: 'person', id, name }, team: 'T0', via, requestKey: requestKey ?? `request-${requests}` }
}

/** What a card of that run would send when a button is pressed. */
export function shown(view: RunView, key = 'approve') {
  const step = view.steps.find((one) => one.key === key)
  return { run: view.run.id, step: key, round: step?.round ?? 0, digest: view.run.plan?.digest ?? '' }
}

export function acceptedRun(reply: Reply): RunId {
  if (reply.kind === 'accepted') return reply.run.id
  throw new Error(`not accepted: ${JSON.stringify(reply)}`)
}

export function refusalIn(reply: Reply) {
  if (reply.kind === 'refused') return reply.refusal
  throw new Error(`not refused: ${JSON.stringify(reply)}`)
}
