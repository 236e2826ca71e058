import type { Button, KnownBlock } from '@slack/types'
import type { PlaceLine, Reply } from '../../commands/reply.js'
import { actions, type Message, message, plain, section } from '../blocks.js'
import { signs } from '../cards/signs.js'
import { changeOf, nameOf, subjectOf } from '../cards/subject.js'
import { lockLine } from '../locks/lock-line.js'
import { momentToken } from '../moment.js'
import { plural, quote } from '../text.js'
import { openFormAction } from './opening.js'
import { runLine } from './runs.js'

const mostPlaces = 20
const mostWaiting = 10

/** Who holds what and who waits for it: one block a place, with the button that gives a lock away. */
export function linesMessage({ title, places, none }: Extract<Reply, { kind: 'lines' }>, now: Date): Message {
  const head = quote(title, 300)
  if (places.length === 0) return message(quote(none, 300), [section(quote(none, 300))])
  const shown = places.slice(0, mostPlaces)
  const more = places.length - shown.length
  return message(head, [
    section(`*${head}*`),
    ...shown.flatMap((place, at) => placeBlocks(place, at, now)),
    more > 0 ? section(`… and ${plural(more, 'place')} more: name an environment to see them.`) : null,
  ])
}

/** One place with its line, and the button that gives its lock away. */
export function placeBlocks(place: PlaceLine, at: number, now: Date): (KnownBlock | null)[] {
  return [
    section(...placeLines(place, now)),
    place.mayHandOver ? actions(`lock-${at}`, [handOverButton(`${place.service} ${place.environment}`, at)]) : null,
  ]
}

function placeLines(place: PlaceLine, now: Date): string[] {
  const waiting = place.waiting.slice(0, mostWaiting)
  const more = place.waiting.length - waiting.length
  return [
    holderLine(place, now),
    ...waiting.map((run, at) => `   ${at + 1}. ${runLine(run, now)}`),
    ...(more > 0 ? [`   … and ${more} more`] : []),
    ...(place.clear ? [quote(place.clear, 200)] : []),
  ]
}

function holderLine({ service, environment, holder, working }: PlaceLine, now: Date): string {
  const place = `*${quote(service, 40)} in ${quote(environment, 40)}*`
  if (!holder) return `${signs.coming} ${place} · nobody holds it`
  if (holder.run === null) return `${signs.people} ${place} · ${lockLine(holder, now)}`
  const what = working ? ` (${changeOf(subjectOf(working))})` : ''
  return `${signs.running} ${place} · #${holder.run}${what} is at work since ${momentToken(holder.since, now)}, asked by ${nameOf(holder.by)}`
}

function handOverButton(lock: string, at: number): Button {
  return {
    type: 'button',
    action_id: at === 0 ? openFormAction : `${openFormAction}:${at}`,
    text: plain('Hand over…', 75),
    value: JSON.stringify({ name: 'hand-over', known: { lock } }),
  }
}
