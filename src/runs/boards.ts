import type { RunId, RunView } from './run.js'

/** A message that shows many runs; those on it are drawn from the same rows as their cards. */
export type Board = { id: number; channel: string; ts: string }

/** A run that a board may have to show: it lives, or an open board has it and its own card does not tell its end yet. */
export type ShownRun = {
  run: RunId
  environment: string
  /** Counts changes of the run, as for its card. */
  version: number
  live: boolean
  /** Its card shows this version. */
  told: boolean
  /** The open board it is on, and the version drawn there. */
  board: number | null
  drawn: number | null
}

/** What Slack allowed of late. `wall`: calls a minute at which it last refused. */
export type LearntLimit = { method: string; channel: string; perMinute: number; wall: number | null }

/** Boards, the runs on them, and what was learnt about Slack's limits: all that the next process that speaks needs. */
export type Boards = {
  /** Boards that have not ended, oldest first, and the runs for them, oldest first; one look at the rows. */
  look(): Promise<{ boards: Board[]; runs: ShownRun[] }>
  /** Many runs with all that is drawn of them, in one look. */
  views(runs: RunId[]): Promise<RunView[]>
  opened(at: { channel: string; ts: string }, now: Date): Promise<Board>
  /** What the board shows from now on: these runs in these versions, and no others. Never goes back to an older version. */
  drawn(board: number, runs: { run: RunId; version: number }[], now: Date): Promise<void>
  ended(board: number, now: Date): Promise<void>
  limits: {
    all(): Promise<LearntLimit[]>
    learnt(limit: LearntLimit, now: Date): Promise<void>
  }
}
