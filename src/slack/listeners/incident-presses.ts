import type { BlockAction } from '@slack/bolt'
import type { Reply } from '../../commands/reply.js'
import { decodeIncidentPress, type IncidentPressValue } from '../incidents/incident-press.js'
import { answer, drawn, type Ways } from './answers.js'
import { askerOf, type Envelope } from './asker.js'
import { attempt, refusal } from './attempt.js'
import { ackBudget, type FaceParts, inTime } from './parts.js'

/** A control of an incident. It counts on the incident's own card alone; who may is decided at the desk. */
export async function pressIncident(
  parts: FaceParts,
  at: Container,
  from: { envelope: Envelope; ways: Ways; team: string | null },
  pressed: { ack: () => Promise<void>; value: string | undefined },
): Promise<void> {
  const value = decodeIncidentPress(pressed.value)
  const work = attempt(parts, 'a press on an incident', from.team, () => press(parts, at, from.envelope, value))
  await inTime(work, ackBudget, parts.clock)
  await pressed.ack()
  const reply = await work
  if (reply.kind === 'said' && reply.text === '') return
  await answer(parts, from.ways, drawn(parts, reply))
}

type Container = BlockAction['container']

async function press(
  parts: FaceParts,
  at: Container,
  envelope: Envelope,
  value: IncidentPressValue | null,
): Promise<Reply> {
  const { incidents } = parts
  if (!incidents || !value || !(await countsHere(parts, at, value))) return notItsCard
  const asker = await askerOf(parts, envelope)
  if (value.name !== 'say') return incidents.press(value, asker)
  const said = spoken[value.words]
  if (!said) return notItsCard
  const channel = (await incidents.rows.view(value.incident))?.incident.room.channel
  // As if it had been typed in the incident's channel, wherever its card stands.
  return parts.desk.say(said.words, said.command, channel ? { ...asker, channel } : asker)
}

/** What controls that only ask stand for, as somebody would type it. */
const spoken: { [words: string]: { command: string; words: string } | undefined } = {
  timeline: { command: 'incident', words: 'timeline' },
  review: { command: 'incident', words: 'review' },
  guides: { command: 'ops', words: 'guide search' },
}

async function countsHere(parts: FaceParts, at: Container, value: IncidentPressValue): Promise<boolean> {
  const { channel_id: channel, message_ts: ts, is_ephemeral: alone } = at
  if (typeof channel !== 'string' || typeof ts !== 'string') return false
  // What was offered beside the card: each of these is the same however often and wherever it is pressed.
  const beside = ['acknowledge', 'publish', 'settle', 'guide', 'acknowledge alert', 'declare from alert', 'merge alert']
  if (beside.includes(value.name)) return true
  if (alone || !parts.incidents || !('incident' in value) || value.incident === undefined) return false
  if ((await parts.incidents.cards.cardAt(channel, ts)) === value.incident) return true
  if (value.name !== 'take' && value.name !== 'look again') return false
  const run = await parts.cards.cardAt(channel, ts)
  return run !== null && (await parts.incidents.rows.view(value.incident))?.incident.guide === run
}

const notItsCard = refusal(
  'not-its-card',
  'This button does nothing any more.',
  'The message is not the card of the incident it names: it is a copy, or the incident went on in its own channel.',
  'Use the card that is pinned in the incident’s channel; /incident list names the open ones.',
)
