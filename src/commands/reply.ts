import type { KnownBackup } from '../backups/known.js'
import type { DatabaseStatus } from '../backups/status.js'
import type { GuideHistory } from '../incidents/drills/rehearsals.js'
import type { IncidentRecord, IncidentView } from '../incidents/incident.js'
import type { Measures } from '../incidents/measures/measures.js'
import type { TimelineEntry } from '../incidents/timeline.js'
import type { Occurrence } from '../releases/routines/routine.js'
import type { CheckOutcome } from '../runs/abilities.js'
import type { LockHolder } from '../runs/ports.js'
import type { RunRecord, RunView } from '../runs/run.js'
import type { Evidence } from '../runs/step.js'
import type { FormName } from './command.js'

/** What comes back to the person who spoke, in no face's language: Slack draws it, the terminal prints it. */
export type Reply =
  /** `first` is false when the same request had been accepted before. */
  | { kind: 'accepted'; run: RunRecord; text: string; first: boolean }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'form'; form: Form }
  | { kind: 'said'; text: string }
  | { kind: 'help'; entries: HelpEntry[]; intro: string }
  | { kind: 'status'; environments: EnvironmentStatus[] }
  | { kind: 'runs'; runs: RunRecord[]; title: string }
  | { kind: 'run'; view: RunView }
  /** Who holds what, and who stands in line for it. */
  | { kind: 'lines'; title: string; places: PlaceLine[]; none: string }
  /**
   * `verdict` goes on after the place; findings worst first; `begins`: the failing one nearest to the ground; `helps`: guides
   * that repair it; `skipped`: titles.
   */
  | {
      kind: 'diagnosis'
      service: string
      environment: string
      verdict: string
      begins: Gate | null
      findings: Gate[]
      helps: { name: string; title: string }[]
      skipped: string[]
      tookMs: number
    }
  | { kind: 'why'; service: string; environment: string; mayGo: boolean; gates: Gate[] }
  | { kind: 'incident'; view: IncidentView; guide: RunView | null }
  | { kind: 'incidents'; title: string; incidents: IncidentRecord[] }
  | { kind: 'timeline'; incident: IncidentRecord; entries: TimelineEntry[] }
  /** `solved`: incidents that are over and were called that, a sentence each. */
  | { kind: 'guides'; intro: string; found: FoundGuide[]; solved: string[] }
  /** All guides, those first that were rehearsed longest ago. */
  | { kind: 'drills'; guides: Pick<FoundGuide, 'name' | 'title' | 'history'>[] }
  /** Markdown to keep or to hand on: a review, a guide with how it was rehearsed; `name` is a file's name. */
  | { kind: 'document'; title: string; name: string; markdown: string; history?: GuideHistory }
  /** `glass`: who may decide alone where, when nobody answers, and what to type. */
  | { kind: 'on call'; lines: OnCallLine[]; glass?: { text: string; command: string }[] }
  | { kind: 'metrics'; measures: Measures }
  | { kind: 'backups'; databases: DatabaseStatus[] }
  /** Newest first; `goes`: labels that the next rotation lets go of. */
  | { kind: 'backup list'; database: string; zone: string; backups: KnownBackup[]; goes: string[]; more: number }
  | { kind: 'backup schedule'; databases: DatabaseSchedule[] }
  /** What is due first; misses are counted over so many days. */
  | { kind: 'routines'; zone: string; days: number; lines: RoutineLine[] }
  /** Markdown to keep elsewhere; `gaps`: what is missing, a sentence each; `of`: the only one it is about. */
  | { kind: 'handbook'; of: string | null; name: string; markdown: string; gaps: string[] }
  /** Shown to this person alone, once. */
  | { kind: 'token'; token: string; expires: Date }

/** What is done by itself for a database. */
export type DatabaseSchedule = {
  database: string
  zone: string
  works: { work: string; text: string; next: Date | null; last: Date | null }[]
  /** How much stays, in words. */
  keeps: string
}

/** One routine: what is asked for now, if anything, what comes next, who did it last, how often it was missed. */
export type RoutineLine = {
  routine: string
  says: string
  guide: string | null
  whose: string
  /** Whether it is for the person who asked. */
  mine: boolean
  open: Occurrence | null
  next: Date | null
  lastDone: Occurrence | null
  missed: number
}

/** Who is on duty for a service; null for every other one. `unknown`: names of people whom Slack does not know. */
export type OnCallLine = {
  service: string | null
  people: string[]
  unknown?: string[]
  until: Date | null
  source: string
}

/** A guide with why it fits, and how it went when it was rehearsed or followed last. */
export type FoundGuide = {
  name: string
  title: string
  summary: string
  steps: number
  why: string
  history: GuideHistory
}

/** What was refused, why (the rule and where it stands), the way forward. */
export type Refusal = { code: string; what: string; why: string; next: string }

export type Gate = { title: string; outcome: CheckOutcome; evidence: Evidence }

export type HelpEntry = { usage: string; summary: string; example: string }

export type EnvironmentStatus = {
  environment: string
  mode: 'act' | 'observe'
  services: {
    service: string
    serving: string | null
    since: Date | null
    instances: { ready: number; wanted: number } | null
    live: RunRecord[]
    lock: LockHolder | null
    /** Why its state could not be told, when it could not. */
    problem: string | null
  }[]
}

export type PlaceLine = {
  service: string
  environment: string
  /** A person, or the run at work there. */
  holder: LockHolder | null
  /** The run that holds it. */
  working: RunRecord | null
  /** Who waits, first first. */
  waiting: RunRecord[]
  /** How the lock is cleared, for whoever may. */
  clear: string | null
  /** Whether who asked may give the lock to somebody else. */
  mayHandOver: boolean
}

/** Fields to fill in, with defaults that are usually right; submitted as words by field name. */
export type Form = { name: FormName; title: string; submit: string; intro: string; fields: Field[] }
export type Field = {
  name: string
  label: string
  hint?: string
  value?: string
  /** Choices newest or most likely first; a text field without. `refresh`: another choice here changes other fields. */
  options?: { value: string; label: string; description?: string }[]
  refresh?: boolean
  /** A person of the workspace; the value is an id. */
  person?: boolean
  /** Several lines of text. */
  long?: boolean
  optional?: boolean
  /** Not asked for: it says what the form is about. */
  carried?: boolean
}

/** A reply with what else has to be said about it, such as that Slack was away when it was decided. */
export type Noted = Reply & { note?: string }
