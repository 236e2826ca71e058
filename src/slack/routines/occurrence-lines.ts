import type { Button } from '@slack/types'
import { isOpen, stateOf, wasMissed } from '../../releases/routines/calendar.js'
import type { Occurrence } from '../../releases/routines/routine.js'
import { plain } from '../blocks.js'
import { signs } from '../cards/signs.js'
import { nameOf } from '../cards/subject.js'
import { momentToken } from '../moment.js'
import { openFormAction } from '../replies/opening.js'
import { link, plural, quote } from '../text.js'
import { routinePrefix } from './routine-press.js'

/** What became of it, in a line: a sign, the name, and how it stands in words. */
export function standingLine(occurrence: Occurrence, now: Date): string {
  const name = `*${quote(occurrence.routine, 40)}*`
  const { ended, until, dueAt } = occurrence
  const missed = wasMissed(occurrence, now) ? `missed at ${momentToken(until, now)}, ` : ''
  switch (stateOf(occurrence, now)) {
    case 'due':
      return `${signs.people} ${name} · due until ${momentToken(until, now)}`
    case 'missed':
      return `${signs.failed} ${name} · missed: due ${momentToken(dueAt, now)}, not done by ${momentToken(until, now)}`
    case 'withdrawn':
      return `${signs.skipped} ${name} · not asked for any more: the operator’s file has it no longer`
    case 'done':
      return `${missed ? signs.warning : signs.done} ${name} · ${missed}done ${byWhom(ended, now)}`
    case 'skipped':
      return `${signs.skipped} ${name} · ${missed}skipped ${byWhom(ended, now)}`
  }
}

function byWhom(ended: Occurrence['ended'], now: Date): string {
  if (!ended) return ''
  const note = ended.note === '' ? '' : `: ${noteWords(ended.note)}`
  return `by ${nameOf(ended.by)} ${momentToken(ended.at, now)}${note}`
}

/** An address that somebody gives as evidence can be opened; it is shown as it is. */
const noteWords = (note: string): string => (/^https?:\/\/\S+$/.test(note) ? link(note, note, 75) : quote(note, 200))

/** What is to be done, whose it is and how, for what is still asked for. */
export function taskLines({ asked }: Occurrence): string[] {
  if (!asked) return []
  const { says, whose, guide, unasked } = asked
  return [
    quote(says, 500),
    `For ${quote(whose, 200)}${guide === null ? '' : ` · how: \`/ops guide ${quote(guide, 60)}\``}`,
    ...(unasked > 0
      ? [`${signs.warning} ${plural(unasked, 'time')} before it nobody was asked, because Shipmate was away.`]
      : []),
  ]
}

/** Done asks for words only where the operator's file wants to see something; skipping always says why. */
export function occurrenceButtons(occurrence: Occurrence): Button[] {
  const { id, asked } = occurrence
  if (!isOpen(occurrence)) return []
  const words = asked?.evidence === 'required'
  return [words ? formButton('Done…', id, 'done') : doneButton(id), formButton('Skip…', id, 'skipped')]
}

const doneButton = (id: number): Button => ({
  type: 'button',
  action_id: `${routinePrefix}:${id}`,
  text: plain('Done', 75),
  value: JSON.stringify({ occurrence: String(id), as: 'done' }),
})

const formButton = (label: string, id: number, as: string): Button => ({
  type: 'button',
  action_id: `${openFormAction}:${as}-${id}`,
  text: plain(label, 75),
  value: JSON.stringify({ name: 'routine', known: { occurrence: String(id), as } }),
})
