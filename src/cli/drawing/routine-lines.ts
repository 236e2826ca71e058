import { momentIn } from '../../backups/window.js'
import type { Reply, RoutineLine } from '../../commands/reply.js'
import { stateOf } from '../../releases/routines/calendar.js'
import { plain } from './plain.js'

type Routines = Extract<Reply, { kind: 'routines' }>

/** The calendar of recurring work; moments are in the zone of the operator's file. */
export function routineLines({ zone, days, lines }: Routines, now: Date): string[] {
  const due = lines.filter(({ open }) => open !== null).length
  const head =
    due === 0
      ? 'No recurring work is due now'
      : `${due} of ${lines.length} routines ${due === 1 ? 'waits' : 'wait'} for somebody`
  return [
    `${head}; times are of ${plain(zone)}`,
    ...lines.flatMap((line) => lineOf(line, momentIn(zone), days, now)),
    ...(lines.some(({ open }) => open)
      ? ['To say that one is done: shipmate ops routines done <name> [what shows it]']
      : []),
  ]
}

function lineOf(line: RoutineLine, moment: (at: Date) => string, days: number, now: Date): string[] {
  const { says, whose, open, next, lastDone, missed, guide } = line
  const then = next ? `next ${moment(next)}` : 'never again'
  const last = lastDone?.ended
    ? `last done ${moment(lastDone.ended.at)} by ${plain(lastDone.ended.by.name, 60)}`
    : 'never done so far'
  return [
    `${headOf(line, moment, now)} · ${then}`,
    `    ${plain(open?.asked?.says ?? says)}`,
    `    for ${plain(whose, 200)} · ${last} · missed ${missed === 1 ? 'once' : `${missed} times`} in ${days} days`,
    ...(guide === null ? [] : [`    how: shipmate ops guide ${plain(guide, 60)}`]),
  ]
}

function headOf({ routine, open }: RoutineLine, moment: (at: Date) => string, now: Date): string {
  const name = plain(routine, 60)
  if (open === null) return `· ${name}`
  return stateOf(open, now) === 'missed'
    ? `✗ ${name} · missed: nobody did it until ${moment(open.until)}`
    : `◷ ${name} · due until ${moment(open.until)}`
}
