import type { JsonObject } from '../../src/json.js'
import { type PlanDraft, sealPlan } from '../../src/runs/plan.js'
import type { AnswerRecord } from '../../src/runs/run.js'

/** All that an approval binds to, besides the steps themselves. */
export type Pinned = { commit: string; artifact: string; environment: string; config: string; extra: boolean }

/** Something was done: what it was done with. */
export type Shipped = { run: number; pinned: Pinned; at: Date }

export const quorum = 2

/** A plan that asks two people and then ships what is pinned; `extra` changes its steps and nothing else. */
export function shippingPlan(pinned: Pinned, expires: number): PlanDraft {
  const names = { job: 'deploy', service: 'shop', environment: pinned.environment, from: 'v1', to: 'v2' }
  const step = { timeout: 30_000, onFailure: 'stop' as const }
  return {
    headline: { ...names, changes: [], migrations: [], risk: 'low', notes: [], undo: 'nothing' },
    pinned: { ...pinned },
    steps: [
      {
        ...step,
        key: 'approve',
        title: 'approval',
        verb: 'ask',
        of: { groups: [], people: ['U1', 'U2', 'U3', 'U4'], requester: 'counts' },
        question: 'Ship it?',
        answers: [{ label: 'Approve', value: 'approve' }],
        quorum,
        expires,
      },
      { ...step, key: 'ship', title: 'ship', verb: 'do', action: 'world.ship', with: { ...pinned } },
      ...(pinned.extra
        ? [{ ...step, key: 'more', title: 'more', verb: 'check' as const, check: 'world.look', with: {} }]
        : []),
    ],
    observe: false,
    result: null,
  }
}

/** What was shipped though not enough people had approved just that, in time; empty when approvals bind. */
export function unapproved(shipped: Shipped[], answers: AnswerRecord[], expiresOf: (run: number) => number): string[] {
  return shipped.flatMap(({ run, pinned, at }) => {
    const { digest } = sealPlan(shippingPlan(pinned, expiresOf(run)))
    const fitting = answers.filter((answer) => answer.run === run && answer.digest === digest && answer.at <= at)
    const people = (round: number) =>
      new Set(fitting.filter((one) => one.round === round).map(({ person }) => person.id)).size
    const enough = fitting.some(({ round }) => people(round) >= quorum)
    return enough ? [] : [`#${run} shipped ${JSON.stringify(pinned satisfies JsonObject)} that nobody approved`]
  })
}
