import type { IncidentRecord, IncidentView, Room } from '../../../incidents/incident.js'
import { nameOf } from '../../../incidents/incident.js'
import { type CardMemory, drawCard } from './card.js'
import { answerOf, quiet } from './pieces.js'
import { ask, type IncidentSpeaking } from './speaking.js'
import { standInMessage } from './stand-in-message.js'

export type Waiting = { view: IncidentView; room: Room; memory: CardMemory }

/**
 * Where incidents are told while they have no channel: one has its whole card in the channel where people expect it, and
 * many at once share one message, because Slack takes about one message a second there. When its channel comes, the
 * message says where an incident goes on.
 */
export type StandIns = {
  /** Tells of those that wait; answers milliseconds until the next try, and what each one's room is now. */
  tell(waiting: Waiting[]): Promise<{ rooms: Map<number, Room>; next: number; keys: string[] }>
  /** What a message says of its incidents has changed. */
  changed(room: Room): void
  /** Draws messages that changed. */
  redraw(): Promise<number>
}

/** `keys`: posts that are settled once the rooms are written. */
type Placed = { rooms: [number, Room][]; next: number; keys: string[] }

type Shared = { channel: string; ts: string; drawing: string; notBefore: number; lines: number }

const mostLines = 80
const betweenDrawings = 1_100

export function createStandIns(parts: IncidentSpeaking): StandIns {
  const dirty = new Map<string, Shared>()
  /** The message that takes in more, by channel. */
  const open = new Map<string, Shared>()
  const now = () => parts.clock.now().getTime()

  async function tellPlace(channel: string, waiting: Waiting[]): Promise<Placed> {
    const shared = open.get(channel)
    if (shared && shared.lines + waiting.length <= mostLines) {
      shared.lines += waiting.length
      dirty.set(shared.ts, shared)
      return { rooms: waiting.map((one) => placed(one, { channel, ts: shared.ts, many: true })), next: 0, keys: [] }
    }
    const [first] = waiting
    if (!first) return { rooms: [], next: Number.POSITIVE_INFINITY, keys: [] }
    return waiting.length === 1 ? tellOne(channel, first) : tellMany(channel, waiting)
  }

  async function tellOne(channel: string, one: Waiting): Promise<Placed> {
    const key = `incident ${one.view.incident.id} stand-in`
    const drawn = await drawCard(parts, one.view, { channel, ts: null }, key, one.memory)
    if (drawn.kind !== 'drawn') return { rooms: [], next: drawn.kind === 'later' ? drawn.ms : 1_000, keys: [] }
    return { rooms: [placed(one, { ...drawn.card, many: false })], next: Number.POSITIVE_INFINITY, keys: [key] }
  }

  async function tellMany(channel: string, waiting: Waiting[]): Promise<Placed> {
    const key = `incidents ${channel} ${waiting[0]?.view.incident.id}`
    const turn = await parts.sendings.turn(key, { channel })
    if (turn.kind === 'wait') return { rooms: [], next: turn.ms, keys: [] }
    const told = turn.kind === 'there' ? turn.ts : await post(channel, key, waiting, turn.metadata)
    if (typeof told === 'number') return { rooms: [], next: told, keys: [] }
    const at = { channel, ts: told }
    const shared = { ...at, drawing: '', notBefore: now() + betweenDrawings, lines: waiting.length }
    open.set(channel, shared)
    return {
      rooms: waiting.map((one) => placed(one, { ...at, many: true })),
      next: Number.POSITIVE_INFINITY,
      keys: [key],
    }
  }

  /** Its ts, or milliseconds to wait. */
  async function post(channel: string, key: string, waiting: Waiting[], metadata: object): Promise<string | number> {
    const drawing = standInMessage(
      waiting.map(({ view, room }) => ({ ...view.incident, room })),
      parts.clock.now(),
    )
    const told = await ask(parts, 'chat.postMessage', { channel, ...drawing, metadata, ...quiet }, channel)
    parts.sendings.answered(key, answerOf(told))
    if (told.kind === 'later') return told.ms
    return told.kind === 'ok' ? String(told.data.ts ?? '') : 15_000
  }

  async function redrawOne(shared: Shared): Promise<number> {
    const at = now()
    if (shared.notBefore > at) return shared.notBefore - at
    const incidents = await toldThere(shared)
    const drawing = standInMessage(incidents, parts.clock.now())
    const text = JSON.stringify(drawing)
    if (text !== shared.drawing && incidents.length > 0) {
      const place = { channel: shared.channel, ts: shared.ts }
      const told = await ask(parts, 'chat.update', { ...place, ...drawing, ...quiet }, shared.channel)
      if (told.kind === 'later') return told.ms
    }
    Object.assign(shared, { drawing: text, notBefore: at + betweenDrawings })
    dirty.delete(shared.ts)
    return Number.POSITIVE_INFINITY
  }

  async function toldThere({ channel, ts }: Shared): Promise<IncidentRecord[]> {
    const newest = await parts.incidents.rows.list({ limit: 500 })
    return newest
      .filter(({ room }) => room.standIn?.ts === ts && room.standIn.channel === channel)
      .sort((a, b) => a.id - b.id)
  }

  return {
    async tell(waiting) {
      const places = new Map<string, Waiting[]>()
      for (const one of waiting) {
        const place = placeOf(parts, one.view.incident)
        places.set(place, [...(places.get(place) ?? []), one])
      }
      const told = await Promise.all([...places].map(([channel, ones]) => tellPlace(channel, ones)))
      return {
        rooms: new Map(told.flatMap(({ rooms }) => rooms)),
        next: Math.min(Number.POSITIVE_INFINITY, ...told.map(({ next }) => next)),
        keys: told.flatMap(({ keys }) => keys),
      }
    },
    changed({ standIn, channel }) {
      if (!standIn || (!standIn.many && channel === null)) return
      const { ts } = standIn
      if (!dirty.has(ts)) dirty.set(ts, known(open, standIn))
    },
    async redraw() {
      const waits = await Promise.all([...dirty.values()].map(redrawOne))
      return Math.min(Number.POSITIVE_INFINITY, ...waits)
    },
  }
}

const known = (open: Map<string, Shared>, { channel, ts }: { channel: string; ts: string }): Shared => {
  const shared = open.get(channel)
  return shared?.ts === ts ? shared : { channel, ts, drawing: '', notBefore: 0, lines: 0 }
}

function placed({ view, room }: Waiting, standIn: NonNullable<Room['standIn']>): [number, Room] {
  const { channel, ts } = standIn
  return [view.incident.id, { ...room, standIn, card: { channel, ts } }]
}

/** Where people expect it; a private one is told to whoever declared it, alone. */
function placeOf({ incidents, channelOf }: IncidentSpeaking, incident: IncidentRecord): string {
  const declarer = incident.declaredBy.kind === 'person' ? incident.declaredBy.id : null
  const expected = incidents.settings().channel ?? (incident.environment ? channelOf(incident.environment) : null)
  return (incident.private ? declarer : (expected ?? declarer)) ?? nameOf(incident.id)
}
