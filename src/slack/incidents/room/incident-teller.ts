import type { IncidentId, IncidentView, Room } from '../../../incidents/incident.js'
import { wantedRoom } from '../../../incidents/room.js'
import type { RunId, RunView } from '../../../runs/run.js'
import { idle, type Posting } from '../../outbox/speaking.js'
import { recoveriesOf } from '../recovery-lines.js'
import { giveReview, noReview, type ReviewMemory } from '../review/give-review.js'
import { isOwed } from '../review/giving.js'
import { type CardMemory, drawCard, noCard, withRoom } from './card.js'
import { archiveChannel, makeChannel, type Piece, unarchiveChannel } from './channel.js'
import { type Furnishing, furnish, noFurnishing } from './furnish.js'
import type { IncidentParts, IncidentSpeaking } from './speaking.js'
import { createStandIns } from './stand-ins.js'

/** What this process remembers of an incident since it leads; all of it may be lost. */
type Memory = {
  card: CardMemory
  furnishing: Furnishing
  review: ReviewMemory
  /** When something is to be done for it, in epoch milliseconds; null when nothing is. */
  dueAt: number | null
  channelAgain: number
  guide: RunId | null
  /** Runs that its card tells of. */
  recoveries: RunId[]
}

type Work = { view: IncidentView; room: Room; memory: Memory; next: number }

export type IncidentTeller = {
  /** Tells what is due; `runs` are those that changed of late. Answers milliseconds until something is due again. */
  tell(stop: AbortSignal, runs: Iterable<RunView>): Promise<number>
  /** Runs of guides, which are drawn in their incidents' channels and stand on no board. */
  guides(): Set<RunId>
}

/** Changes that come together are drawn together; a message is changed about once a second. */
const pace = { together: 200, message: 1_000 }
const noticesWait = 1_500

