import { type Actor, hasEnded, type RunId, type RunView } from '../runs/run.js'

/** The job's name: a run that stays until it was reviewed. */
export const breakingGlass = 'break-glass'
/** The ask that is open for as long as the glass is broken. */
export const openStep = 'open'

/**
 * An emergency in which somebody decides alone in one place, because nobody who approves can be reached: with a reason,
 * for a time, told to the channel, and reviewed by somebody else afterwards.
 */
export type Glass = { run: RunId; by: Actor; reason: string; until: Date }

/** The glass that a run has broken, while it is; null before, after, and for any other run. */
export function glassIn({ run, steps }: RunView, now: Date): Glass | null {
  if (run.intent.job !== breakingGlass || hasEnded(run.state) || run.stopRequested) return null
  const open = steps.find(({ key }) => key === openStep)
  if (open?.state !== 'waiting' || !open.deadline || open.deadline <= now) return null
  return { run: run.id, by: run.requestedBy, reason: String(run.intent.input.reason), until: open.deadline }
}
