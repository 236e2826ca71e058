import type { NewStep, RunChange, StepChange } from './ports.js'
import type { RunRecord, RunView, StepRecord } from './run.js'
import type { Step, StepKey } from './step.js'

/** The view after a change, as the store will have written it; the engine decides on this without reading again. */
export function applied(view: RunView, change: RunChange): RunView {
  const run = appliedToRun(view.run, change)
  const planned = change.plan
    ? change.plan.plan.steps.map((step, position) => ({
        ...freshStep(run.id, step, position, null),
        round: run.planRound,
      }))
    : view.steps
  const all = change.newSteps ? joined(run.id, planned, change.newSteps) : planned
  return { run, steps: change.steps ? changed(all, change.steps) : all, answers: view.answers }
}

function appliedToRun(run: RunRecord, change: RunChange): RunRecord {
  const next: RunRecord = { ...run }
  if (change.state !== undefined) next.state = change.state
  if (change.reason !== undefined) next.reason = change.reason
  if (change.wakeAt !== undefined) next.wakeAt = change.wakeAt
  if (change.startedAt !== undefined) next.startedAt = change.startedAt
  if (change.plan) {
    next.plan = change.plan.plan
    next.planChanges = change.plan.changes
    next.planRound = run.planRound + 1
    next.holdsLocks = false
  }
  if (change.ended) {
    next.state = change.ended.state
    next.reason = change.ended.reason
    next.endedAt = change.ended.at
    next.wakeAt = null
    next.holdsLocks = false
  }
  return next
}

function changed(records: StepRecord[], changes: StepChange[]): StepRecord[] {
  const all = [...records]
  const known = placesIn(records)
  places.set(all, known)
  for (const change of changes) {
    const at = known.get(change.key) ?? -1
    const record = all[at]
    if (record) all[at] = { ...record, ...change }
  }
  return all
}

/** Where each key is; kept along, so that nobody looks through hundreds of steps for each of them. */
const places = new WeakMap<readonly StepRecord[], ReadonlyMap<StepKey, number>>()

function placesIn(steps: readonly StepRecord[]): ReadonlyMap<StepKey, number> {
  const known = places.get(steps) ?? new Map(steps.map(({ key }, at) => [key, at]))
  places.set(steps, known)
  return known
}

export function stepNamed(steps: readonly StepRecord[], key: StepKey): StepRecord | undefined {
  return steps[placesIn(steps).get(key) ?? -1]
}

function joined(run: number, steps: StepRecord[], additions: NewStep[]): StepRecord[] {
  return [...steps, ...additions.map(({ step, undoes }, index) => freshStep(run, step, steps.length + index, undoes))]
}

/** A step's row as it is first written. */
export function freshStep(run: number, step: Step, position: number, undoes: string | null): StepRecord {
  return {
    run,
    key: step.key,
    position,
    step,
    state: 'pending',
    round: 1,
    attempt: 0,
    evidence: null,
    output: {},
    progress: null,
    startedAt: null,
    endedAt: null,
    deadline: null,
    wakeAt: null,
    undoes,
    taken: null,
  }
}

/**
 * Two changes as one, the later one last; so that a step's end and the next one's beginning are one write. A new plan
 * replaces all steps, so nothing that was said of the old ones is kept.
 */
export function merged(first: RunChange, second: RunChange): RunChange {
  const { steps: said, ...rest } = first
  const before = second.plan ? undefined : said
  const both: RunChange = { ...rest, ...second }
  if (before) both.steps = onePerStep(second.steps ? [...before, ...second.steps] : before)
  if (first.newSteps && second.newSteps) both.newSteps = [...first.newSteps, ...second.newSteps]
  if (first.audit && second.audit) both.audit = [...first.audit, ...second.audit]
  if (first.posts && second.posts) both.posts = [...first.posts, ...second.posts]
  return both
}

/** One change a step, the later one over the earlier. */
export function onePerStep(changes: StepChange[]): StepChange[] {
  if (changes.length < 2) return changes
  const byKey = new Map<string, StepChange>()
  for (const change of changes) byKey.set(change.key, { ...byKey.get(change.key), ...change })
  return [...byKey.values()]
}
