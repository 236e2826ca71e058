import type { Clock } from '../../src/clock.js'
import { silentLog } from '../../src/log.js'
import type { RunChanged, Signals } from '../../src/runs/ports.js'
import type { RunView } from '../../src/runs/run.js'
import type { PendingPost, StaleCard, Telling } from '../../src/runs/telling.js'
import type { Message } from '../../src/slack/blocks.js'
import { createOutbox, type Outbox } from '../../src/slack/outbox.js'
import type { Answer, SlackWeb } from '../../src/slack/web.js'

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

/** Slack's edge: messages by ts, a fate for each call, and a record of all that came. */
export function fakeSlack(clock: FakeClock) {
  const calls: Call[] = []
  const messages = new Map<string, Message[]>()
  const fates: Fate[] = []
  let count = 0
  const web: SlackWeb = {
    async call(method, args): Promise<Answer> {
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
      messages.set(at, [...(messages.get(at) ?? []), message])
      if (fate === 'lost') return { ok: false, why: 'unreachable', text: 'socket hang up' }
      return { ok: true, data: { ok: true, channel, ts: at } }
    },
  }
  return { web, calls, messages, fates }
}

export type FakeClock = Clock & { forward(ms: number): void }

export function fakeClock(start = Date.UTC(2026, 10, 23, 14)): FakeClock {
  let now = start
  const forward = (ms: number) => {
    now += ms
  }
  return { now: () => new Date(now), sleep: async () => {}, forward }
}

/** The rows that the outbox reads, by the rules of `Telling`. */
export function fakeRows(clock: FakeClock) {
  const runs = new Map<
    number,
    { view: RunView; version: number; drawn: number; since: Date; at: { channel: string; ts: string } | null }
  >()
  const posts: (PendingPost & { sent?: { channel: string; ts: string }; gaveUp?: string; dueAt: number })[] = []
  const listeners = new Set<() => void>()
  const telling: Telling = {
    async staleCards(limit) {
      const stale = [...runs].filter(([, row]) => row.version > row.drawn).slice(0, limit)
      return stale.map(
        ([run, row]): StaleCard => ({
          run,
          environment: 'prod',
          channel: row.at?.channel ?? null,
          ts: row.at?.ts ?? null,
          version: row.version,
          staleSince: row.since,
        }),
      )
    },
    async cardDrawn(run, version, at) {
      const row = runs.get(run)
      if (!row || version < row.drawn) return
      Object.assign(row, { drawn: version, at })
    },
    async pendingPosts(now, limit) {
      const open = posts.filter((post) => !post.sent && post.gaveUp === undefined)
      const blocked = new Set(open.filter(({ dueAt }) => dueAt > now.getTime()).map(({ run }) => run))
      return open
        .filter(({ run }) => !blocked.has(run))
        .slice(0, limit)
        .map((post) => ({ ...post, card: runs.get(post.run)?.at ?? null }))
    },
    async postSent(id, at) {
      for (const post of posts) if (post.id === id) post.sent = at
    },
    async postFailed(id, error, retryAt) {
      for (const post of posts.filter((one) => one.id === id)) {
        post.tries += 1
        if (retryAt) post.dueAt = retryAt.getTime()
        else post.gaveUp = error
      }
    },
    cardAt: async (_channel, ts) => [...runs].find(([, row]) => row.at?.ts === ts)?.[0] ?? null,
  }
  return {
    telling,
    signals: {
      onRun(listener: (changed: RunChanged) => void) {
        const told = () => listener({ run: 0, epoch: null })
        listeners.add(told)
        return () => void listeners.delete(told)
      },
    } satisfies Signals,
    runs,
    posts,
    change(view: RunView) {
      const row = runs.get(view.run.id)
      const fresh = !row || row.drawn === row.version
      runs.set(view.run.id, {
        view,
        version: (row?.version ?? 0) + 1,
        drawn: row?.drawn ?? 0,
        since: fresh ? clock.now() : row.since,
        at: row?.at ?? null,
      })
      for (const listener of listeners) listener()
    },
    say(run: number, key: string, text: string, to: PendingPost['to'] = { kind: 'thread' }) {
      posts.push({ id: posts.length + 1, run, environment: 'prod', key, to, text, card: null, tries: 0, dueAt: 0 })
    },
  }
}

export type OutboxWorld = ReturnType<typeof outboxWorld>

export function outboxWorld() {
  const clock = fakeClock()
  const slack = fakeSlack(clock)
  const rows = fakeRows(clock)
  const create = (): Outbox =>
    createOutbox({
      telling: rows.telling,
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
