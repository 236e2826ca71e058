import type { Carried } from './next-move.js'
import type { RunChange } from './ports.js'
import type { StepRecord } from './run.js'
import type { DoStep } from './step.js'

/** Steps found running that nobody here runs: whoever ran them is gone, or is not to be waited for. */
export const cutOff = (steps: readonly StepRecord[], { inFlight }: Carried): StepRecord[] =>
  steps.filter((record) => record.state === 'running' && !inFlight.has(record.key))

/**
 * Whether a step that was cut off may be run again. Looking again is harmless; acting again too where the target or the
 * vendor fences; without a fence the old attempt might still be acting, so its deadline is waited out.
 */
export function mayRestart(record: StepRecord, { fenceOf }: Carried, now: Date): boolean {
  if (record.step.verb !== 'do') return true
  const fence = fenceOf(record.step)
  return fence !== 'blind' && (fence !== 'none' || isOver(record, now))
}

/** Until when somebody else may still be acting; null when nothing was cut off that could. */
export function stillActing(adrift: StepRecord[], { fenceOf }: Carried, now: Date): Date | null {
  const times = adrift.flatMap((record) =>
    isAct(record) && ['none', 'blind'].includes(fenceOf(record.step)) && record.deadline && !isOver(record, now)
      ? [record.deadline.getTime()]
      : [],
  )
  return times.length > 0 ? new Date(Math.min(...times)) : null
}

/** What cannot be looked at is not done again: the step ends here, and its `onFailure` says who decides. */
export function untold(adrift: StepRecord[], { fenceOf }: Carried, now: Date): RunChange | null {
  const record = adrift.find((one) => isAct(one) && fenceOf(one.step) === 'blind' && isOver(one, now))
  if (!record) return null
  const state = record.step.onFailure === 'warn' ? 'warned' : 'errored'
  const evidence = {
    summary: `${record.step.title}: cut off, and it cannot be told whether it was done`,
    next: 'Look at the target before it is tried again: done twice, it has two effects.',
  }
  return {
    steps: [{ key: record.key, state, evidence, endedAt: now }],
    audit: [{ actor: null, act: 'step cut off', subject: { step: record.key, state } }],
  }
}

const isAct = (record: StepRecord): record is StepRecord & { step: DoStep } => record.step.verb === 'do'
const isOver = ({ deadline }: StepRecord, now: Date): boolean => deadline === null || now >= deadline
