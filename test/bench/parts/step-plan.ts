import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../../../src/json.js'
import type { PlanDraft } from '../../../src/runs/plan.js'
import type { Order } from '../../../src/runs/ports.js'

/** An order for a place where nobody else waits. */
export function orderFor(environment: string, input: JsonObject): Order {
  return {
    requestKey: randomUUID(),
    team: 'T1',
    intent: { job: 'bench', service: 'shop', environment, input },
    resources: [`shop/${environment}`],
    priority: 0,
    requestedBy: { kind: 'person', id: 'U1', name: 'Rita' },
    via: 'bench',
    parent: null,
    at: new Date(),
  }
}

/** So many steps that do, one after the other. */
export function planOf(action: string, steps: number, timeout = 30_000): PlanDraft {
  return {
    headline: {
      job: 'bench',
      service: 'shop',
      environment: 'bench',
      from: 'v1',
      to: 'v2',
      changes: [],
      migrations: [],
      risk: 'low',
      notes: [],
      undo: 'nothing',
    },
    pinned: {},
    steps: Array.from({ length: steps }, (_, n) => ({
      key: `step-${n}`,
      title: `Step ${n}`,
      verb: 'do' as const,
      action,
      with: {},
      timeout,
      onFailure: 'stop' as const,
    })),
    observe: false,
    result: null,
  }
}
