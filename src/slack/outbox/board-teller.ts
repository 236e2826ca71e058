import type { Board, ShownRun } from '../../runs/boards.js'
import type { RunView } from '../../runs/run.js'
import type { Part } from '../boards/allot.js'
import { boardMessage, countsOf, endedBoard } from '../boards/board-message.js'
import type { Answer, NotTold } from '../web.js'
import { type Draw, ranks, type Scene } from './draw.js'
import { freshWithin, pace } from './pace.js'
import { meaningOf } from './refusals.js'
import { idle, type Posting } from './speaking.js'

/** What this process remembers of a board since it leads; without it the board is drawn once more. */
type Memory = {
  /** The version of each run that is shown. */
  shown: Map<number, number>
  at: number
  dirtySince: number | null
  notBefore: number
}

type Sent = { method: string; sent: number }

/**
 * Draws boards, each as one change of one message, newest state at the moment of sending. A crash between the first
 * post of a board and its record is looked into (see `Sendings`); where that is not allowed it leaves a message that
 * nobody draws again; it says as of when it is true.
 */
export function createBoardTeller(parts: Posting): { draws(scene: Scene): { draws: Draw[]; next: number } } {
  const memories = new Map<number, Memory>()
  const refusedUntil = new Map<string, number>()

  function draws(scene: Scene): { draws: Draw[]; next: number } {
    const due: Draw[] = []
    let next = idle
    const dirty = scene.parts.filter((part) => isDirty(part, scene.now))
    const turn = 60_000 / parts.budget.share('chat.update', '')
    const runs = dirty.reduce((sum, { live }) => sum + live.length, 0)
    const within = freshWithin(runs, turn * dirty.length)
    for (const part of dirty) {
      const memory = part.board && memories.get(part.board.id)
      const since = memory?.dirtySince ?? scene.now
      const at = Math.max(
        refusedUntil.get(part.channel) ?? 0,
        memory ? Math.max(memory.notBefore, memory.at + pace.message, since + pace.together) : 0,
      )
      if (at > scene.now) next = Math.min(next, at - scene.now)
      else {
        const soon = !memory || scene.now + turn >= since + within
        due.push({
          rank: rankOf(part, memory ?? null, soon),
          order: part.board ? since + within : 0,
          method: part.board ? 'chat.update' : 'chat.postMessage',
          channel: part.channel,
          matters: false,
          tell: () => tellOne(part, scene),
        })
        if (!soon) next = Math.min(next, since + within - turn - scene.now)
      }
    }
    return { draws: due, next }
  }

  /** Notes since when it is so. What is new, changed or moved away is to be drawn; ends that cards tell may stay a while. */
  function isDirty(part: Part, now: number): boolean {
    if (!part.board) return true
    const memory = memories.get(part.board.id) ?? forgotten()
    memories.set(part.board.id, memory)
    const here = shownRuns(part)
    const known = new Set([...here, ...part.told].map(({ run }) => run))
    const dirty =
      memory.at === 0 ||
      here.length === 0 ||
      [...here, ...part.told].some(({ run, version }) => memory.shown.get(run) !== version) ||
      [...memory.shown.keys()].some((run) => !known.has(run))
    memory.dirtySince = dirty ? (memory.dirtySince ?? now) : null
    return dirty
  }

  async function tellOne(part: Part, scene: Scene): Promise<number> {
    const { board, channel } = part
    const method = board ? 'chat.update' : 'chat.postMessage'
    const now = parts.clock.now()
    const over = board !== null && shownRuns(part).length === 0
    const drawing = over ? endedBoard(now) : boardMessage(boardScene(part, scene), now)
    const turn = board ? null : await parts.sendings.turn(keyOf(channel), { channel })
    if (turn?.kind === 'wait') return turn.ms
    if (turn?.kind === 'there') return adopted({ channel, ts: turn.ts }, now)
    const place = board ? { channel, ts: board.ts } : { channel, metadata: turn?.metadata }
    const answer = await parts.web.call(method, { ...place, ...drawing, unfurl_links: false, unfurl_media: false })
    if (!board) parts.sendings.answered(keyOf(channel), answer)
    return settle(part, over, { method, sent: now.getTime() }, answer)
  }

  /** It was posted and nobody knew: it is drawn like any other from now on. */
  async function adopted(at: { channel: string; ts: string }, now: Date): Promise<number> {
    await parts.boards.opened(at, now)
    await parts.sendings.recorded(keyOf(at.channel))
    return 0
  }

  async function settle(part: Part, over: boolean, { method, sent }: Sent, answer: Answer): Promise<number> {
    const { board, channel } = part
    const now = parts.clock.now()
    if (!answer.ok && answer.why === 'limited') {
      parts.budget.limited(method, channel, now.getTime() + answer.retryAfterMs, now.getTime())
      return answer.retryAfterMs
    }
    parts.budget.spent(method, channel, false, { sent, answered: now.getTime() })
    if (!answer.ok) return refusedBoard(board, channel, answer, now)
    parts.trouble.over(channel)
    if (over && board) return ended(board, now)
    const at = board ?? (await parts.boards.opened({ channel, ts: String(answer.data.ts ?? '') }, now))
    const runs = shownRuns(part)
    memories.set(at.id, {
      shown: new Map(runs.map(({ run, version }) => [run, version])),
      at: now.getTime(),
      dirtySince: null,
      notBefore: 0,
    })
    await parts.boards.drawn(at.id, runs, now)
    if (!board) await parts.sendings.recorded(keyOf(channel))
    return idle
  }

  async function ended(board: Board, now: Date): Promise<number> {
    await parts.boards.ended(board.id, now)
    memories.delete(board.id)
    return idle
  }

  async function refusedBoard(
    board: Board | null,
    channel: string,
    answer: Exclude<NotTold, { why: 'limited' }>,
    now: Date,
  ): Promise<number> {
    parts.log.debug({ board, channel, answer }, 'a board was not drawn')
    const meaning = answer.why === 'refused' ? meaningOf(answer.error) : null
    // Its runs are on none then, and the next look opens another one.
    if (meaning === 'gone' && board) return ended(board, now)
    parts.trouble.met(answer, channel, now.getTime())
    const pause = answer.why === 'unreachable' ? 1_000 : 60_000
    const memory = board && memories.get(board.id)
    if (memory) memory.notBefore = now.getTime() + pause
    else refusedUntil.set(channel, now.getTime() + pause)
    return pause
  }

  return { draws }
}

const keyOf = (channel: string): string => `board ${channel}`

const forgotten = (): Memory => ({ shown: new Map(), at: 0, dirtySince: null, notBefore: 0 })

const shownRuns = ({ live, ended }: Part): ShownRun[] => [...live, ...ended]

function rankOf(part: Part, memory: Memory | null, soon: boolean) {
  // A new board shows what has no card yet.
  if (!part.board) return ranks.people
  // What only has to leave a board disturbs nobody.
  if (!shownRuns(part).some(({ run, version }) => memory?.shown.get(run) !== version)) return ranks.told
  return soon ? ranks.board : ranks.early
}

function boardScene(part: Part, { parts, views }: Scene) {
  const viewsOf = (runs: ShownRun[]): RunView[] => runs.flatMap(({ run }) => views.get(run) ?? [])
  const inChannel = parts.filter(({ channel }) => channel === part.channel)
  const counts = inChannel[0] === part ? countsOf(viewsOf(inChannel.flatMap(({ live }) => live))) : null
  return { live: viewsOf(part.live), ended: viewsOf(part.ended), counts }
}
