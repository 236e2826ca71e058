import type { PermittedAct } from '../releases/catalogue.js'
import type { TickedAs } from '../releases/routines/routine.js'
import type { Until } from '../releases/until.js'
import type { Actor, Intent, RunId } from '../runs/run.js'
import type { IncidentAct, IncidentQuery } from './incident-words.js'

/** What a person can say, as a declaration: help, completion and the manifest are made from it. Parsing is pure. */
export type Command = {
  /** Without slash or prefix: `deploy`. */
  name: string
  summary: string
  /** What can be said, one line each; the first is the usual one. */
  usages: Usage[]
  /** In a terminal some of its words may be said as options: `--before 482`. */
  wordsAsOptions?: true
  parse(words: string[], known: Known): Parsed
}

/** One way to say a command; help shows it to those who hold `right` in some environment, or to everyone for null. */
export type Usage = {
  /** Such as `/deploy [service] <environment> [version]`. */
  usage: string
  summary: string
  example: string
  right: PermittedAct | null
}

/** The names a command may use, from the operator's file. */
export type Known = {
  services: string[]
  environments: string[]
  /** Services placed in an environment. */
  placed(environment: string): string[]
  /** The service that is meant when none is named: the only one there, or the file's default; null when unclear. */
  usual(environment: string): string | null
  /** Those that are backed up, each with the place that hears of it. */
  databases: { name: string; service: string; environment: string }[]
}

/** Where words came from; everything but `button` and `form` is typed. */
export type Via = 'slack' | 'mention' | 'shortcut' | 'form' | 'button' | 'terminal'

/** Who asks, proven by Slack's envelope or a personal token; `channel` and `thread` are where, if anywhere. */
export type Asker = { actor: Actor; team: string; via: Via; requestKey: string; channel?: string; thread?: string }

export type Parsed =
  | { kind: 'intent'; intent: Intent }
  /** Arguments are missing: a form with what is known already. */
  | { kind: 'form'; form: FormName; known: { [field: string]: string } }
  | { kind: 'query'; query: Query }
  | { kind: 'act'; act: Act }
  | { kind: 'incident act'; act: IncidentAct }
  | { kind: 'incident query'; query: IncidentQuery }
  /** One helpful line with an example. */
  | { kind: 'problem'; text: string; example: string }

export type FormName = 'deploy' | 'rollback' | 'scale' | 'hand-over' | 'restore' | 'routine' | IncidentFormName

/** Forms about an incident; `incident` among what is known says which. */
export const incidentForms = ['incident', 'update', 'resolve', 'role', 'task', 'silence'] as const
export type IncidentFormName = (typeof incidentForms)[number]

export type Query =
  | { name: 'help'; command?: string }
  | { name: 'status' }
  | { name: 'runs'; environment?: string }
  | { name: 'run'; run: RunId }
  /** Why can I not deploy: every gate at once. */
  | { name: 'why'; service?: string; environment: string }
  /** What is broken: every check at once. */
  | { name: 'diagnosis'; service?: string; environment: string }
  /** Who holds what, and who waits for it. */
  | { name: 'locks'; environment?: string }
  /** Who stands in line for a place. */
  | { name: 'queue'; service?: string; environment?: string }
  /** How backups stand: of one database, or of all. */
  | { name: 'backups'; what: 'status' | 'list' | 'schedule' | 'handbook'; database?: string }
  /** Recurring work: what is due, and what comes next. */
  | { name: 'routines' }
  /** The latest acts outside runs: takeovers, locks by hand, a Shipmate that was brought back. */
  | { name: 'audit' }

export type Act =
  | { name: 'lock'; service?: string; environment: string; reason: string; until: Until | null }
  /** `reason` may be empty for one's own lock. */
  | { name: 'unlock'; service?: string; environment: string; reason: string }
  /** `to` is a person's id. */
  | { name: 'hand over'; service?: string; environment: string; to: string }
  | { name: 'cancel'; run: RunId; reason: string }
  /** The note is the evidence, or why it is skipped. Without `occurrence` the newest of the routine is meant. */
  | { name: 'routine'; routine: string; occurrence?: number; as: TickedAs; note: string }
  /** `of`: whose token an admin ends; one's own when left out. */
  | { name: 'token'; what: 'issue' | 'revoke' | 'list'; of?: string }

/** A button on a card. `digest` is the plan that was shown: another one on the server makes the press void. */
export type Press =
  | { name: 'approve' | 'confirm'; run: RunId; step: string; round: number; digest: string }
  | { name: 'reject'; run: RunId; step: string; round: number; digest: string; reason: string }
  | { name: 'cancel'; run: RunId; reason: string }
  | { name: 'choose'; run: RunId; step: string; round: number; digest: string; answer: string; reason: string }
  /** Back to the version this run replaced. */
  | { name: 'roll back'; run: RunId }
  | { name: 'retry'; run: RunId }
