import type { Fence } from './abilities.js'
import { holds } from './conditions.js'
import { cutOff, mayRestart, stillActing, untold } from './cut-off.js'
import { afterFailure, isFailure } from './failing.js'
import type { RunChange } from './ports.js'
import { heldBack } from './restored.js'
import type { EndedState, Reason, RunView, StepRecord } from './run.js'
import { calledAgain, closedAsk, openedAsk, said, skipped } from './settling.js'
import { type DoStep, isEnded, lets } from './step.js'
import { afterUndoing, stopping } from './stopping.js'

/** What the carrier of a run does next. */
export type Move =
  /** Begin these checks and dos, side by side. */
  | { kind: 'start'; steps: StepRecord[] }
  /** Write this; it needs nothing from the world. */
  | { kind: 'settle'; change: RunChange }
  /** Take the locks and look whether the plan still holds, before the first `do`. */
  | { kind: 'lock' }
  /** Let go of the run until then, or until somebody wakes it. */
  | { kind: 'park'; until: Date | null }
  /** Wait for what is in flight; `abort` it first when a person stopped the run. */
  | { kind: 'flight'; abort: boolean }
  | { kind: 'end'; state: EndedState; reason: Reason | null; change: RunChange }

export type Carried = {
  /** Keys of steps this worker is running at this moment. */
  inFlight: ReadonlySet<string>
  /** The locks are held and the plan was found unchanged under them. */
  cleared: boolean
  fenceOf(step: DoStep): Fence
}

/** The next move of a planned run: pure, the same view and moment give the same move. */
export function nextMove(view: RunView, carried: Carried, now: Date): Move {
  const { run } = view
  const held = heldBack(view, now)
  if (held) return held
  const open = openSteps(view.steps)
  const adrift = cutOff(open.running, carried)
  const change = untold(adrift, carried, now)
  if (change) return { kind: 'settle', change }
  if (run.state === 'undoing') return undoingMove(view, carried, now)
  const [failure] = open.failed
  if (!run.stopRequested && !failure) return forwardMove(view, open, carried, now)
  if (carried.inFlight.size > 0) return { kind: 'flight', abort: run.stopRequested !== null }
  // Nothing is undone under the hands of an old attempt.
  const until = stillActing(adrift, carried, now)
  if (until) return { kind: 'park', until }
  return run.stopRequested || !failure ? stopping(view, now) : afterFailure(view, failure, now)
}

function forwardMove(view: RunView, open: OpenSteps, carried: Carried, now: Date): Move {
  const { ready } = open
  const settled = settle(view, open, now)
  if (settled) return { kind: 'settle', change: settled }
  const adrift = cutOff(open.running, carried)
  const restarts = adrift.filter((record) => mayRestart(record, carried, now))
  const looks = open.waiting.filter((record) => isDueLook(record, now))
  const starts = [...restarts, ...looks, ...ready.filter(({ step }) => step.verb === 'check' || step.verb === 'do')]
  if (starts.some(({ step }) => step.verb === 'do') && !carried.cleared) return clearance(view, carried)
  if (starts.length > 0) return { kind: 'start', steps: starts }
  if (carried.inFlight.size > 0) return { kind: 'flight', abort: false }
  const waiting = [...open.waiting, ...adrift]
  if (waiting.length > 0) return { kind: 'park', until: soonest(waiting) }
  if (view.steps.every(({ state }) => isEnded(state))) return { kind: 'end', state: 'done', reason: null, change: {} }
  return { kind: 'end', state: 'faulted', reason: stuckReason(view.steps), change: {} }
}

/** A check that is looked at again after a while. */
const isDueLook = ({ step, wakeAt }: StepRecord, now: Date): boolean =>
  step.verb === 'check' && wakeAt !== null && wakeAt <= now

/** The first change that needs only rows: a condition that does not hold, an ask to open or close, something to say. */
function settle(view: RunView, { waiting, ready }: OpenSteps, now: Date): RunChange | null {
  for (const record of waiting) {
    const change = closedAsk(view, record, now) ?? calledAgain(view, record, now)
    if (change) return change
  }
  for (const record of ready) {
    if (record.step.when && !holds(record.step.when, view.steps))
      return skipped(record, 'its condition does not hold', now)
    if (record.step.verb === 'ask') return openedAsk(view, record, record.step, now)
    if (record.step.verb === 'say') return said(record, record.step, now)
  }
  return null
}

function clearance(view: RunView, carried: Carried): Move {
  if (view.run.plan?.observe) return { kind: 'end', state: 'refused', reason: observing, change: {} }
  return carried.inFlight.size > 0 ? { kind: 'flight', abort: false } : { kind: 'lock' }
}

const observing: Reason = {
  code: 'observe-mode',
  text: 'this environment only observes: the steps below would have run',
  next: 'Set mode: act for the environment in the operator’s file to let Shipmate change it.',
}

function undoingMove(view: RunView, carried: Carried, now: Date): Move {
  const undos = view.steps.filter(({ undoes }) => undoes !== null)
  const { running, ready } = openSteps(undos)
  const adrift = cutOff(running, carried)
  const starts = [...adrift.filter((record) => mayRestart(record, carried, now)), ...ready]
  if (starts.length > 0) return { kind: 'start', steps: starts }
  if (carried.inFlight.size > 0) return { kind: 'flight', abort: false }
  if (adrift.length > 0) return { kind: 'park', until: soonest(adrift) }
  return afterUndoing(view, now)
}

/** Steps that are not over, in the order of the plan. `ready`: pending ones whose needs have all ended well. */
type OpenSteps = { failed: StepRecord[]; waiting: StepRecord[]; running: StepRecord[]; ready: StepRecord[] }

/** In one look: a run of hundreds of steps is looked at after each of them. */
function openSteps(steps: readonly StepRecord[]): OpenSteps {
  const open: OpenSteps = { failed: [], waiting: [], running: [], ready: [] }
  let before: StepRecord | undefined
  for (const record of steps) {
    // Rows come in order; steps that joined later may not.
    if (before && record.position < before.position) return openSteps(inOrder(steps))
    const { state } = record
    if (state === 'pending') {
      if (isReady(record, before, steps)) open.ready.push(record)
    } else if (state === 'waiting') open.waiting.push(record)
    else if (state === 'running') open.running.push(record)
    else if (isFailure(record)) open.failed.push(record)
    before = record
  }
  return open
}

function isReady({ step }: StepRecord, before: StepRecord | undefined, steps: readonly StepRecord[]): boolean {
  if (!step.needs) return before === undefined || lets(before.state)
  return step.needs.every((key) => steps.some((other) => other.key === key && lets(other.state)))
}

const inOrder = (steps: readonly StepRecord[]): StepRecord[] => [...steps].sort((a, b) => a.position - b.position)

function soonest(records: StepRecord[]): Date | null {
  const times = records.flatMap(({ deadline, wakeAt }) =>
    [deadline, wakeAt].flatMap((at) => (at ? [at.getTime()] : [])),
  )
  return times.length > 0 ? new Date(Math.min(...times)) : null
}

function stuckReason(steps: readonly StepRecord[]): Reason {
  const pending = steps.filter(({ state }) => state === 'pending').map(({ key }) => key)
  return {
    code: 'plan-stuck',
    text: `steps ${pending.join(', ')} can never begin`,
    next: 'Report this: the plan needs steps that never end well.',
  }
}
