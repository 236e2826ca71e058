import type { Move } from './next-move.js'
import type { RunChange } from './ports.js'
import type { EndedState, Reason, RunView, StepRecord } from './run.js'
import type { AskStep, People } from './step.js'
import { undoSteps } from './undoing.js'

/** Its end stands in the way of the run. */
export const isFailure = ({ state, undoes }: StepRecord): boolean =>
  (state === 'failed' || state === 'errored' || state === 'timed out') && undoes === null

/** What a failed step means for the run: refused before the first `do`, else what its `onFailure` says. */
export function afterFailure(view: RunView, failure: StepRecord, now: Date): Move {
  const reason = reasonOf(failure)
  if (!hasActed(view.steps)) return { kind: 'end', state: endBeforeActing(failure), reason, change: {} }
  if (failure.step.onFailure === 'undo') return undoing(view, failure, now)
  if (failure.step.onFailure === 'ask') return choosing(view, failure, now)
  return { kind: 'end', state: endState(failure), reason, change: {} }
}

const hasActed = (steps: readonly StepRecord[]): boolean =>
  steps.some(({ step, attempt }) => step.verb === 'do' && attempt > 0)

function endBeforeActing(failure: StepRecord): EndedState {
  return failure.step.verb === 'ask' && failure.state === 'timed out' ? 'timed out' : 'refused'
}

function endState(failure: StepRecord): EndedState {
  if (failure.state === 'timed out') return 'timed out'
  return failure.state === 'errored' && failure.step.verb === 'do' ? 'faulted' : 'failed'
}

/** Turns the run round: the undos join it, backwards. With nothing to undo it ends as its failure says. */
export function undoing(view: RunView, failure: StepRecord, now: Date): Move {
  const newSteps = undoSteps(view.steps)
  const reason = reasonOf(failure)
  if (newSteps.length === 0) return { kind: 'end', state: endState(failure), reason, change: {} }
  const change: RunChange = {
    state: 'undoing',
    reason,
    newSteps,
    audit: [{ actor: null, act: 'undoing began', subject: { because: failure.key, at: now.toISOString() } }],
  }
  return { kind: 'settle', change }
}

/** One line on why the run did not go through, with the step's own evidence behind it. */
export function reasonOf(failure: StepRecord): Reason {
  const text = failure.evidence?.summary ?? `${failure.step.title} ${failure.state}`
  const reason: Reason = {
    code: `step-${failure.state.replace(' ', '-')}`,
    text,
    details: { step: failure.key, ...failure.evidence?.details },
  }
  return failure.evidence?.next ? { ...reason, next: failure.evidence.next } : reason
}

/** The run waits for a person to retry, skip or undo; the question is a step of its own. */
function choosing(view: RunView, failure: StepRecord, now: Date): Move {
  const key = `choose-${failure.key}-${failure.round}`
  const asked = view.steps.find((step) => step.key === key)
  if (!asked) return { kind: 'settle', change: { newSteps: [{ step: question(view, failure, key), undoes: null }] } }
  if (asked.state === 'pending') return { kind: 'settle', change: openedChoice(asked, now) }
  if (asked.state === 'waiting') return waitingChoice(view, asked, now)
  return chosen(view, failure, asked, now)
}

function waitingChoice(view: RunView, asked: StepRecord, now: Date): Move {
  const answer = view.answers.find(({ step }) => step === asked.key)
  if (answer)
    return {
      kind: 'settle',
      change: {
        state: 'running',
        steps: [{ key: asked.key, state: 'passed', output: { answer: answer.answer }, endedAt: now }],
      },
    }
  if (asked.deadline && now >= asked.deadline)
    return {
      kind: 'settle',
      change: { state: 'running', steps: [{ key: asked.key, state: 'timed out', endedAt: now }] },
    }
  return { kind: 'park', until: asked.deadline }
}

function chosen(view: RunView, failure: StepRecord, asked: StepRecord, now: Date): Move {
  if (asked.output.answer === 'retry') {
    const again = {
      key: failure.key,
      state: 'pending' as const,
      round: failure.round + 1,
      attempt: 0,
      evidence: null,
      endedAt: null,
      progress: null,
    }
    return { kind: 'settle', change: { steps: [again] } }
  }
  if (asked.output.answer === 'skip') {
    const evidence = { summary: `skipped by a person after it ${failure.state}` }
    return { kind: 'settle', change: { steps: [{ key: failure.key, state: 'skipped', evidence, endedAt: now }] } }
  }
  return undoing(view, failure, now)
}

const dayMs = 24 * 60 * 60 * 1000

function question(view: RunView, failure: StepRecord, key: string): AskStep {
  return {
    key,
    title: `Go on after: ${failure.step.title}?`,
    verb: 'ask',
    of: choosers(view),
    question: `${failure.step.title} ${failure.state}. Try again, skip it, or undo what was done?`,
    answers: [
      { label: 'Try again', value: 'retry', style: 'primary' },
      { label: 'Skip…', value: 'skip', reason: true },
      { label: 'Undo', value: 'undo', style: 'danger' },
    ],
    quorum: 1,
    expires: dayMs,
    timeout: dayMs,
    needs: [],
    onFailure: 'undo',
  }
}

/** Whoever could approve the plan may choose, and the requester too: nobody is kept from stopping the harm. */
function choosers(view: RunView): People {
  const asks = view.steps.flatMap(({ step }) => (step.verb === 'ask' ? [step.of] : []))
  return {
    groups: asks.flatMap(({ groups }) => groups),
    people: [...asks.flatMap(({ people }) => people), view.run.requestedBy.id],
    requester: 'counts',
  }
}

function openedChoice(asked: StepRecord, now: Date): RunChange {
  const deadline = new Date(now.getTime() + dayMs)
  return {
    state: 'waiting',
    steps: [{ key: asked.key, state: 'waiting', startedAt: now, deadline, attempt: 1 }],
    posts: [{ key: `ask:${asked.key}:0:${asked.round}`, to: { kind: 'thread' }, text: asked.step.title }],
  }
}
