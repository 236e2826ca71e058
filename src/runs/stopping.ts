import type { Move } from './next-move.js'
import type { RunChange, StepChange } from './ports.js'
import type { Reason, RunView } from './run.js'
import { leftOver, undoSteps } from './undoing.js'

/** A person stopped the run and nothing is in flight any more: what was done is undone, or there is nothing to undo. */
export function stopping(view: RunView, now: Date): Move {
  const stop = view.run.stopRequested
  const reason: Reason = {
    code: 'stopped',
    text: stop?.reason || 'stopped by a person',
    details: { by: stop?.by.id ?? '' },
  }
  const steps: StepChange[] = view.steps
    .filter(({ state }) => state === 'waiting' || state === 'running')
    .map(({ key }) => ({ key, state: 'stopped', endedAt: now }))
  const newSteps = undoSteps(view.steps)
  if (newSteps.length === 0) return { kind: 'end', state: 'stopped', reason, change: { steps } }
  const audit = [{ actor: stop?.by ?? null, act: 'undoing began', subject: { because: 'stopped' } }]
  return { kind: 'settle', change: { state: 'undoing', reason, steps, newSteps, audit } }
}

/** All undos have ended: the run is undone or stopped, or failed with what is left over. */
export function afterUndoing(view: RunView, now: Date): Move {
  const undos = view.steps.filter(({ undoes }) => undoes !== null)
  const failed = undos.find(({ state }) => state !== 'passed')
  if (failed)
    return {
      kind: 'end',
      state: 'failed',
      reason: leftOverReason(view, failed.evidence?.summary ?? failed.state),
      change: {},
    }
  const steps: StepChange[] = undos.map(({ undoes }) => ({ key: undoes ?? '', state: 'undone', endedAt: now }))
  const state = view.run.reason?.code === 'stopped' ? 'stopped' : 'undone'
  const change: RunChange = { steps }
  return { kind: 'end', state, reason: view.run.reason, change }
}

function leftOverReason(view: RunView, why: string): Reason {
  const left = leftOver(view.steps).map(({ step }) => step.title)
  return {
    code: 'undo-failed',
    text: `${view.run.reason?.text ?? 'it failed'}; undoing failed too: ${why}`,
    next:
      left.length > 0
        ? `Left over, to be put right by hand: ${left.join('; ')}.`
        : 'Look at the target before you try again.',
    details: { leftOver: left, first: view.run.reason?.text ?? '' },
  }
}
