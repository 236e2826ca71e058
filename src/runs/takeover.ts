import type { Actor, RunId } from './run.js'

/** A worker whose session lives and whose pulse is fresh, with the runs it carries at this moment. */
export type LiveWorker = { number: number; beatAt: Date; runs: RunId[] }

/** What a person needs who carries runs on from a terminal while nothing of Shipmate does. */
export type Takeovers = {
  workers(): Promise<LiveWorker[]>
  /** Writes who carries which runs on and why: in the trail outside runs, and in each run's own, with a word for its thread. */
  begun(by: Actor, reason: string, runs: RunId[], at: Date): Promise<void>
  /** Writes how each stood when the person let go. */
  ended(by: Actor, runs: { run: RunId; state: string }[], at: Date): Promise<void>
}
