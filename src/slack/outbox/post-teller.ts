import type { PendingPost } from '../../runs/telling.js'
import type { Message } from '../blocks.js'
import type { NotTold } from '../web.js'
import { drawnPost } from './drawn-post.js'
import { meaningOf } from './refusals.js'
import type { Place } from './sendings.js'
import { idle, type Posting } from './speaking.js'

const mostTries = 8

/** Posts what is to be said once, oldest first and one run's in order: what cannot go yet holds back what follows it. */
export function createPostTeller(parts: Posting): { tell(stop: AbortSignal): Promise<number> } {
  async function tell(stop: AbortSignal): Promise<number> {
    const held = new Set<number>()
    let next = idle
    for (const post of await parts.telling.pendingPosts(parts.clock.now(), 500)) {
      if (stop.aborted || parts.trouble.pausedFor(parts.clock.now().getTime()) > 0) return next
      if (post.run !== null && held.has(post.run)) continue
      const wait = await tellOne(post)
      if (wait === null) continue
      if (post.run !== null) held.add(post.run)
      next = Math.min(next, wait)
    }
    return next
  }

  /** Null when it is done with; else how long until the next try. */
  async function tellOne(post: PendingPost): Promise<number | null> {
    const place = placeOf(post)
    if (!place) return idle
    const now = parts.clock.now()
    const free = parts.budget.freeAt('chat.postMessage', place.channel, true, now.getTime())
    if (free > now.getTime()) return free - now.getTime()
    const words = await drawnPost(post, post.run === null ? null : await parts.desk.view(post.run), parts.groupIds, now)
    if (!words) {
      await parts.telling.postFailed(post.id, 'nobody has to be told any more', null)
      await parts.sendings.recorded(keyOf(post))
      return null
    }
    const turn = await parts.sendings.turn(keyOf(post), place)
    if (turn.kind === 'wait') return turn.ms
    if (turn.kind === 'there') return sent(post, { channel: place.channel, ts: turn.ts })
    return send(post, place, { ...words, metadata: turn.metadata })
  }

  async function send(post: PendingPost, place: Place, words: Marked): Promise<number | null> {
    const before = parts.clock.now().getTime()
    const answer = await parts.web.call('chat.postMessage', {
      ...place,
      ...words,
      unfurl_links: false,
      unfurl_media: false,
    })
    const now = parts.clock.now().getTime()
    parts.sendings.answered(keyOf(post), answer)
    if (!answer.ok && answer.why === 'limited') {
      parts.budget.limited('chat.postMessage', place.channel, now + answer.retryAfterMs, now)
      return answer.retryAfterMs
    }
    parts.budget.spent('chat.postMessage', place.channel, true, { sent: before, answered: now })
    if (!answer.ok) return notSent(post, place, answer)
    parts.trouble.over(place.channel)
    return sent(post, { channel: String(answer.data.channel ?? place.channel), ts: String(answer.data.ts ?? '') })
  }

  async function sent(post: PendingPost, at: { channel: string; ts: string }): Promise<null> {
    await parts.telling.postSent(post.id, at)
    await parts.sendings.recorded(keyOf(post))
    return null
  }

  async function notSent(
    post: PendingPost,
    place: Place,
    answer: Exclude<NotTold, { why: 'limited' }>,
  ): Promise<number | null> {
    const now = parts.clock.now().getTime()
    parts.trouble.met(answer, place.channel, now)
    if (answer.why === 'unreachable') return 1_000
    const hopeless = meaningOf(answer.error) === 'drawing' || post.tries + 1 >= mostTries
    const retryAt = hopeless ? null : new Date(now + 5_000 * 2 ** post.tries)
    if (hopeless) parts.log.error({ run: post.run, key: post.key, slack: answer }, 'a post is given up')
    await parts.telling.postFailed(post.id, answer.text, retryAt)
    if (hopeless) await parts.sendings.recorded(keyOf(post))
    return hopeless ? null : idle
  }

  /** Null while its card is not there yet. */
  function placeOf(post: PendingPost): Place | null {
    if (post.to.kind === 'person') return { channel: post.to.person }
    if (post.to.kind === 'thread') return post.card && { channel: post.card.channel, thread_ts: post.card.ts }
    const channel = post.to.channel ?? parts.channelOf(post.environment)
    return channel ? { channel } : null
  }

  return { tell }
}

type Marked = Message & { metadata: object }
const keyOf = ({ id }: PendingPost): string => `post ${id}`
