import type { KnownBlock } from '@slack/types'
import type { Reply, RoutineLine } from '../../commands/reply.js'
import { actions, context, type Message, message, section } from '../blocks.js'
import { signs } from '../cards/signs.js'
import { nameOf } from '../cards/subject.js'
import { momentToken } from '../moment.js'
import { occurrenceButtons, standingLine } from '../routines/occurrence-lines.js'
import { plural, quote } from '../text.js'

/** Each takes two blocks at most, and Slack takes fifty. */
const mostLines = 22

/** The calendar of recurring work: what is due first, with its buttons for whoever it belongs to. */
export function routinesMessage({ lines, days }: Extract<Reply, { kind: 'routines' }>, now: Date): Message {
  const due = lines.filter(({ open }) => open !== null).length
  const head =
    due === 0
      ? `No recurring work is due now; ${plural(lines.length, 'routine')} in all`
      : `${due} of ${plural(lines.length, 'routine')} ${due === 1 ? 'waits' : 'wait'} for somebody`
  const shown = lines.slice(0, mostLines)
  const more = lines.length - shown.length
  return message(`${head}.`, [
    section(`*${head}*`),
    ...shown.flatMap((line) => lineBlocks(line, days, now)),
    more > 0 ? context(`… and ${plural(more, 'routine')} more, none of them due before these.`) : null,
  ])
}

function lineBlocks(line: RoutineLine, days: number, now: Date): (KnownBlock | null)[] {
  const { routine, says, whose, open, next, guide, mine } = line
  const then = next ? `next ${momentToken(next, now)}` : 'never again'
  const head = open ? standingLine(open, now) : `${signs.coming} *${quote(routine, 40)}*`
  return [
    section(
      `${head} · ${then}`,
      quote(open?.asked?.says ?? says, 300),
      `For ${quote(whose, 200)} · ${historyWords(line, days, now)}${guide === null ? '' : ` · how: \`/ops guide ${quote(guide, 60)}\``}`,
    ),
    open && mine ? actions(`routine-${open.id}`, occurrenceButtons(open)) : null,
  ]
}

function historyWords({ lastDone, missed }: RoutineLine, days: number, now: Date): string {
  const last = lastDone?.ended
    ? `last done ${momentToken(lastDone.ended.at, now)} by ${nameOf(lastDone.ended.by)}`
    : 'never done so far'
  return missed === 0 ? last : `${last} · missed ${missed === 1 ? 'once' : `${missed} times`} in ${days} days`
}
