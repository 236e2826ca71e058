import type { RunView, StepRecord } from '../../runs/run.js'
import type { AskStep, CheckStep } from '../../runs/step.js'

export type AskRecord = StepRecord & { step: AskStep }
export type CheckRecord = StepRecord & { step: CheckStep }

const isAsk = (record: StepRecord): record is AskRecord => record.step.verb === 'ask'
const isCheck = (record: StepRecord): record is CheckRecord => record.step.verb === 'check'

/** Steps in the order of the plan. */
export function ordered(view: RunView): StepRecord[] {
  return [...view.steps].sort((a, b) => a.position - b.position)
}

/** Checks that must hold before the first `do`. */
export function gatesOf(view: RunView): CheckRecord[] {
  return beforeWork(view).filter(isCheck)
}

/** The asks of the plan that stand before its first `do`: its approvals. */
export function approvalsOf(view: RunView): AskRecord[] {
  return beforeWork(view).filter(isAsk)
}

/** Every approval of a run, also one in its middle: of what a restore has found. */
export function signOffsOf(view: RunView): AskRecord[] {
  return forward(view)
    .filter(isAsk)
    .filter(({ step }) => isApproval(step))
}

/** What is done and then looked at: everything from the first `do` on that is not said or asked. */
export function workOf(view: RunView): StepRecord[] {
  const steps = forward(view)
  return steps.slice(firstDo(steps)).filter(({ step }) => step.verb === 'do' || step.verb === 'check')
}

export function undosOf(view: RunView): StepRecord[] {
  return ordered(view).filter(({ undoes }) => undoes !== null)
}

/** The ask that waits for people now, if any. */
export function openAsk(view: RunView): AskRecord | null {
  return (
    ordered(view)
      .filter(isAsk)
      .find(({ state }) => state === 'waiting') ?? null
  )
}

/** Approve or reject a plan, as against a choice between ways to go on. */
export function isApproval(ask: AskStep): boolean {
  return ask.answers.some(({ value }) => value === 'approve')
}

function beforeWork(view: RunView): StepRecord[] {
  const steps = forward(view)
  return steps.slice(0, firstDo(steps))
}

const forward = (view: RunView) => ordered(view).filter(({ undoes }) => undoes === null)

function firstDo(steps: StepRecord[]): number {
  const index = steps.findIndex(({ step }) => step.verb === 'do')
  return index === -1 ? steps.length : index
}
