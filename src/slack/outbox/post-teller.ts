import type { PendingPost } from '../../runs/telling.js'
import type { Message } from '../blocks.js'
import type { NotTold } from '../web.js'
import { drawnPost } from './drawn-post.js'
import { meaningOf } from './refusals.js'
import { idle, type Speaking } from './speaking.js'

const mostTries = 8

/** Posts what is to be said once, oldest first and one run's in order: what cannot go yet holds back what follows it. */
export function createPostTeller(parts: Speaking): { tell(stop: AbortSignal): Promise<number> } {
  async function tell(stop: AbortSignal): Promise<number> {
    const held = new Set<number>()
    let next = idle
    for (const post of await parts.telling.pendingPosts(parts.clock.now(), 500)) {
      if (stop.aborted || parts.trouble.pausedFor(parts.clock.now().getTime()) > 0) return next
      if (held.has(post.run)) continue
      const wait = await tellOne(post)
      if (wait === null) continue
      held.add(post.run)
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
    const words = await drawnPost(post, await parts.desk.view(post.run), parts.groupIds, now)
    if (!words) {
      await parts.telling.postFailed(post.id, 'nobody has to be told any more', null)
      return null
    }
    return send(post, place, words)
  }

  async function send(post: PendingPost, place: Place, words: Message): Promise<number | null> {
    const sent = parts.clock.now().getTime()
    const answer = await parts.web.call('chat.postMessage', {
      ...place,
      ...words,
      unfurl_links: false,
      unfurl_media: false,
    })
    const now = parts.clock.now().getTime()
    if (!answer.ok && answer.why === 'limited') {
      parts.budget.limited('chat.postMessage', place.channel, now + answer.retryAfterMs, now)
      return answer.retryAfterMs
    }
    parts.budget.spent('chat.postMessage', place.channel, true, { sent, answered: now })
    if (!answer.ok) return notSent(post, place, answer)
    parts.trouble.over(place.channel)
    await parts.telling.postSent(post.id, {
      channel: String(answer.data.channel ?? place.channel),
      ts: String(answer.data.ts ?? ''),
    })
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

type Place = { channel: string; thread_ts?: string }
