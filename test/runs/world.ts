import { z } from 'zod'
import { systemClock } from '../../src/clock.js'
import { failed, ShipmateError } from '../../src/errors.js'
import { silentLog } from '../../src/log.js'
import { type CheckOutcome, defineAction, defineCheck, type Fence, gatherAbilities } from '../../src/runs/abilities.js'
import { createEngine, type Engine } from '../../src/runs/engine.js'
import type { PlanDraft } from '../../src/runs/plan.js'
import type { RunDesk, RunStore, Signals, Wakes } from '../../src/runs/ports.js'
import type { Actor, RunId, RunRecord } from '../../src/runs/run.js'
import type { AskStep, CheckStep, DoStep, Step } from '../../src/runs/step.js'
import { createMemoryStore } from '../support/memory-store.js'

/** Where the runs are: in memory, or in PostgreSQL. */
type Rows = { runs: RunStore; desk: RunDesk; signals: Signals }

/** A small world that remembers what was done to it, by idempotency key, in order. */
export function createWorld(options: { rows?: Rows; wakes?: Wakes; fence?: Fence } = {}) {
  // What only rows in memory can do (dying at a given write) is for tests that give no rows of their own.
  const store = createMemoryStore()
  const rows: Rows = options.rows ?? store
  const effects: { key: string; what: string; epoch: number }[] = []
  const outcomes = new Map<string, CheckOutcome[]>()
  const troubles = new Map<string, () => Promise<void>>()
  const target = { silent: false, newest: false, generation: 0, announced: [] as number[] }
  const wakes: { run: RunId; at: Date | undefined }[] = []
  let draft: PlanDraft = plan([])
  let ahead = 0
  const clock = { ...systemClock, now: () => new Date(Date.now() + ahead) }

  const check = defineCheck({
    name: 'world.look',
    input: z.object({ at: z.string() }),
    run: async ({ at }, context) => {
      await troubles.get(at)?.()
      context.signal.throwIfAborted()
      const queue = outcomes.get(at) ?? []
      const outcome = (queue.length > 1 ? queue.shift() : queue[0]) ?? 'pass'
      return { outcome, summary: `${at} ${outcome}`, value: at }
    },
  })
  const act = defineAction({
    name: 'world.act',
    input: z.object({ what: z.string() }),
    fence: options.fence ?? 'key',
    announce: async (_input, { epoch }) => {
      if (target.newest) throw new ShipmateError('lost', 'fenced', 'a newer worker acts on this target')
      if (target.silent) throw failed('target-silent', 'the target does not answer')
      target.announced.push(epoch)
      target.generation = Math.max(target.generation, epoch)
    },
    run: async ({ what }, context) => {
      if (options.fence === 'generation' && context.epoch < target.generation)
        throw new ShipmateError('lost', 'fenced', 'a newer worker acts on this target')
      if (!effects.some(({ key }) => key === context.key))
        effects.push({ key: context.key, what, epoch: context.epoch })
      await troubles.get(what)?.()
      context.signal.throwIfAborted()
      return { evidence: { summary: `${what} done` }, output: { what } }
    },
  })
  const say = { plan: async (_run: RunRecord): Promise<PlanDraft> => structuredClone(draft) }
  const engine = (): Engine =>
    createEngine({
      store: rows,
      abilities: gatherAbilities([check], [act]),
      plan: (run) => say.plan(run),
      wakes: options.wakes ?? { wake: async (run, at) => void wakes.push({ run, at }) },
      clock,
      log: silentLog,
      sweepEvery: 20,
    })

  return {
    store,
    clock: {
      /** Lets so many milliseconds have passed. */
      ahead(ms: number): void {
        ahead += ms
      },
    },
    effects,
    /** What a target that compares generations heard from workers that took over. */
    target,
    wakes,
    engine,
    planner: say,
    /** What the next plan is made of. */
    plans(steps: Step[], more: Partial<PlanDraft> = {}): void {
      draft = plan(steps, more)
    },
    /** What looks at `at` find, one after the other; the last one stays. */
    finds(at: string, ...found: CheckOutcome[]): void {
      outcomes.set(at, found)
    },
    /** What happens inside the check or action named so, after its effect. */
    during(what: string, trouble: () => Promise<void>): void {
      troubles.set(what, trouble)
    },
    breaks(what: string): void {
      troubles.set(what, async () => {
        throw failed('world-said-no', `${what} did not work`)
      })
    },
    done: () => effects.map(({ what }) => what),
    async asked(requestKey = 'one', resources = ['storefront/prod']): Promise<RunId> {
      const intent = { job: 'deploy', service: 'storefront', environment: 'prod', input: {} }
      const order = { requestKey, team: 'T0', intent, resources, priority: 0, requestedBy: rita, via: 'slack' }
      return (await rows.desk.submit({ ...order, parent: null, at: new Date() })).run.id
    },
    async view(run: RunId) {
      const view = await rows.desk.view(run)
      if (!view) throw new Error(`no run ${run}`)
      return view
    },
    async states(run: RunId): Promise<Record<string, string>> {
      const view = await rows.desk.view(run)
      return Object.fromEntries((view?.steps ?? []).map(({ key, state }) => [key, state]))
    },
    async answers(run: RunId, step: string, answer: string, person: Actor = marco, reason = '') {
      const view = await this.view(run)
      const round = view.steps.find(({ key }) => key === step)?.round ?? 0
      const digest = view.run.plan?.digest ?? ''
      return rows.desk.answer({ run, step, round, person, answer, reason, digest, at: new Date() })
    },
  }
}

export const rita: Actor = { kind: 'person', id: 'U0RITA', name: 'rita' }
export const marco: Actor = { kind: 'person', id: 'U0MARCO', name: 'marco' }
export const mina: Actor = { kind: 'person', id: 'U0MINA', name: 'mina' }

export function plan(steps: Step[], more: Partial<PlanDraft> = {}): PlanDraft {
  return {
    headline: {
      job: 'deploy',
      service: 'storefront',
      environment: 'prod',
      from: 'v1',
      to: 'v2',
      changes: [],
      migrations: [],
      risk: 'low',
      notes: [],
      undo: 'traffic back to v1',
    },
    pinned: { commit: 'a'.repeat(40) },
    steps,
    observe: false,
    result: { service: 'storefront', environment: 'prod', version: 'v2', instances: 2, replaced: 'v1' },
    ...more,
  }
}

export const look = (key: string, more: Partial<CheckStep> = {}): CheckStep => ({
  verb: 'check',
  key,
  title: `look at ${key}`,
  check: 'world.look',
  with: { at: key },
  timeout: 5_000,
  onFailure: 'undo',
  ...more,
})

export const act = (key: string, more: Partial<DoStep> = {}): DoStep => ({
  verb: 'do',
  key,
  title: `do ${key}`,
  action: 'world.act',
  with: { what: key },
  undo: { title: `undo ${key}`, action: 'world.act', with: { what: `un-${key}` }, timeout: 5_000 },
  timeout: 5_000,
  onFailure: 'undo',
  ...more,
})

export const ask = (key: string, quorum = 1, more: Partial<AskStep> = {}): AskStep => ({
  verb: 'ask',
  key,
  title: 'approval',
  of: { groups: ['release-managers'], people: [], requester: 'excluded' },
  question: 'May it go?',
  answers: [
    { label: 'Approve', value: 'approve', style: 'primary' },
    { label: 'Reject…', value: 'reject', reason: true },
  ],
  quorum,
  expires: 60_000,
  timeout: 60_000,
  onFailure: 'stop',
  ...more,
})
