import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Sending } from '../../runs/telling.js'
import type { Answer } from '../web.js'
import type { Speaking } from './speaking.js'

export type Place = { channel: string; thread_ts?: string }

/** What becomes of a message that is to be posted: it is there already, it has to wait, or it may go, marked so. */
export type Turn =
  | { kind: 'there'; ts: string }
  | { kind: 'wait'; ms: number }
  | { kind: 'go'; metadata: { event_type: string; event_payload: { nonce: string } } }

/**
 * Slack has no idempotency keys for messages. So each carries a mark, written down before it is posted; where it cannot
 * be told whether Slack took it (no answer, a death in between), the channel is looked at before it is posted again.
 * That takes the scopes channels:history or groups:history; without them it is posted again, and may be there twice.
 */
export type Sendings = {
  turn(key: string, place: Place): Promise<Turn>
  /** Whether it was begun and its end was not recorded: it may be there. */
  mayBeThere(key: string): Promise<boolean>
  /** What Slack answered to the post. */
  answered(key: string, answer: Answer): void
  /** Where the message is was recorded. */
  recorded(key: string): Promise<void>
}

const eventType = 'shipmate_message'
/** So long after the last sign of it a message that Slack has taken is to be seen. */
const settledAfter = 3_000
/** Our clock may be ahead of Slack's. */
const clocksDiffer = 600_000

type Open = Sending & { doubtful: boolean; lookAt: number }

export function createSendings({ telling, web, budget, trouble, clock, log }: Speaking): Sendings {
  let opening: Promise<Map<string, Open>> | null = null
  /** Channels that may not be looked at. */
  const blind = new Set<string>()

  /** What whoever spoke before left open may be there. */
  async function found(): Promise<Map<string, Open>> {
    const left = await telling.sendings()
    return new Map(
      left.map((one) => [one.key, { ...one, doubtful: true, lookAt: one.since.getTime() + settledAfter }] as const),
    )
  }

  function opened(): Promise<Map<string, Open>> {
    opening ??= found().catch((thrown) => {
      opening = null
      throw thrown
    })
    return opening
  }

  async function turn(key: string, place: Place): Promise<Turn> {
    const open = await opened()
    const known = open.get(key)
    if (known?.doubtful && !blind.has(known.channel)) {
      const seen = await looked(known)
      if (seen) return seen
    }
    const since = clock.now()
    const { channel, thread_ts: thread = null } = place
    const sending: Sending = { key, nonce: known?.nonce ?? randomUUID(), channel, thread, since: known?.since ?? since }
    if (known?.channel !== channel || known.thread !== thread) await telling.sending(sending)
    open.set(key, { ...sending, doubtful: true, lookAt: since.getTime() + settledAfter })
    return { kind: 'go', metadata: { event_type: eventType, event_payload: { nonce: sending.nonce } } }
  }

  /** Null when it is not there, or when that cannot be told. */
  async function looked(open: Open): Promise<Turn | null> {
    const now = clock.now().getTime()
    if (open.lookAt > now) return { kind: 'wait', ms: open.lookAt - now }
    const answer = await messagesSince(open)
    if (answer.kind === 'seen') {
      if (answer.ts === null) return null
      log.info({ key: open.key }, 'a message that Slack had not answered is there')
      return { kind: 'there', ts: answer.ts }
    }
    return answer.kind === 'blind' ? null : answer
  }

  async function messagesSince({ nonce, channel, thread, since }: Open) {
    const method = thread ? 'conversations.replies' : 'conversations.history'
    const now = clock.now().getTime()
    const free = budget.freeAt(method, channel, true, now)
    if (free > now) return { kind: 'wait' as const, ms: free - now }
    const oldest = String((since.getTime() - clocksDiffer) / 1000)
    const where = { channel, ...(thread && { ts: thread }), oldest, limit: 200, include_all_metadata: true }
    for (let cursor: string | null = ''; cursor !== null; ) {
      const answer: Answer = await web.call(method, { ...where, ...(cursor && { cursor }) })
      if (!answer.ok) return unseen(method, channel, answer)
      budget.spent(method, channel, true, { sent: now, answered: clock.now().getTime() })
      const page = pageShape.parse(answer.data)
      const found = page.messages.find(({ metadata }) => metadata?.event_payload.nonce === nonce)
      if (found) return { kind: 'seen' as const, ts: found.ts }
      cursor = page.response_metadata.next_cursor || null
    }
    return { kind: 'seen' as const, ts: null }
  }

  function unseen(method: string, channel: string, answer: Exclude<Answer, { ok: true }>) {
    const now = clock.now().getTime()
    if (answer.why === 'limited') {
      budget.limited(method, channel, now + answer.retryAfterMs, now)
      return { kind: 'wait' as const, ms: answer.retryAfterMs }
    }
    if (answer.why === 'unreachable') {
      trouble.met(answer, channel, now)
      return { kind: 'wait' as const, ms: 1_000 }
    }
    if (answer.error === 'missing_scope') blind.add(channel)
    return { kind: 'blind' as const }
  }

  return {
    turn,
    mayBeThere: async (key) => (await opened()).get(key)?.doubtful === true,
    answered(key, answer) {
      void opening?.then((open) => {
        const sending = open.get(key)
        if (!sending) return
        // Slack said no, so nothing is there; no answer says nothing.
        sending.doubtful = answer.ok || answer.why === 'unreachable'
        sending.lookAt = clock.now().getTime() + settledAfter
      })
    },
    async recorded(key) {
      await telling.settled(key)
      ;(await opened()).delete(key)
    },
  }
}

const pageShape = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      metadata: z
        .object({ event_payload: z.object({ nonce: z.string().optional() }) })
        .optional()
        .catch(undefined),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().default('') }).default({ next_cursor: '' }),
})
