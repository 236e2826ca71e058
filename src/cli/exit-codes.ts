import type { EndedState } from '../runs/run.js'

/** What the terminal ends with, so that scripts can tell. Documented in docs/operations/terminal.md. */
export const exitCodes = {
  done: 0,
  /** The run failed, was undone, timed out or was lost; a look found something broken. */
  failed: 1,
  /** The words were not understood or something is missing. */
  words: 2,
  refused: 3,
  /** No Shipmate answered. */
  unreachable: 4,
  /** Shipmate itself broke. */
  faulted: 5,
  stopped: 6,
  /** Ctrl-C; a run that was watched goes on. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const ofState: { [state in EndedState]: ExitCode } = {
  done: exitCodes.done,
  refused: exitCodes.refused,
  failed: exitCodes.failed,
  faulted: exitCodes.faulted,
  'timed out': exitCodes.failed,
  stopped: exitCodes.stopped,
  undone: exitCodes.failed,
  lost: exitCodes.failed,
}

export const exitCodeOfState = (state: EndedState): ExitCode => ofState[state]
