import type { StepInput } from '../runs/step.js'
import type { Severity } from './incident.js'

/** A recovery guide as an operator wrote it: Markdown that reads well on paper, with steps that machines can carry out. */
export type Guide = {
  /** The file's name without `.md`: `slow-application`. */
  name: string
  title: string
  /** What it is for, in a sentence or two; Markdown. */
  summary: string
  /** When it is suggested. */
  for: {
    /** Names of alerts. */
    alerts: string[]
    /** Names of services; none means any. */
    services: string[]
    /** Words that people use: slow, timeout, 502. */
    symptoms: string[]
  }
  /** Proposed when an incident is opened from it. */
  severity: Severity | null
  steps: GuideStep[]
  /** What stood before, between and after steps and is none: kept, so that nothing is lost. Markdown. */
  prose: string
  /** Of the text: a run keeps the guide it was started with. */
  digest: string
}

export type GuideStep = {
  /** From its heading, unique in its guide. */
  key: string
  /** What to do, without the verb. */
  title: string
  /** The line of its heading in the file. */
  line: number
  /** What to do and why, in one or two plain sentences; Markdown. */
  why: string
  /** Only when these answers or outcomes of earlier steps hold; all of them. */
  when: GuideCondition[]
  /** May be done beside the step before it; otherwise it comes after. */
  alongside: boolean
  /** Minutes after which it is late; the person who has it is told. */
  minutes: number | null
} & (
  | {
      verb: 'check'
      check: string
      with: StepInput /** Looked at again until it passes. */
      until: { every: number; max: number } | null
    }
  | { verb: 'ask'; answers: GuideAnswer[] }
  /**
   * A job of Shipmate (`rollback`) or one action (`postgres.cancel`), as a run of its own with its own approvals, lock
   * and undo.
   */
  | {
      verb: 'do'
      job: string
      with: StepInput /** Keys of checks of this guide that are looked at again afterwards: did it help? */
      proof: string[]
    }
  | { verb: 'say'; audience: 'room' | 'stakeholders' | 'status page' | 'customers'; text: string }
  /** Something only a person can do: ticked off, or skipped with a reason. `command`: what to run by hand. */
  | { verb: 'manual'; command: string | null }
)

/** `means`: what choosing it says about the trouble; Markdown. */
export type GuideAnswer = { label: string; value: string; means: string | null }

/** About an earlier step. *failed* also when it could not be told, for a person has to look then. */
export type GuideCondition = { step: string } & ({ answer: string } | { outcome: 'passed' | 'failed' | 'skipped' })
