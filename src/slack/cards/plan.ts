import type { RunView } from '../../runs/run.js'
import { quote } from '../text.js'
import { workOf } from './parts-of-run.js'
import { gap, signs } from './signs.js'

// As many as have a circled number.
const stepsOnCard = 20

/** The steps in their order and what undoing them means, before they run. */
export function planLines(view: RunView): string[] {
  const work = workOf(view)
  if (work.length === 0) return []
  const shown = work
    .slice(0, stepsOnCard)
    .map(({ step }, index) => `${circled(index + 1)}\u00a0${unbroken(quote(step.title, 60))}`)
  const more = work.length - shown.length
  const steps = [...shown, ...(more > 0 ? [`and ${more} more in Details`] : [])].join(' · ')
  const undo = view.run.plan?.headline.undo
  return [`*Plan*${gap}${steps}`, ...(undo ? [`*Undo*${gap}${quote(undo, 120)}`] : [])]
}

/** A number that no title beginning with a number, such as "50 % of traffic", runs into. */
const circled = (number: number) => String.fromCodePoint(0x2460 + number - 1)

/** No line ends between a number and its unit. */
const unbroken = (text: string) => text.replace(/(\d) (?=[%×])/g, '$1\u00a0')

/** What is different from the plan that people saw before; approvals of that one are void. */
export function planChangeLines({ run }: RunView): string[] {
  if (run.planChanges.length === 0) return []
  const lines = run.planChanges.slice(0, 10).map((change) => `• ${quote(change, 140)}`)
  const more = run.planChanges.length - lines.length
  return [
    `${signs.warning} *The plan changed; approvals of the one before are void.*`,
    ...lines,
    ...(more > 0 ? [`… and ${more} more`] : []),
  ]
}

export const observeLine = `${signs.skipped} Observe mode: every change will be refused. This shows what would run.`
