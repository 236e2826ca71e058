import type { IncidentView, Room, RoomPiece } from '../../../incidents/incident.js'
import type { WantedRoom } from '../../../incidents/room.js'
import type { Piece } from './channel.js'
import { invitePeople, notInvited } from './people.js'
import { addBookmarks, type MakePiece, pinCard, postNotice, setTopic } from './pieces.js'
import type { IncidentSpeaking } from './speaking.js'

/** What one process remembers of an incident's furnishing; all of it may be lost. Times in epoch milliseconds. */
export type Furnishing = {
  again: Map<RoomPiece, number>
  topicAt: number
  /** Whom the incident called for when it was last looked at. */
  called: string
}

export const noFurnishing = (): Furnishing => ({ again: new Map(), topicAt: 0, called: '' })

/** Beside the channel and the card, which all others need; none of these needs another. */
const pieces: [RoomPiece, MakePiece][] = [
  ['pin', pinCard],
  ['topic', setTopic],
  ['bookmarks', addBookmarks],
  ['people', invitePeople],
  ['notice', postNotice],
]

/** Slack tells each change of a topic in the channel, so they are few. */
const betweenTopics = 60_000

export type Furnished = { room: Room; next: number; changed: boolean }

/** Brings in what is missing, all at once; what fails says so and holds up nothing. */
export async function furnish(
  parts: IncidentSpeaking,
  view: IncidentView,
  wanted: WantedRoom,
  room: Room,
  memory: Furnishing,
): Promise<Furnished> {
  const now = parts.clock.now().getTime()
  const missing = await missingPieces(parts, wanted, room, memory, now)
  const due = pieces.filter(([name]) => missing.has(name) && (missing.get(name) ?? 0) <= now)
  const made = await Promise.all(
    due.map(async ([name, make]) => [name, await make(parts, view, wanted, room)] as const),
  )
  const state = { room, next: nextOf(missing, now), changed: made.length > 0 }
  return made.reduce((before, [name, piece]) => settledPiece(before, name, piece, memory, now), state)
}

/** What is still to be done, and from when. */
async function missingPieces(
  parts: IncidentSpeaking,
  wanted: WantedRoom,
  room: Room,
  memory: Furnishing,
  now: number,
): Promise<Map<RoomPiece, number>> {
  const missing = new Map<RoomPiece, number>()
  for (const [name] of pieces) if (!room.done.includes(name)) missing.set(name, memory.again.get(name) ?? now)
  const open = room.done.includes('topic') && room.topic !== wanted.topic && !room.archived
  if (open) missing.set('topic', Math.max(memory.topicAt + betweenTopics, memory.again.get('topic') ?? now))
  const called = JSON.stringify(wanted.invite)
  if (room.done.includes('people') && memory.called !== called) {
    const others = await notInvited(parts, wanted.invite, room.invited)
    if (others.length > 0) missing.set('people', memory.again.get('people') ?? now)
  }
  memory.called = called
  return missing
}

const nextOf = (missing: Map<RoomPiece, number>, now: number): number =>
  Math.min(Number.POSITIVE_INFINITY, ...[...missing.values()].filter((at) => at > now).map((at) => at - now))

function settledPiece(before: Furnished, name: RoomPiece, piece: Piece, memory: Furnishing, now: number): Furnished {
  const { room } = before
  if (piece.kind === 'later') {
    memory.again.set(name, now + piece.ms)
    return { ...before, next: Math.min(before.next, piece.ms) }
  }
  const others = room.troubles.filter((one) => one.piece !== name)
  const done = [...new Set([...room.done, name])]
  if (name === 'topic') memory.topicAt = now
  if (piece.kind === 'stands') {
    memory.again.delete(name)
    return { ...before, room: { ...room, ...piece.room, done, troubles: others } }
  }
  const troubles = [...others, { piece: name, text: piece.text, next: piece.next }]
  const told = { ...room, ...piece.room, troubles }
  if (piece.again === null) return { ...before, room: { ...told, done } }
  memory.again.set(name, now + piece.again)
  return { ...before, room: told, next: Math.min(before.next, piece.again) }
}
