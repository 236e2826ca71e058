import type { JsonObject } from '../json.js'
import type { Plan } from './plan.js'
import type { LockHolder } from './ports.js'
import type { Evidence, Progress, Step, StepKey, StepState } from './step.js'

/** The number people see: #482. */
export type RunId = number

/** How a run ends, and never another word. */
export const endedStates = ['done', 'refused', 'failed', 'faulted', 'timed out', 'stopped', 'undone', 'lost'] as const
export type EndedState = (typeof endedStates)[number]

/**
 * queued: an intent whose turn has not come. planning: facts are gathered. waiting: parked, for people, a lock or a
 * time. running: a worker carries it. undoing: what was done is being undone, backwards.
 */
export type RunState = 'queued' | 'planning' | 'waiting' | 'running' | 'undoing' | EndedState

export const hasEnded = (state: RunState): state is EndedState => (endedStates as readonly string[]).includes(state)

/** Who acts: a person of the workspace, or a machine that may ask but never approve. */
export type Actor = {
  kind: 'person' | 'machine'
  id: string
  name: string
  /** Slack could not be reached: the moment (ISO) of the member list by which this person acted from the terminal. */
  memberList?: string
}

/** What somebody wants, before anything is planned. `input` is checked by the job's schema. */
export type Intent = {
  job: string
  service: string
  environment: string
  input: JsonObject
  /** The incident that it helps to recover from, with its severity at that moment; `drill`: nothing is broken there. */
  recovery?: { incident: number; severity: string; drill?: true }
  /** The run by which whoever asked had broken glass there: gates of policy warn where they would stop it. */
  glass?: RunId
}

/** Begun in a rehearsal: what it does is real, and what it was done for is not. */
export const isOfDrill = ({ intent }: { intent: Intent }): boolean => intent.recovery?.drill === true

/** Why a run waits or ended: one line for the card, more for the thread. */
export type Reason = { code: string; text: string; next?: string; details?: JsonObject }

/** When the database came back from a backup, and the moment that it is of. */
export type Restored = { at: Date; to: Date }

export type RunRecord = {
  id: RunId
  team: string
  intent: Intent
  state: RunState
  /** From a global sequence, new at each claim; every write of a worker says "where epoch = mine". */
  epoch: number
  /** What the run locks before its first `do`, sorted. Also the lines it queues in. */
  resources: string[]
  /** Higher goes first in the line (a rollback 1, a deploy 0). */
  priority: number
  requestedBy: Actor
  /** Where the words came from: `slack`, `terminal`, `button` … */
  via: string
  /** The run this one was started from (a retry, a rollback from a card). */
  parent: RunId | null
  plan: Plan | null
  /** Counts plans: approvals belong to one of them. */
  planRound: number
  /** Differences to the plan before, when a change voided it; one line each. */
  planChanges: string[]
  reason: Reason | null
  /** Where it stands in its line: 0 is the head. */
  ahead: number
  stopRequested: { by: Actor; reason: string; at: Date } | null
  wakeAt: Date | null
  holdsLocks: boolean
  /** The lock by hand that keeps it waiting in line or for its locks; the first one by name. */
  lockedBy: LockHolder | null
  /** A person carried it on from a terminal while no Shipmate did; the last one who did. */
  takenOver?: { by: Actor; reason: string; at: Date }
  /** It was not over when Shipmate's own database was last brought back: what became of it since is not known. */
  restored?: Restored
  createdAt: Date
  plannedAt: Date | null
  /** The first `do` began. */
  startedAt: Date | null
  endedAt: Date | null
}

export type StepRecord = {
  run: RunId
  key: StepKey
  position: number
  step: Step
  state: StepState
  /** A retry keeps the round, a re-run by a person opens the next; the idempotency key is (run, step, round). */
  round: number
  attempt: number
  evidence: Evidence | null
  output: JsonObject
  progress: Progress | null
  startedAt: Date | null
  endedAt: Date | null
  /** When the running attempt is given up, or the ask expires. */
  deadline: Date | null
  wakeAt: Date | null
  /** Steps that undo another one carry its key. */
  undoes: StepKey | null
  /** Who said to be at it. */
  taken: { by: Actor; at: Date } | null
}

export type AnswerRecord = {
  run: RunId
  step: StepKey
  round: number
  person: Actor
  answer: string
  reason: string
  /** The digest of the plan that was on the card the person clicked. */
  digest: string
  at: Date
  /** What else the answer brings; the output of the ask that it closes. `alone`: see `standsAlone`. */
  data?: JsonObject
}

/** A run with all that is drawn on its card. */
export type RunView = { run: RunRecord; steps: StepRecord[]; answers: AnswerRecord[] }
