import type { Board, ShownRun } from '../../runs/boards.js'
import type { RunId } from '../../runs/run.js'

export const linesOfBoard = 40
/** Up to this many live runs each has a card that is fresh enough; above, a channel gets boards. */
const handful = 5
/** A workspace has one limit: with many runs in all, fewer in a channel are enough for a board. */
const handfulOfMany = { runs: 15, inChannel: 2 }
/** A board ends when so few are left. */
const few = 2
/** Runs move to fewer boards only when they fit with room to spare, so that they do not move back. */
const spare = 5

/**
 * What one board message is to show; `board` is null for one that is to be opened. `ended`: the own card does not tell
 * the end yet. `told`: it does, so the line may go with the next drawing.
 */
export type Part = { board: Board | null; channel: string; live: ShownRun[]; ended: ShownRun[]; told: ShownRun[] }

/**
 * Which board shows which run: a run stays where it is, new ones go where there is room, and fewer runs end up on fewer
 * boards. Runs that ended stay on their board until their own card tells it. A part that has nothing to show is to end.
 */
export function allot(boards: Board[], runs: ShownRun[], channelOf: (run: ShownRun) => string | null): Part[] {
  const live = runs.filter((run) => run.live)
  const homes = new Map(live.map((run) => [run, boards.find(({ id }) => id === run.board)?.channel ?? channelOf(run)]))
  const channels = new Set([...boards.map(({ channel }) => channel), ...homes.values()])
  return [...channels].flatMap((channel) => {
    if (channel === null) return []
    const open = boards.filter((board) => board.channel === channel)
    const here = live.filter((run) => homes.get(run) === channel)
    return partsOf(channel, open, wantsBoard(here.length, live.length, open.length > 0) ? here : [], runs)
  })
}

function wantsBoard(inChannel: number, inAll: number, open: boolean): boolean {
  if (open) return inChannel > few
  return inChannel > (inAll > handfulOfMany.runs ? handfulOfMany.inChannel : handful)
}

function partsOf(channel: string, open: Board[], live: ShownRun[], all: ShownRun[]): Part[] {
  const parts: Part[] = open.map((board) => ({
    board,
    channel,
    live: live.filter((run) => run.board === board.id),
    ended: all.filter((run) => run.board === board.id && !run.live && !run.told),
    told: all.filter((run) => run.board === board.id && !run.live && run.told),
  }))
  const placed = new Set(parts.flatMap((part) => part.live.map(({ run }) => run)))
  for (const run of live) if (!placed.has(run.run)) place(parts, channel, run)
  return gathered(parts, live.length)
}

function place(parts: Part[], channel: string, run: ShownRun): void {
  const free = parts.find((part) => part.live.length < linesOfBoard)
  if (free) free.live.push(run)
  else parts.push({ board: null, channel, live: [run], ended: [], told: [] })
}

/** Empties the last boards into those before, when all fit. */
function gathered(parts: Part[], runs: number): Part[] {
  const used = parts.filter(({ live }) => live.length > 0)
  const needed = Math.max(1, Math.ceil((runs + spare) / linesOfBoard))
  if (used.length <= needed) return parts
  const [kept, emptied] = [used.slice(0, needed), used.slice(needed)]
  for (const part of emptied) {
    for (const run of part.live.splice(0)) kept.find(({ live }) => live.length < linesOfBoard)?.live.push(run)
  }
  return parts
}

/** Runs that a board shows as they are now or were a moment ago: their own cards need not follow each step. */
export function onBoards(parts: Part[]): Set<RunId> {
  return new Set(
    parts.flatMap(({ board, live, ended }) =>
      [...live, ...ended].filter((run) => board !== null && run.board !== null).map(({ run }) => run),
    ),
  )
}
