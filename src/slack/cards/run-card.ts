import { hasEnded, type RunRecord, type RunView } from '../../runs/run.js'
import { actions, context, type Message, message, section } from '../blocks.js'
import { approvalLines } from './approvals.js'
import { buttonsOf } from './buttons.js'
import { changeLines, factLines } from './facts.js'
import { gateLines } from './gates.js'
import { isGlass } from './glass.js'
import { headLine, isObserved } from './head.js'
import { nextLines } from './next-line.js'
import { observeLine, planChangeLines, planLines } from './plan.js'
import { progressLine, proofLines, stepLines } from './progress.js'
import { unstarred } from './subject.js'

/** What is known beside the run itself; each part may be missing. */
export type Around = {
  /** Live runs before this one in its line, head first. */
  ahead?: RunRecord[]
  /** How long such runs took before, in milliseconds. */
  earlier?: number[]
}

/** The one message that shows a run, drawn whole from its rows: the same rows and moment give the same card. */
export function runCard(view: RunView, now: Date, around: Around = {}): Message {
  const head = headLine(view)
  const next = nextLines(view, around.ahead ?? [], now)
  const progress = isWorking(view) ? progressLine(view, around.earlier ?? [], now) : null
  const fallback = [unstarred(head).replace(/^\S+ /, ''), ...next.map(unstarred)].join(' ')
  return message(`${fallback} #${view.run.id}`, [
    section(head, progress, ...next),
    context(...factLines(view, now)),
    ...body(view, now),
    actions(`run-${view.run.id}`, buttonsOf(view)),
  ])
}

/** Something is being done or undone at this moment, so elapsed time is worth showing. */
export const isWorking = ({ run }: RunView): boolean =>
  run.state === 'running' || run.state === 'undoing' || (run.state === 'waiting' && run.startedAt !== null)

function body(view: RunView, now: Date) {
  if (isGlass(view)) return []
  if (isObserved(view)) return [section(...planLines(view), ...gateLines(view))]
  if (view.run.state === 'done') return [section(...proofLines(view))]
  if (view.run.startedAt) return [section(...stepLines(view))]
  if (hasEnded(view.run.state)) return [section(...gateLines(view), ...approvalLines(view, now))]
  return [
    section(view.run.plan?.observe ? observeLine : null),
    section(...planChangeLines(view)),
    section(...changeLines(view)),
    section(...gateLines(view), ...approvalLines(view, now), ...planLines(view)),
  ]
}
