import type { RunView, StepRecord } from '../../runs/run.js'

/** A step of a guide that says how long it may take, since it began: the moment from which it is late. */
export type TimedStep = { record: StepRecord; minutes: number; lateAt: Date }

export function timedSteps({ run, steps }: RunView): TimedStep[] {
  const minutes = run.plan?.pinned.minutes
  if (typeof minutes !== 'object' || minutes === null || Array.isArray(minutes)) return []
  return steps.flatMap((record) => {
    const allowed = minutes[record.key]
    if (typeof allowed !== 'number' || !record.startedAt) return []
    return [{ record, minutes: allowed, lateAt: new Date(record.startedAt.getTime() + allowed * 60_000) }]
  })
}