/** Makes incidents' channels and draws their cards, from rows: what is recorded as there is not done again. */
export function createIncidentTeller(posting: Posting, incidents: IncidentParts): IncidentTeller {
  const parts: IncidentSpeaking = { ...posting, incidents }
  const memories = new Map<IncidentId, Memory>()
  const standIns = createStandIns(parts)
  let looked = false

  const memoryOf = (id: IncidentId): Memory => {
    const memory = memories.get(id) ?? forgotten()
    memories.set(id, memory)
    return memory
  }

  /** What another process left half done is taken up by whoever leads next. */
  async function takeUp(now: number): Promise<void> {
    for (const { id, room, guide } of await incidents.rows.list({ state: 'open', limit: 500 })) {
      const memory = memoryOf(id)
      memory.guide = guide
      if (room.done.length < 7) memory.dueAt = now
      standIns.changed(room)
    }
    const over = incidents.reviews ? await incidents.rows.list({ state: 'resolved', limit: 500 }) : []
    for (const one of over)
      if (one.room.review !== undefined && isOwed(one, one.room.review)) memoryOf(one.id).dueAt = now
    looked = true
  }

  async function findDue(now: number, runs: Iterable<RunView>): Promise<void> {
    for (const { incident, staleSince } of await incidents.telling.stale(500)) {
      const memory = memoryOf(incident)
      const { sentAt, notBefore } = memory.card
      const drawAt = sentAt === 0 ? now : Math.max(staleSince.getTime() + pace.together, sentAt + pace.message)
      memory.dueAt = Math.min(memory.dueAt ?? Number.POSITIVE_INFINITY, Math.max(drawAt, notBefore))
    }
    for (const { run } of runs) {
      for (const memory of memories.values())
        if (memory.recoveries.includes(run.id)) memory.dueAt ??= Math.max(now, memory.card.sentAt + pace.message)
      const id = run.intent.input.incident
      if (run.intent.job !== 'guide' || typeof id !== 'number') continue
      const memory = memoryOf(id)
      memory.guide = run.id
      memory.dueAt ??= Math.max(now, memory.card.sentAt + pace.message)
    }
  }

  async function tell(stop: AbortSignal, runs: Iterable<RunView>): Promise<number> {
    const now = parts.clock.now().getTime()
    if (!looked) await takeUp(now)
    await findDue(now, runs)
    const due = [...memories].filter(([, { dueAt }]) => dueAt !== null && dueAt <= now).map(([id]) => id)
    const work = (await all(due, read)).flatMap((one) => one ?? [])
    if (stop.aborted) return idle
    const made = work.map((one) => ({ one, channel: withChannel(one, now) }))
    const homeless = made.filter(({ one, channel }) => channel === null && isHomeless(one)).map(({ one }) => one)
    // Who has nothing yet is told before those who have a channel are announced in the same place.
    if (homeless.length > 0) for (const { memory } of work) memory.furnishing.again.set('notice', now + noticesWait)
    const tasks = made.map(({ one, channel }) => async () => {
      await channel
      if (channel !== null && isHomeless(one)) await placeStandIns([one])
      await carriedOn(one)
    })
    await all([() => placeStandIns(homeless), ...tasks], (task) => task())
    const redrawn = await standIns.redraw()
    const ended = parts.clock.now().getTime()
    const next = [...memories.values()].flatMap(({ dueAt }) => dueAt ?? []).map((at) => Math.max(0, at - ended))
    return Math.min(idle, redrawn, ...next)
  }

  async function read(id: IncidentId): Promise<Work | null> {
    const view = await incidents.rows.view(id)
    const memory = memoryOf(id)
    memory.dueAt = null
    if (!view) return null
    memory.guide = view.incident.guide
    memory.recoveries = recoveriesOf(view)
    return { view, room: view.incident.room, memory, next: Number.POSITIVE_INFINITY }
  }

  /** The making of its channel, begun; null when there is none to be made now. What it costs is counted at once. */
  function withChannel(work: Work, now: number): Promise<void> | null {
    const { view, memory, room } = work
    if (view.incident.state !== 'open') return null
    if (room.archived) return openAgain(work)
    if (room.channel !== null) return null
    const free = Math.max(memory.channelAgain, parts.budget.freeAt('conversations.create', '', true, now))
    if (free <= now) return makeChannel(parts, view.incident).then((made) => apply(work, 'channel', made))
    work.next = free - now
    return null
  }

  async function openAgain(work: Work): Promise<void> {
    await apply(work, 'channel', await unarchiveChannel(parts, work.view.incident))
    if (work.room.channel !== null) return
    await apply(work, 'channel', await makeChannel(parts, withRoom(work.view, work.room).incident))
  }

  async function apply(work: Work, piece: 'channel', made: Piece): Promise<void> {
    const { room, memory } = work
    if (made.kind === 'later') {
      work.next = Math.min(work.next, made.ms)
      return
    }
    const others = room.troubles.filter((one) => one.piece !== piece)
    if (made.kind === 'trouble') {
      if (made.again !== null) memory.channelAgain = parts.clock.now().getTime() + made.again
      work.room = { ...room, troubles: [...others, { piece, text: made.text, next: made.next }] }
      work.next = Math.min(work.next, made.again ?? Number.POSITIVE_INFINITY)
      return
    }
    const done = made.room.channel ? [...new Set([...room.done, piece])] : room.done
    work.room = { ...room, done, troubles: others, ...made.room }
    await save(work)
  }

  const save = ({ view, room }: Work) => incidents.telling.furnished(view.incident.id, room)

  async function placeStandIns(waits: Work[]): Promise<void> {
    if (waits.length === 0) return
    const waiting = waits.map(({ view, room, memory }) => ({ view: withRoom(view, room), room, memory: memory.card }))
    const first = await standIns.tell(waiting)
    // One that has to wait for its turn in that channel waits here, not until all others are done.
    const soon = first.rooms.size === 0 && first.next <= noticesWait
    if (soon) await parts.clock.sleep(first.next)
    const { rooms, next, keys } = soon ? await standIns.tell(waiting) : first
    await all(waits, async (work) => {
      const { id, version } = work.view.incident
      const room = rooms.get(id)
      work.next = Math.min(work.next, next)
      if (room) {
        work.room = room
        await save(work)
        await incidents.telling.drawn(id, version)
      }
      ends(work)
    })
    for (const key of keys) await parts.sendings.recorded(key)
  }

  /** Its card, then all the rest at once. */
  async function carriedOn(work: Work): Promise<void> {
    const { view } = work
    const { id, state, version } = view.incident
    const { channel, card, standIn } = work.room
    if (channel === null && card === null) {
      // One that is over before it had anything has nothing to be drawn on; others are told by a stand-in.
      if (state !== 'open') await incidents.telling.drawn(id, version)
      return
    }
    if (channel === null && standIn?.many) {
      standIns.changed(work.room)
      await incidents.telling.drawn(id, version)
      return ends(work)
    }
    if (!(await cardStands(work))) return ends(work)
    if (work.room.channel !== null && (state === 'open' || state === 'resolved')) await furnished(work)
    const ending = state === 'archived' && channel !== null && !work.room.archived
    const given = state === 'resolved' || ending ? await reviewed(work) : false
    if (ending && given) await archived(work)
    await incidents.telling.drawn(id, version)
    ends(work)
  }

  /** False while it cannot be drawn. */
  async function cardStands(work: Work): Promise<boolean> {
    const { room, view, memory } = work
    const channel = room.channel ?? room.card?.channel ?? ''
    const here = room.card?.channel === channel ? room.card : null
    if (here && room.archived) return true
    const key = `incident ${view.incident.id} ${channel}`
    const drawn = await drawCard(parts, withRoom(view, room), { channel, ts: here?.ts ?? null }, key, memory.card)
    if (drawn.kind === 'later') {
      work.next = Math.min(work.next, drawn.ms)
      return false
    }
    if (drawn.kind === 'gone') {
      memory.card.drawing = ''
      work.room = { ...room, card: null, done: room.done.filter((piece) => piece !== 'card' && piece !== 'pin') }
      await save(work)
      work.next = 0
      return false
    }
    if (here) return true
    work.room = { ...room, card: drawn.card, done: [...new Set([...room.done, 'card' as const])] }
    await save(work)
    await parts.sendings.recorded(key)
    standIns.changed(work.room)
    return true
  }

  async function furnished(work: Work): Promise<void> {
    const { view, memory } = work
    const { settings, links } = incidents
    const wanted = wantedRoom(view, settings(), links(view.incident))
    const told = work.room.standIn && work.room.standIn.channel === wanted.notice?.channel
    const before = JSON.stringify(work.room.troubles)
    // Its line in the stand-in is the notice.
    const done = await furnish(parts, view, told ? { ...wanted, notice: null } : wanted, work.room, memory.furnishing)
    work.next = Math.min(work.next, done.next)
    if (!done.changed) return
    work.room = done.room
    await save(work)
    if (JSON.stringify(work.room.troubles) !== before) work.next = Math.min(work.next, pace.message)
  }

  /** False while it is on the way; what Slack refuses for good is not waited for. */
  async function reviewed(work: Work): Promise<boolean> {
    const { view, memory } = work
    const given = await giveReview(parts, view, work.room, memory.review, async (room) => {
      work.room = room
      await save(work)
    })
    work.room = given.room
    work.next = Math.min(work.next, given.next, given.changed ? pace.message : Number.POSITIVE_INFINITY)
    const refused = work.room.troubles.some(({ piece }) => piece === 'review')
    return given.next === Number.POSITIVE_INFINITY || refused
  }

  async function archived(work: Work): Promise<void> {
    const piece = await archiveChannel(parts, withRoom(work.view, work.room).incident)
    if (piece.kind === 'later') work.next = Math.min(work.next, piece.ms)
    else if (piece.kind === 'stands') work.room = { ...work.room, ...piece.room }
    else work.room = { ...work.room, archived: true }
    await save(work)
  }

  function ends({ memory, next }: Work): void {
    if (next === Number.POSITIVE_INFINITY) return
    const at = parts.clock.now().getTime() + next
    memory.dueAt = Math.min(memory.dueAt ?? Number.POSITIVE_INFINITY, at)
  }

  return { tell, guides: () => new Set([...memories.values()].flatMap(({ guide }) => guide ?? [])) }
}

const isHomeless = ({ view, room }: Work): boolean =>
  view.incident.state === 'open' && room.channel === null && room.card === null

const forgotten = (): Memory => ({
  card: noCard(),
  furnishing: noFurnishing(),
  review: noReview(),
  dueAt: null,
  channelAgain: 0,
  guide: null,
  recoveries: [],
})

/** All at once; when one breaks the others still come to their end, so that no two ever work on the same. */
async function all<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const ended = await Promise.allSettled(items.map(work))
  return ended.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
}
