import type { JsonObject } from '../json.js'

/** A step's name is its key: unique in its run, kept for as long as runs with it live. */
export type StepKey = string

export type Verb = 'check' | 'ask' | 'do' | 'say'

/** What a step's failure means for the run. `ask` parks the run until a person chooses to retry, skip or undo. */
export type OnFailure = 'undo' | 'ask' | 'warn' | 'stop'

/** A value, or the output of an earlier step: `{ from: 'build', field: 'image' }`. */
export type StepInput = { [name: string]: unknown }

/** Holds when every part holds; about outcomes and answers of earlier steps. */
export type Condition =
  | { step: StepKey; outcome: StepOutcome | StepOutcome[] }
  | { step: StepKey; answer: string }
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }

/**
 * Tried again until it holds: a health check every second, thirty times. Counts rounds of looking, not of doing. Where
 * looks are far apart the run is parked between them.
 */
export type Repeat = { every: number; max: number }

/**
 * People who may answer: members of any of the groups, those named, or every full member. `requester` says what the
 * requester's own answer counts.
 */
export type People = {
  groups: string[]
  people: string[]
  everyone?: boolean
  requester: 'excluded' | 'counts' | 'self with confirmation'
}

export type Answer = {
  label: string
  value: string
  style?: 'primary' | 'danger' /** Asks for words, such as a reason to reject. */
  reason?: boolean
}

type StepBase = {
  key: StepKey
  title: string
  /** Milliseconds for one attempt, after which the step is timed out. */
  timeout: number
  /** Steps that must have ended first; none given means the step before it in the list. `[]` means at once. */
  needs?: StepKey[]
  when?: Condition
  onFailure: OnFailure
  /** Transient failures are tried again this many times, with growing pauses. */
  retries?: number
}

export type CheckStep = StepBase & { verb: 'check'; check: string; with: StepInput; repeat?: Repeat }
export type AskStep = StepBase & {
  verb: 'ask'
  of: People
  question: string
  /** The step whose evidence people decide by; it is told with the question. */
  about?: StepKey
  answers: Answer[]
  quorum: number
  expires: number
}
export type DoStep = StepBase & {
  verb: 'do'
  action: string
  with: StepInput
  undo?: { title: string; action: string; with: StepInput; timeout: number }
}
export type SayStep = StepBase & { verb: 'say'; to: Audience; text: string }
export type Step = CheckStep | AskStep | DoStep | SayStep

/** `thread`: the thread of the run's card. `channel`: the environment's release channel, or a named one. */
export type Audience = { kind: 'thread' } | { kind: 'channel'; channel?: string } | { kind: 'person'; person: string }

/**
 * How a step ended. *passed* and *warned* let the run go on. *skipped* is not passed; *errored* (could not tell, or
 * Shipmate broke) is not failed. *undone* is a `do` whose undo ran afterwards.
 */
export const stepOutcomes = [
  'passed',
  'warned',
  'failed',
  'errored',
  'skipped',
  'timed out',
  'stopped',
  'undone',
] as const
export type StepOutcome = (typeof stepOutcomes)[number]
export type StepState = 'pending' | 'running' | 'waiting' | StepOutcome

export const isEnded = (state: StepState): state is StepOutcome => (stepOutcomes as readonly string[]).includes(state)
/** The step does not stand in the way of those that need it. */
export const lets = (state: StepState): boolean => state === 'passed' || state === 'warned' || state === 'skipped'

/** What a step leaves to prove its outcome; drawn on the card (`summary`) and in its thread (the rest). */
export type Evidence = {
  summary: string
  value?: number | string
  limit?: number | string
  /** The vendor's own words, an error's code, what was wanted and what came. */
  details?: JsonObject
  /** What to do next, for a person. */
  next?: string
  /** How it ended before its plan made a warning of it: what could not be told is not what failed. */
  softened?: 'failed' | 'errored' | 'timed out'
}

/** How far a long step is; `total` 0 means unknown. */
export type Progress = { done: number; total: number; text: string }
