import { shownDuration } from '../../releases/durations.js'
import type { DrillScore } from './score.js'

/** A score as people read it at the end of a drill, one fact a line. */
export function scoreLines(score: DrillScore): string[] {
  return [
    `*The drill is over: ${pointsOf(score)}.*`,
    faultLine(score),
    `First action ${score.firstAct === null ? 'by nobody' : `after ${lasted(score.firstAct)}`}; it took ${lasted(score.ended)}.`,
    stepsLine(score.steps),
    lateLine(score.late),
    `Took part: ${listed(score.people)}.`,
  ]
}

/** "3 of 4 points". */
export const pointsOf = ({ points, of }: Pick<DrillScore, 'points' | 'of'>): string =>
  `${points} of ${of} ${of === 1 ? 'point' : 'points'}`

function faultLine({ findings, found, repaired, turned, unproven }: DrillScore): string {
  if (found === null) return 'Fault: no check found one, so finding and repairing it were not rehearsed.'
  const seen = `Fault: found after ${lasted(found)} (${titled(findings)})`
  if (repaired !== null) {
    const left = unproven.length > 0 ? `; not looked at again: ${titled(unproven)}` : ''
    return `${seen}, repaired after ${lasted(repaired)}: ${titled(turned)} passed${left}.`
  }
  return `${seen}, not shown to be repaired${turned.length > 0 ? `, though ${titled(turned)} passed` : ''}.`
}

function stepsLine({ done, skipped, failed, left }: DrillScore['steps']): string {
  const parts = [`${done} done`, `${skipped} skipped`, ...(failed > 0 ? [`${failed} failed`] : []), `${left} left`]
  return `Steps: ${parts.join(', ')}.`
}

function lateLine(late: string[] | null): string {
  if (late === null) return 'Late: no step that was reached has a limit.'
  return late.length === 0 ? 'Late: no step.' : `Late: ${titled(late)}.`
}

const most = 4

function titled(titles: string[]): string {
  const more = titles.length - most
  return `${titles
    .slice(0, most)
    .map((title) => `“${title}”`)
    .join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

const listed = (names: string[]) => (names.length === 0 ? 'nobody' : names.join(', '))
const lasted = (ms: number) => shownDuration(Math.max(1_000, ms))
