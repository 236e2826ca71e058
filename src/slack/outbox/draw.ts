import type { RunId, RunView } from '../../runs/run.js'
import type { StaleCard } from '../../runs/telling.js'
import type { Part } from '../boards/allot.js'

/** One message to be drawn; who goes first is decided over all of them. Times in epoch milliseconds. */
export type Draw = {
  rank: Rank
  /** Within a rank, the smallest first. */
  order: number
  method: 'chat.update' | 'chat.postMessage'
  channel: string
  /** May use what is kept back from progress. */
  matters: boolean
  /** Draws and sends it; answers the milliseconds until something is due again. */
  tell(): Promise<number>
}

/** In the order in which messages get Slack's limited calls. */
export const ranks = {
  /** What people act on, and what has waited for too long. */
  people: 0,
  /** A board that would become too old. */
  board: 1,
  /** The own card of a run that a board shows: what people can press, how it ended. */
  told: 2,
  /** Mere progress. */
  progress: 3,
  /** A board that is fresh enough, when nobody else needs the call. */
  early: 4,
} as const
export type Rank = (typeof ranks)[keyof typeof ranks]

/** The rows as they are at the beginning of a round. */
export type Scene = {
  now: number
  stale: StaleCard[]
  parts: Part[]
  /** Runs that a board shows. */
  onBoard: Set<RunId>
  views: Map<RunId, RunView>
}

export const inOrder = (draws: Draw[]): Draw[] => draws.sort((a, b) => a.rank - b.rank || a.order - b.order)
