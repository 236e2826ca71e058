import { silentLog } from '../../src/log.js'
import type { Message } from '../../src/slack/blocks.js'
import { createOutbox, type Outbox } from '../../src/slack/outbox.js'
import type { Answer, SlackWeb } from '../../src/slack/web.js'
import { type FakeClock, fakeClock, fakeRows } from '../support/outbox-rows.js'

export { fakeClock, fakeRows }

/** What Slack does with the next call; `lost` does it and never answers, `deaf` does not even do it. */
export type Fate = 'ok' | 'limited' | 'lost' | 'deaf' | 'busy' | { refuses: string }

export type Call = {
  at: number
  method: string
  channel: string
  ts?: string
  thread?: string
  message: Message
  fate: Fate
}

/** Slack's edge: messages by ts, a fate for each call that speaks, and a record of all that came. */
export function fakeSlack(clock: FakeClock) {
  const calls: Call[] = []
  const messages = new Map<string, Message[]>()
  const fates: Fate[] = []
  let count = 0
  const marks = new Map<string, unknown>()
  const looks = { allowed: true, made: 0 }
  function looked(thread: string | undefined): Answer {
    looks.made++
    if (!looks.allowed) return { ok: false, why: 'refused', error: 'missing_scope', text: 'missing_scope' }
    const found = [...marks].map(([ts, metadata]) => ({ ts, metadata, thread: threads.get(ts) }))
    return { ok: true, data: { messages: found.filter((one) => one.thread === thread) } }
  }
  const threads = new Map<string, string>()
  const web: SlackWeb = {
    async call(method, args): Promise<Answer> {
      if (method.startsWith('conversations.')) return looked((args as { ts?: string }).ts)
      const fate = fates.shift() ?? 'ok'
      const {
        channel,
        ts,
        thread_ts: thread,
        text,
        blocks,
      } = args as { channel: string; ts?: string; thread_ts?: string } & Message
      const message = { text, blocks }
      calls.push({
        at: clock.now().getTime(),
        method,
        channel,
        message,
        fate,
        ...(ts ? { ts } : {}),
        ...(thread ? { thread } : {}),
      })
      if (fate === 'limited') return { ok: false, why: 'limited', retryAfterMs: 3_000 }
      if (fate === 'deaf' || fate === 'busy')
        return { ok: false, why: 'unreachable', text: fate === 'busy' ? 'HTTP 503' : 'fetch failed' }
      if (typeof fate === 'object') return { ok: false, why: 'refused', error: fate.refuses, text: fate.refuses }
      if (ts && !messages.has(ts))
        return { ok: false, why: 'refused', error: 'message_not_found', text: 'message_not_found' }
      const at = ts ?? `1700000000.${String(++count).padStart(6, '0')}`
      if (!ts) marks.set(at, args.metadata)
      if (!ts && thread) threads.set(at, thread)
      messages.set(at, [...(messages.get(at) ?? []), message])
      if (fate === 'lost') return { ok: false, why: 'unreachable', text: 'socket hang up' }
      return { ok: true, data: { ok: true, channel, ts: at } }
    },
  }
  return { web, calls, messages, fates, looks }
}

export type OutboxWorld = ReturnType<typeof outboxWorld>

export function outboxWorld() {
  const clock = fakeClock()
  const slack = fakeSlack(clock)
  const rows = fakeRows(clock)
  const create = (): Outbox =>
    createOutbox({
      telling: rows.telling,
      boards: rows.boards,
      desk: { view: async (run) => rows.runs.get(run)?.view ?? null, list: async () => [] },
      signals: rows.signals,
      leadership: { lead: async () => null },
      web: slack.web,
      channelOf: (environment) => (environment === 'prod' ? 'C0PROD' : null),
      groupIds: async (handle) => (handle === 'release-managers' ? 'S0RELEASE' : null),
      clock,
      log: silentLog,
    })
  let outbox = create()
  const never = new AbortController().signal
  return {
    clock,
    slack,
    rows,
    outbox: () => outbox,
    restart: () => {
      outbox = create()
    },
    /** Time passes in small steps, and the outbox looks at its rows at each. */
    async pass(ms: number, step = 100) {
      for (let gone = 0; gone < ms; gone += step) {
        await outbox.round(never)
        clock.forward(step)
      }
      await outbox.round(never)
    },
  }
}
