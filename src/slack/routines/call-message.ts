import { isOpen, stateOf } from '../../releases/routines/calendar.js'
import type { RoutineCall } from '../../releases/routines/ports.js'
import type { Occurrence } from '../../releases/routines/routine.js'
import { type Message, message, section } from '../blocks.js'
import { type GroupIds, groupToken, personToken } from '../cards/call.js'
import { unstarred } from '../cards/subject.js'
import { momentToken } from '../moment.js'
import { list, quote } from '../text.js'

/** The one mention when something is due, and the one when it was missed; null when nobody has to be told any more. */
export async function routineCallMessage(call: RoutineCall, groupIds: GroupIds, now: Date): Promise<Message | null> {
  const { kind, people, groups, occurrences } = call
  const meant = occurrences.filter((one) => (kind === 'due' ? isOpen(one) && stateOf(one, now) === 'due' : !one.ended))
  const [first] = meant
  if (!first) return null
  const tokens = await Promise.all(groups.map(async (handle) => groupToken(await groupIds(handle), handle)))
  const called = list([...tokens, ...people.map(personToken)]) || 'Nobody is on call'
  const names = list(meant.map(({ routine }) => `*${quote(routine, 40)}*`))
  const text =
    kind === 'due'
      ? `${called}: ${names} ${isOrAre(meant)} due${untilWords(meant, now)}. The buttons are above.`
      : `${called}: ${names} ${meant.length === 1 ? 'was' : 'were'} missed; nobody did ${itOrThem(meant)} in time. ${next(meant)}`
  return message(unstarred(text), [section(text)])
}

const isOrAre = ({ length }: Occurrence[]) => (length === 1 ? 'is' : 'are')
const itOrThem = ({ length }: Occurrence[]) => (length === 1 ? 'it' : 'them')

const untilWords = ([first, ...more]: Occurrence[], now: Date): string =>
  first && more.length === 0 ? ` until ${momentToken(first.until, now)}` : ''

const next = (meant: Occurrence[]): string =>
  meant.some(isOpen)
    ? `Do ${itOrThem(meant)} now and say so above, or skip ${itOrThem(meant)} with a reason.`
    : 'What comes next is asked for anew.'
