import { byUrgency, isOpen, stateOf } from '../../releases/routines/calendar.js'
import type { RoutineDigest } from '../../releases/routines/ports.js'
import type { Occurrence } from '../../releases/routines/routine.js'
import { actions, context, type Message, message, section } from '../blocks.js'
import { lights } from '../cards/signs.js'
import { unstarred } from '../cards/subject.js'
import { dateToken, list, quote } from '../text.js'
import { occurrenceButtons, standingLine, taskLines } from './occurrence-lines.js'

/** Each takes two blocks, and Slack takes fifty. */
const mostWithButtons = 20

/** One message for a channel and a day: what is asked for, with its buttons, then what became of the others. */
export function digestMessage({ at, occurrences, earlier }: Omit<RoutineDigest, 'shown'>, now: Date): Message {
  const sorted = [...occurrences].sort(byUrgency(now))
  const open = sorted.filter(isOpen)
  const shown = open.slice(0, mostWithButtons)
  const counts = countsOf(sorted, now)
  const head = `*Routines* · ${dateToken(at, 'day')} · ${counts}`
  const names = open.length > 0 ? `: ${list(open.slice(0, 5).map(({ routine }) => quote(routine, 40)))}` : ''
  return message(`Routines: ${unstarred(counts)}${names}`, [
    section(`${lightOf(sorted, now)} ${head}`),
    ...shown.flatMap((one) => [
      section(standingLine(one, now), ...taskLines(one)),
      actions(`routine-${one.id}`, occurrenceButtons(one)),
    ]),
    context(open.length > shown.length ? `… and ${open.length - shown.length} more: /ops routines` : null),
    section(...sorted.filter((one) => !isOpen(one)).map((one) => standingLine(one, now))),
    context(earlierLine(earlier)),
  ])
}

function countsOf(all: Occurrence[], now: Date): string {
  const count = (state: string) => all.filter((one) => stateOf(one, now) === state).length
  const words = (['missed', 'due', 'done', 'skipped'] as const).flatMap((state) =>
    count(state) > 0 ? [`${count(state)} ${state}`] : [],
  )
  return words.join(' · ') || 'nothing is asked for any more'
}

function lightOf(all: Occurrence[], now: Date): string {
  const open = all.filter(isOpen)
  if (open.some((one) => stateOf(one, now) === 'missed')) return lights.failed
  if (open.length > 0) return lights.people
  return all.some((one) => stateOf(one, now) === 'done') ? lights.done : lights.still
}

/** What stands on the messages of days before, so that nobody takes this for all. */
function earlierLine(earlier: Occurrence[]): string | null {
  if (earlier.length === 0) return null
  const names = list(earlier.slice(0, 10).map(({ routine }) => `*${quote(routine, 40)}*`))
  return `Still asked for on an earlier message: ${names}. /ops routines shows all.`
}
