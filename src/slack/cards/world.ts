import { hasEnded, type RunView, type StepRecord } from '../../runs/run.js'
import { leftOver } from '../../runs/undoing.js'
import { quote } from '../text.js'
import type { Subject } from './subject.js'

/**
 * What is true in the world once a run has ended. before: as if it had not run, but for what `stays` (a migration has
 * no undo). after: what the plan promised. between: it stopped half-way and `left` says where.
 */
export type World =
  | { kind: 'before'; acted: boolean; stays: StepRecord[] }
  | { kind: 'after' }
  | { kind: 'between'; left: StepRecord[] }

export function worldOf(view: RunView): World {
  if (view.run.state === 'done') return { kind: 'after' }
  const acted = view.steps.some(({ step, attempt, undoes }) => step.verb === 'do' && undoes === null && attempt > 0)
  const left = leftOver(view.steps).filter(({ undoes }) => undoes === null)
  if (!acted) return { kind: 'before', acted, stays: [] }
  if (wentBack(view, left)) return { kind: 'before', acted, stays: left }
  return { kind: 'between', left }
}

/** One sentence on what serves, for a run that ended without reaching its goal. */
export function servesNow(view: RunView, subject: Subject): string {
  const world = worldOf(view)
  const told = view.run.reason?.details?.serving
  if (world.kind === 'between') {
    return typeof told === 'string' ? `*${quote(told, 80)}* serves now.` : 'What serves now is not certain.'
  }
  if (subject.job === 'scale') return 'It runs as before.'
  if (subject.from === null) return `Nothing serves ${subject.service} there.`
  return `*${subject.from}* serves all traffic.`
}

function wentBack({ run }: RunView, left: StepRecord[]): boolean {
  if (!hasEnded(run.state)) return false
  return (
    run.state === 'undone' || (run.state === 'stopped' && left.every(({ step }) => step.verb !== 'do' || !step.undo))
  )
}
