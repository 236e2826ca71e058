import type { Fence } from '../../../src/runs/abilities.js'
import type { PlanDraft } from '../../../src/runs/plan.js'
import type { Step } from '../../../src/runs/step.js'

/** A deploy of ten steps on targets of every kind; one whose last look fails, so that all is undone; one blind undo. */
export type EdgePlan = 'done' | 'undone' | 'undone blindly'

export function edgePlan(kind: EdgePlan): PlanDraft {
  const names = { job: 'deploy', service: 'shop', environment: 'test', from: 'v1', to: 'v2' }
  return {
    headline: { ...names, changes: [], migrations: [], risk: 'low', notes: [], undo: 'back to v1' },
    pinned: { commit: 'a'.repeat(40) },
    steps: kind === 'undone blindly' ? [act('call', 'key', 'blind'), look('verify', 'fail')] : tenSteps(kind),
    observe: false,
    result: { service: 'shop', environment: 'test', version: 'v2', instances: 2, replaced: 'v1' },
  }
}

const tenSteps = (kind: EdgePlan): Step[] => [
  look('gate', 'pass'),
  act('backup', 'key', 'key'),
  act('start', 'generation', 'generation'),
  act('migrate', 'none', 'none'),
  act('half', 'generation', 'generation'),
  act('pay', 'blind', null),
  act('all', 'generation', 'key'),
  act('purge', 'key', 'key'),
  act('retire', 'generation', null),
  look('verify', kind === 'done' ? 'pass' : 'fail'),
]

/** Where nothing fences, a takeover waits for this; everywhere else it is never reached. */
const unfencedMs = 1_500
const timeoutOf = (fence: Fence): number => (fence === 'none' || fence === 'blind' ? unfencedMs : 60_000)

function act(key: string, fence: Fence, undo: Fence | null): Step {
  const title = `undo ${key}`
  return {
    key,
    title: `do ${key}`,
    verb: 'do',
    action: `edge.${fence}`,
    with: { what: key },
    ...(undo && { undo: { title, action: `edge.${undo}`, with: { what: `un-${key}` }, timeout: timeoutOf(undo) } }),
    timeout: timeoutOf(fence),
    onFailure: fence === 'blind' ? 'ask' : 'undo',
  }
}

const look = (key: string, finds: 'pass' | 'fail'): Step => ({
  key,
  title: `look at ${key}`,
  verb: 'check',
  check: 'edge.look',
  with: { finds },
  timeout: 60_000,
  onFailure: 'undo',
})
