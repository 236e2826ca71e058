import { createLimits } from '../../../playground/workspace/limits.js'
import type { Answer, SlackWeb } from '../../../src/slack/web.js'
import type { VirtualTime } from './virtual-time.js'

/** How a workspace counts changes of messages; Slack does not say which it is. */
export type Counting = 'sliding window' | 'token bucket'

export type Landed = { at: number; channel: string; ts: string; text: string }

/** A workspace that enforces 50 changes a minute and a post a second and channel, with a network before it. */
export function enforcingWorkspace(time: VirtualTime, counting: Counting, updatesAMinute = 50) {
  const takes = counting === 'token bucket' ? tokenBucket(updatesAMinute) : null
  const limits = createLimits()
  const landed: Landed[] = []
  const refusals: { at: number; method: string }[] = []
  let [posted, calls] = [0, 0]

  function take(method: string, channel: string): number {
    const now = time.at()
    if (takes && method === 'chat.update') return takes(now)
    const taken = limits.take(method, 'T1', channel, now)
    return taken.ok ? 0 : taken.retryAfterS * 1000
  }

  const web: SlackWeb = {
    async call(method, args): Promise<Answer> {
      await time.sleep(latency(calls++))
      const channel = String(args.channel ?? '')
      const wait = take(method, channel)
      if (wait > 0) refusals.push({ at: time.at(), method })
      const ts = typeof args.ts === 'string' ? args.ts : `1700000000.${String(++posted).padStart(6, '0')}`
      if (wait === 0) landed.push({ at: time.at(), channel, ts, text: textOf(args.blocks) })
      await time.sleep(latency(calls++))
      if (wait > 0) return { ok: false, why: 'limited', retryAfterMs: wait }
      return { ok: true, data: { ok: true, channel, ts } }
    },
  }
  return { web, landed, refusals }
}

/** One way, ms: mostly 60 to 90, now and then much more. */
const latency = (call: number): number => (call % 97 === 0 ? 700 : 60 + ((call * 7919) % 30))

function tokenBucket(perMinute: number, capacity = 12) {
  let [tokens, last] = [capacity, 0]
  return (now: number): number => {
    tokens = Math.min(capacity, tokens + ((now - last) * perMinute) / 60_000)
    last = now
    if (tokens < 1) return Math.ceil(((1 - tokens) * 60) / perMinute) * 1_000
    tokens -= 1
    return 0
  }
}

function textOf(blocks: unknown): string {
  const texts: string[] = []
  JSON.stringify(blocks, (key, value) => {
    if (key === 'text' && typeof value === 'string') texts.push(value)
    return value
  })
  return texts.join('\n')
}
