import { randomUUID } from 'node:crypto'
import { type Plan, sealPlan } from '../../src/runs/plan.js'
import type { Claim, Order } from '../../src/runs/ports.js'
import type { Actor } from '../../src/runs/run.js'
import type { Step } from '../../src/runs/step.js'
import type { Store } from '../../src/store/connect.js'

export const person = (id: string): Actor => ({ kind: 'person', id, name: `Person ${id}` })

/** An order for a place of its own, unless told otherwise. */
export function order(more: Partial<Order> = {}): Order {
  const environment = `env-${randomUUID().slice(0, 8)}`
  return {
    requestKey: randomUUID(),
    team: 'T1',
    intent: { job: 'deploy', service: 'shop', environment, input: { version: 'v1' } },
    resources: [`shop/${environment}`],
    priority: 0,
    requestedBy: person('U1'),
    via: 'slack',
    parent: null,
    at: new Date(),
    ...more,
  }
}

export const step = (key: string): Step => ({
  key,
  title: `Step ${key}`,
  verb: 'check',
  check: 'always',
  with: {},
  timeout: 1_000,
  onFailure: 'stop',
})

export const ask = (key: string): Step => ({
  key,
  title: 'Approve',
  verb: 'ask',
  of: { groups: [], people: ['U2', 'U3'], requester: 'excluded' },
  question: 'Ship it?',
  answers: [{ label: 'Approve', value: 'approve' }],
  quorum: 2,
  expires: 60_000,
  timeout: 60_000,
  onFailure: 'stop',
})

export function plan(steps: Step[]): Plan {
  const words = {
    from: 'v0',
    to: 'v1',
    changes: [],
    migrations: [],
    risk: 'low' as const,
    notes: [],
    undo: 'back to v0',
  }
  const headline = { job: 'deploy', service: 'shop', environment: 'prod', ...words }
  return sealPlan({ headline, pinned: { version: 'v1' }, steps, observe: false, result: null })
}

export async function claimed(store: Store, run: number): Promise<Claim> {
  const claim = await store.runs.claim(run)
  if (!claim) throw new Error(`run ${run} could not be claimed`)
  return claim
}

/** A lock that a person holds by hand on one resource. */
export const holds = (store: Store, resource: string, id: string, reason: string, expires: Date | null = null) =>
  store.locks.hold({
    resources: [resource],
    environment: resource.split('/')[1] ?? '',
    by: person(id),
    reason,
    at: new Date(),
    expires,
  })

/** Lets go of a lock of `of`, by that person or by another. */
export const letsGo = (store: Store, resource: string, of: string, by = of) =>
  store.locks.letGo({ resources: [resource], holders: { [resource]: of }, by: person(by), reason: '', at: new Date() })
