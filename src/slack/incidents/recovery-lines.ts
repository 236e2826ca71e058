import type { IncidentView } from '../../incidents/incident.js'
import type { RunView } from '../../runs/run.js'
import { headLine } from '../cards/head.js'
import { gap } from '../cards/signs.js'
import { list, quote } from '../text.js'

const most = 4

/** The newest runs by which people recover, as the card shows them. */
export const recoveriesOf = ({ runs }: IncidentView): number[] =>
  runs.flatMap(({ run, part }) => (part === 'recovery' ? [run] : [])).slice(-most)

/** How each recovery stands, in the words of its own card: nobody has to look for that one. */
export function recoveryLines(view: IncidentView, known: RunView[]): string[] {
  const all = recoveriesOf(view)
  if (all.length === 0) return []
  // A backup that follows a restore recovers nothing.
  const told = known.filter(({ run }) => run.intent.job !== 'backup')
  if (told.length === 0)
    return [
      `*Recovery*${gap}${list(all.map((run) => `#${run}`))}: ${all.length === 1 ? 'it has its own card' : 'each has its own card'}`,
    ]
  return ['*Recovery*', ...told.flatMap((one) => [`${headLine(one)} (#${one.run.id})`, ...figuresLine(one)])]
}

function figuresLine({ steps }: RunView): string[] {
  const figures = steps.find(({ step }) => step.verb === 'check' && step.check === 'restore.figures')
  return figures?.state === 'passed' && figures.evidence ? [`${gap}${gap}${quote(figures.evidence.summary, 160)}`] : []
}
