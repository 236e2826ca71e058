import type { JsonObject } from '../json.js'
import type { Deployed, Plan } from './plan.js'
import type { Actor, AnswerRecord, EndedState, Intent, Reason, RunId, RunRecord, RunState, RunView } from './run.js'
import type { Audience, Evidence, Progress, Step, StepKey, StepState } from './step.js'

/** A worker's hold on one run: its number on the row, alive while its database session is, plus the epoch that fences its writes. */
export type Claim = {
  run: RunId
  epoch: number
  /** Aborted when the session that holds the lock is lost: stop all calls at once, write nothing. */
  lost: AbortSignal
}

/**
 * One fenced transaction: everything in it is written, with its audit rows and the card marked stale, or nothing is.
 * In this order: the plan, new steps, then changes of steps (at most one of each), since one may build on another. The
 * steps of a new plan begin in the round that is the plan's own number.
 */
export type RunChange = {
  state?: RunState
  reason?: Reason | null
  wakeAt?: Date | null
  /**
   * Replaces the plan and all step rows; counts planRound up; lets go of the run's locks, since nothing is held while
   * people are asked; earlier answers stay but no longer match the digest.
   */
  plan?: { plan: Plan; changes: string[] }
  startedAt?: Date
  ended?: { state: EndedState; reason: Reason | null; at: Date }
  steps?: StepChange[]
  /** Steps that join the run, such as undos. */
  newSteps?: NewStep[]
  audit?: AuditEntry[]
  posts?: Post[]
  /** What is true in the world from now on; with `ended`. */
  deployed?: Deployed
}

export type StepChange = {
  key: StepKey
  state?: StepState
  round?: number
  attempt?: number
  evidence?: Evidence | null
  output?: JsonObject
  progress?: Progress | null
  startedAt?: Date | null
  endedAt?: Date | null
  deadline?: Date | null
  wakeAt?: Date | null
}

export type NewStep = { step: Step; undoes: StepKey | null }

/** One row of the append-only trail. `act` is a verb phrase in the past: "approved", "step began". No personal text. */
export type AuditEntry = { actor: Actor | null; act: string; subject: JsonObject }

/** Something to tell people, told once: `key` is unique in its run. */
export type Post = { key: string; to: Audience; text: string }

/** What carrying a run needs of the store. */
export type RunStore = {
  /** A claim with a new epoch, or null when the run has ended or a live session carries it. */
  claim(run: RunId): Promise<Claim | null>
  /** Lets go of the run; what the row says stays as it is. */
  release(claim: Claim): Promise<void>
  load(run: RunId): Promise<RunView | null>
  /** False, with nothing written, when the epoch is no longer ours. */
  write(claim: Claim, change: RunChange): Promise<boolean>
  /**
   * Takes all locks of the run in one transaction, or none: only when its turn has come in every line it stands in. Says
   * who is in the way: the holder of a lock, or the run that goes first there.
   */
  lock(claim: Claim): Promise<{ ok: true } | { ok: false; holder: LockHolder }>
  /**
   * Runs that should be moving and that no live session carries: due wakes; planning, running, or undoing with no wake
   * set; queued with nobody ahead; waiting for a lock (no wake set, reason code `lock-held`) with nobody ahead; waiting
   * with an answer or a request to stop that came after the run was last written by its worker.
   */
  due(now: Date): Promise<RunId[]>
}

/** What people's acts write. Not fenced by a claim: each is one transaction that checks the state it finds. */
export type RunDesk = {
  /** Writes the run as queued; the same `requestKey` again answers the run that is there and writes nothing. */
  submit(order: Order): Promise<{ run: RunRecord; fresh: boolean }>
  /** The run that this request became, whatever has become of the run since; null for a request never seen. */
  find(team: string, requestKey: string): Promise<RunRecord | null>
  /** Adds an answer when the ask is open, in this round, under this digest; else says what is so. */
  answer(answer: AnswerRecord): Promise<AnswerResult>
  /** Changes how a step is worked on without answering it; null, or why nothing was changed. */
  touch(touch: StepTouch): Promise<Untouched | null>
  /** Asks the run to stop; false when it has ended or was already asked. */
  requestStop(run: RunId, by: Actor, reason: string, at: Date): Promise<boolean>
  view(run: RunId): Promise<RunView | null>
  list(filter: RunFilter): Promise<RunRecord[]>
}

/** take: somebody is at this step. look again: a check of a live run is looked at once more, in its next round. */
export type StepTouch = { kind: 'take' | 'look again'; run: RunId; step: StepKey; round: number; by: Actor; at: Date }
export type Untouched = 'no such step' | 'closed' | 'other round' | 'already'

export type Order = {
  requestKey: string
  team: string
  intent: Intent
  resources: string[]
  priority: number
  requestedBy: Actor
  via: string
  parent: RunId | null
  at: Date
}

export type AnswerResult =
  | { accepted: true; answers: AnswerRecord[] }
  | {
      accepted: false
      /** answered: somebody else was first, and one answer is enough. */
      why: 'closed' | 'other round' | 'other plan' | 'already answered' | 'answered' | 'no such step'
      answers: AnswerRecord[]
    }

/** `resource`: those that lock it, or will. */
export type RunFilter = { environment?: string; service?: string; resource?: string; live?: boolean; limit: number }

export type LockHolder = {
  resource: string
  run: RunId | null
  by: Actor
  reason: string
  since: Date
  expires: Date | null
}

/** What a person locks by hand: all of it or nothing. `environment` is where its notices are told. */
export type HandLock = {
  resources: string[]
  environment: string
  by: Actor
  reason: string
  at: Date
  expires: Date | null
}

/**
 * An act on locks that are held by hand. `holders` says who held each resource when the act was decided: when somebody
 * else does meanwhile, nothing is changed.
 */
export type LockAct = { resources: string[]; holders: { [resource: string]: string }; by: Actor; at: Date }

/** The locks after an act, or those that were in its way, and then nothing was changed. */
export type LocksAfter = { ok: true; locks: LockHolder[] } | { ok: false; inTheWay: LockHolder[] }

/** Locks people hold by hand, and a look at those runs hold. */
export type LockDesk = {
  /** Takes all or none; the same person asking again changes the reason and the end. */
  hold(lock: HandLock): Promise<LocksAfter>
  /** Answers those that were let go; a holder other than `by` is told. A run's lock is never let go by hand: it stays. */
  letGo(act: LockAct & { reason: string }): Promise<LocksAfter>
  /** Gives locks to another person, who is told, as is the holder when somebody else did it. */
  handOver(act: LockAct & { to: Actor }): Promise<LocksAfter>
  holders(): Promise<LockHolder[]>
  /**
   * Ends what has run out, tells holders of what ends soon, calls those who waited; answers when something is due
   * again, null for never. Harmless when several do it at once.
   */
  tend(at: Date): Promise<Date | null>
}

/** The alarm clock. Losing a wake loses time, never a run: `due` finds it again. */
export type Wakes = { wake(run: RunId, at?: Date): Promise<void> }

/** A run's rows were changed: by the worker that carries it (with its epoch), or by somebody's act (null). */
export type RunChanged = { run: RunId; epoch: number | null }

/** A run is first in its line, or the lock it waited for is free; `after` the run that let go, null for nobody's. */
export type Turn = { run: RunId; after: RunId | null }

/** Tells listeners of changes (LISTEN/NOTIFY); may miss one, never invents one. */
export type Signals = { onRun(listener: (changed: RunChanged) => void): () => void }
