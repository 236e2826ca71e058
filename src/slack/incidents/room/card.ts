import type { IncidentView, Room } from '../../../incidents/incident.js'
import { type Message, message, section } from '../../blocks.js'
import { meaningOf } from '../../outbox/refusals.js'
import { incidentCard } from '../incident-card.js'
import { recoveriesOf } from '../recovery-lines.js'
import { answerOf, quiet } from './pieces.js'
import { ask, type IncidentSpeaking } from './speaking.js'

/** What one process remembers of a card; all of it may be lost. */
export type CardMemory = {
  /** The drawing Slack has, to send no equal one. */
  drawing: string
  sentAt: number
  notBefore: number
  failures: number
  /** Slack refused the blocks: the words alone are sent, so that people are told at all. */
  wordsOnly: boolean
}

export const noCard = (): CardMemory => ({ drawing: '', sentAt: 0, notBefore: 0, failures: 0, wordsOnly: false })

export type Drawn =
  /** It stands there now, in this drawing. */
  | { kind: 'drawn'; card: { channel: string; ts: string } }
  /** The message is gone: it is to be posted anew. */
  | { kind: 'gone' }
  | { kind: 'later'; ms: number }

/** Draws the card where it is, or posts it in `channel`; `key` marks a post so that it is found again. */
export async function drawCard(
  parts: IncidentSpeaking,
  view: IncidentView,
  at: { channel: string; ts: string | null },
  key: string,
  memory: CardMemory,
): Promise<Drawn> {
  const now = parts.clock.now()
  if (memory.notBefore > now.getTime()) return { kind: 'later', ms: memory.notBefore - now.getTime() }
  const drawing = await drawingOf(parts, view, memory)
  const text = JSON.stringify(drawing)
  if (at.ts !== null && text === memory.drawing) return { kind: 'drawn', card: { channel: at.channel, ts: at.ts } }
  const turn = at.ts === null ? await parts.sendings.turn(key, { channel: at.channel }) : null
  if (turn?.kind === 'wait') return { kind: 'later', ms: turn.ms }
  if (turn?.kind === 'there') return { kind: 'drawn', card: { channel: at.channel, ts: turn.ts } }
  const method = at.ts === null ? 'chat.postMessage' : 'chat.update'
  const place = { channel: at.channel, ...(at.ts === null ? { metadata: turn?.metadata } : { ts: at.ts }) }
  const told = await ask(parts, method, { ...place, ...drawing, ...quiet }, at.channel)
  if (turn) parts.sendings.answered(key, answerOf(told))
  if (told.kind === 'later') return told
  if (told.kind === 'no') return refused(parts, told.error, at, memory)
  Object.assign(memory, { drawing: text, sentAt: told.sent, failures: 0 })
  return {
    kind: 'drawn',
    card: { channel: String(told.data.channel ?? at.channel), ts: String(told.data.ts ?? at.ts ?? '') },
  }
}

function refused(parts: IncidentSpeaking, error: string, at: { channel: string }, memory: CardMemory): Drawn {
  const meaning = meaningOf(error)
  if (meaning === 'gone') return { kind: 'gone' }
  if (meaning === 'drawing' && !memory.wordsOnly) {
    memory.wordsOnly = true
    return { kind: 'later', ms: 0 }
  }
  const now = parts.clock.now().getTime()
  parts.trouble.met({ ok: false, why: 'refused', error, text: error }, at.channel, now)
  memory.notBefore = now + Math.min(600_000, 15_000 * 2 ** memory.failures)
  memory.failures += 1
  return { kind: 'later', ms: memory.notBefore - now }
}

async function drawingOf(parts: IncidentSpeaking, view: IncidentView, memory: CardMemory): Promise<Message> {
  const guide = view.incident.guide === null ? null : await parts.desk.view(view.incident.guide)
  const restorable = parts.incidents.restorable?.(view.incident) ?? null
  const now = parts.clock.now()
  const known = view.incident.state === 'open' ? await parts.incidents.seenBefore?.(view, now) : null
  const seen = await Promise.all(recoveriesOf(view).map((run) => parts.desk.view(run)))
  const recoveries = seen.flatMap((one) => one ?? [])
  const more = { guide, restorable, recoveries, seenBefore: known?.text ?? null }
  const card = incidentCard(view, { now, settings: parts.incidents.settings(), ...more })
  return memory.wordsOnly ? message(card.text, [section(card.text)]) : card
}

/** The rows as they are, with what is known of the room by now. */
export const withRoom = (view: IncidentView, room: Room): IncidentView => ({
  ...view,
  incident: { ...view.incident, room },
})
