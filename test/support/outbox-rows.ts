import type { Clock } from '../../src/clock.js'
import type { Boards, LearntLimit, ShownRun } from '../../src/runs/boards.js'
import type { RunChanged, Signals } from '../../src/runs/ports.js'
import { hasEnded, type RunId, type RunView } from '../../src/runs/run.js'
import type { PendingPost, Sending, StaleCard, Telling } from '../../src/runs/telling.js'

export type FakeClock = Clock & { forward(ms: number): void }

export function fakeClock(start = Date.UTC(2026, 10, 23, 14)): FakeClock {
  let now = start
  const forward = (ms: number) => {
    now += ms
  }
  return { now: () => new Date(now), sleep: async () => {}, forward }
}

export type RunRow = {
  view: RunView
  version: number
  drawn: number
  since: Date
  at: { channel: string; ts: string } | null
}
type RunRows = Map<RunId, RunRow>

/** The rows that the outbox reads, in memory, by the rules of `Telling` and `Boards`. */
export function fakeRows(clock: Clock) {
  const runs: RunRows = new Map()
  const posts: (PendingPost & { sent?: { channel: string; ts: string }; gaveUp?: string; dueAt: number })[] = []
  const listeners = new Set<() => void>()
  const sendings = new Map<string, Sending>()
  const telling: Telling = {
    async staleCards(limit) {
      const stale = [...runs].filter(([, row]) => row.version > row.drawn).slice(0, limit)
      return stale.map(
        ([run, row]): StaleCard => ({
          run,
          environment: row.view.run.intent.environment,
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
        .map((post) => ({ ...post, card: runs.get(post.run ?? 0)?.at ?? null }))
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
    sending: async (sending) => void sendings.set(sending.key, sending),
    settled: async (key) => void sendings.delete(key),
    sendings: async () => [...sendings.values()],
    cardAt: async (_channel, ts) => [...runs].find(([, row]) => row.at?.ts === ts)?.[0] ?? null,
  }
  return {
    telling,
    ...fakeBoards(runs),
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
      const about = { id: posts.length + 1, run, environment: 'prod', key, to, text }
      posts.push({ ...about, notice: null, card: null, tries: 0, dueAt: 0 })
    },
  }
}

type BoardRow = { id: number; channel: string; ts: string; ended: boolean }

function fakeBoards(runs: RunRows) {
  const boards: BoardRow[] = []
  const places = new Map<RunId, { board: number; drawn: number }>()
  const limits = new Map<string, LearntLimit>()
  const shown = (run: RunId, row: RunRow): ShownRun => ({
    run,
    environment: row.view.run.intent.environment,
    version: row.version,
    live: !hasEnded(row.view.run.state),
    told: row.drawn === row.version,
    board: places.get(run)?.board ?? null,
    drawn: places.get(run)?.drawn ?? null,
  })
  const forget = (board: number, kept: RunId[]) => {
    for (const [run, place] of places) if (place.board === board && !kept.includes(run)) places.delete(run)
  }
  const port: Boards = {
    look: async () => ({
      boards: boards.filter(({ ended }) => !ended).map(({ id, channel, ts }) => ({ id, channel, ts })),
      runs: [...runs]
        .filter(([run, { view }]) => !hasEnded(view.run.state) || places.has(run))
        .map(([run, row]) => shown(run, row)),
    }),
    views: async (wanted) => wanted.flatMap((run) => runs.get(run)?.view ?? []),
    async opened(at) {
      const board = { id: boards.length + 1, ...at, ended: false }
      boards.push(board)
      return { id: board.id, ...at }
    },
    async drawn(board, drawn) {
      forget(
        board,
        drawn.map(({ run }) => run),
      )
      for (const { run, version } of drawn)
        places.set(run, { board, drawn: Math.max(version, places.get(run)?.drawn ?? 0) })
    },
    async ended(id) {
      forget(id, [])
      for (const board of boards) if (board.id === id) board.ended = true
    },
    limits: {
      all: async () => [...limits.values()],
      learnt: async (limit) => void limits.set(`${limit.method} ${limit.channel}`, limit),
    },
  }
  return { boards: port, boardRows: boards }
}
