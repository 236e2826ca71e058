import { passedOver } from '../../../incidents/passed-over.js'
import type { PendingIncidentPost } from '../../../incidents/ports.js'
import { reminderPrefix } from '../../../incidents/updates.js'
import { meaningOf } from '../../outbox/refusals.js'
import type { Place } from '../../outbox/sendings.js'
import { idle } from '../../outbox/speaking.js'
import { incidentPostMessage } from '../incident-post.js'
import { answerOf, quiet } from './pieces.js'
import { ask, type IncidentSpeaking } from './speaking.js'

const mostTries = 8

/** Says what is to be said once of incidents, oldest first and one incident's in order. */
export function createIncidentPostTeller(parts: IncidentSpeaking): { tell(stop: AbortSignal): Promise<number> } {
  const { telling, rows, alerts } = parts.incidents

  async function tell(stop: AbortSignal): Promise<number> {
    const lines = new Map<number, PendingIncidentPost[]>()
    for (const post of await telling.pending(parts.clock.now(), 500))
      lines.set(post.incident, [...(lines.get(post.incident) ?? []), post])
    const waits = await Promise.allSettled([...lines.values()].map((posts) => inOrder(posts, stop)))
    return waits.reduce((next, one) => {
      if (one.status === 'rejected') throw one.reason
      return Math.min(next, one.value)
    }, idle)
  }

  /** What cannot go yet holds back what follows it in its incident. */
  async function inOrder(posts: PendingIncidentPost[], stop: AbortSignal): Promise<number> {
    const passed = passedOver(posts)
    for (const post of posts) {
      if (stop.aborted || parts.trouble.pausedFor(parts.clock.now().getTime()) > 0) return idle
      const wait = await tellOne(post, passed.has(post.id))
      if (wait !== null) return wait
    }
    return idle
  }

  /** Null when it is done with; else how long until the next try. `isPassed`: a newer one says what it says. */
  async function tellOne(post: PendingIncidentPost, isPassed: boolean): Promise<number | null> {
    const view = await rows.view(post.incident)
    const place = view && placeOf({ ...post, room: view.incident.room })
    if (!view || !place) return idle
    const now = parts.clock.now().getTime()
    const free = parts.budget.freeAt('chat.postMessage', place.channel, true, now)
    if (free > now) return free - now
    const elsewhere = place.channel !== view.incident.room.channel
    const scene = { view, alert: alerts.alert, elsewhere, now: parts.clock.now() }
    const words = isPassed ? null : await incidentPostMessage(post, { ...scene, missed: await missedBefore(post) })
    const key = keyOf(post)
    // What nobody has to be told any more may be there all the same: then it was sent.
    if (words === null && !(await parts.sendings.mayBeThere(key))) return unsaid(post, isPassed)
    const turn = await parts.sendings.turn(key, place)
    if (turn.kind === 'wait') return turn.ms
    if (turn.kind === 'there') return sent(post, { channel: place.channel, ts: turn.ts })
    if (words === null) return unsaid(post, isPassed)
    const told = await ask(
      parts,
      'chat.postMessage',
      { ...place, ...words, metadata: turn.metadata, ...quiet },
      place.channel,
    )
    parts.sendings.answered(key, answerOf(told))
    if (told.kind === 'later') return told.ms
    if (told.kind === 'ok')
      return sent(post, { channel: String(told.data.channel ?? place.channel), ts: String(told.data.ts ?? '') })
    return notSent(post, place, told.error, told.text)
  }

  async function sent(post: PendingIncidentPost, at: { channel: string; ts: string }): Promise<null> {
    await telling.sent(post.id, at)
    await parts.sendings.recorded(keyOf(post))
    return null
  }

  async function notSent(post: PendingIncidentPost, place: Place, error: string, text: string): Promise<number | null> {
    const now = parts.clock.now().getTime()
    parts.trouble.met({ ok: false, why: 'refused', error, text }, place.channel, now)
    const hopeless = meaningOf(error) === 'drawing' || post.tries + 1 >= mostTries
    if (hopeless) {
      parts.log.error({ incident: post.incident, key: post.key, slack: text }, 'a post of an incident is given up')
      return over(post, text)
    }
    await telling.failed(post.id, text, new Date(now + 5_000 * 2 ** post.tries))
    return idle
  }

  async function over(post: PendingIncidentPost, why: string): Promise<null> {
    await telling.failed(post.id, why, null)
    await parts.sendings.recorded(keyOf(post))
    return null
  }

  async function unsaid(post: PendingIncidentPost, isPassed: boolean): Promise<null> {
    if (!isPassed) return over(post, 'nobody has to be told any more')
    await telling.passedOver(post.id)
    await parts.sendings.recorded(keyOf(post))
    return null
  }

  const missedBefore = async ({ id, key }: PendingIncidentPost): Promise<number> =>
    key.startsWith(reminderPrefix) ? telling.missed(id, reminderPrefix) : 0

  return { tell }
}

const keyOf = ({ id }: PendingIncidentPost): string => `incident post ${id}`

/** Null while its card is not there yet. Without a channel of its own, all is said in the thread of what stands in for it. */
function placeOf({ to, room }: PendingIncidentPost): Place | null {
  if (to.kind === 'person') return { channel: to.person }
  if (to.kind === 'channel') return { channel: to.channel }
  if (to.kind === 'room' && room.channel) return { channel: room.channel }
  return room.card && { channel: room.card.channel, thread_ts: room.card.ts }
}
