import type { Actor, RunId } from '../runs/run.js'

/** The number people see: INC-31. */
export type IncidentId = number

export const nameOf = (id: IncidentId): string => `INC-${id}`

/** SEV1 is the worst. */
export const severities = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const
export type Severity = (typeof severities)[number]

/**
 * open: people work on it. resolved: it is over, the review may still be written; it can be reopened. archived: nothing
 * more is expected of anybody. duplicate: folded into another one.
 */
export type IncidentState = 'open' | 'resolved' | 'archived' | 'duplicate'

/** Who does what; the operator may name more. */
export const standingRoles = ['commander', 'communications', 'scribe'] as const
export type RoleHolder = { role: string; person: Actor | null; since: Date | null }

/** What is broken for whom, as far as it is known; each figure with the words that prove it. */
export type Impact = {
  /** One sentence: "38 % of requests fail or take longer than 300 ms". */
  text: string
  /** Share of requests and of users, 0 to 1; null when it cannot be told. */
  requests: number | null
  users: number | null
  since: Date | null
  evidence: string[]
}

/** A severity that the figures speak for; a person decides. */
export type Proposal = { severity: Severity; why: string }

/** Where it came from. */
export type Source =
  | { kind: 'person' }
  | { kind: 'run'; run: RunId }
  | { kind: 'alert'; alert: number }
  | { kind: 'drill'; guide: string }

export type IncidentRecord = {
  id: IncidentId
  team: string
  title: string
  /** The service and the environment it is about; null while nobody can tell. */
  service: string | null
  environment: string | null
  severity: Severity
  proposal: Proposal | null
  /** Only those who were invited see it: nothing of it is told outside its own channel. */
  private: boolean
  state: IncidentState
  source: Source
  declaredBy: Actor
  via: string
  roles: RoleHolder[]
  impact: Impact | null
  room: Room
  /** The guide that is followed, as a run. */
  guide: RunId | null
  duplicateOf: IncidentId | null
  /** When people outside were promised the next word; null when nothing was promised. */
  nextUpdate: Date | null
  /** When something is due by itself: a reminder, a look at the gate, a page. */
  wakeAt: Date | null
  declaredAt: Date
  acknowledgedAt: Date | null
  resolvedAt: Date | null
  archivedAt: Date | null
  /** Counts changes; the card shows one version. Every change says which version it was made on. */
  version: number
}

/** Nothing is broken: a guide is rehearsed, nobody is called, and nothing goes out. */
export const isDrill = ({ source }: Pick<IncidentRecord, 'source'>): boolean => source.kind === 'drill'

/** The mark of what runs begin in an incident. */
export const recoveryIn = ({ id, severity, source }: Pick<IncidentRecord, 'id' | 'severity' | 'source'>) => ({
  ...{ incident: id, severity },
  ...(source.kind === 'drill' && { drill: true as const }),
})

/** What an incident's channel is to have. */
export const roomPieces = ['channel', 'card', 'pin', 'topic', 'bookmarks', 'people', 'notice'] as const
export type RoomPiece = (typeof roomPieces)[number]

/**
 * The review as it was given in Slack, as far as it stands. `version`: that of the rows it was written from last; `digest`:
 * what it says, whenever it was written.
 */
export type GivenReview =
  /** `id` is null while one was asked for and nobody knows whether it was made. */
  | { as: 'canvas'; id: string | null; version: number; digest: string }
  /** `why`: what Slack said to a canvas. `shared` is false while nobody knows whether it stands in the thread. */
  | { as: 'file'; why: string; id: string | null; shared: boolean; version: number; digest: string; at: string | null }

/** The incident's channel as far as it stands. What could not be done is said, with the way forward. */
export type Room = {
  /** The wanted name of the channel; Slack's own once it is there. */
  name: string
  channel: string | null
  card: { channel: string; ts: string } | null
  /** Pieces that are there. */
  done: RoomPiece[]
  troubles: { piece: RoomPiece | 'review'; text: string; next: string }[]
  /** The topic that was set last. */
  topic?: string
  /** Who was invited, or could not be, so that nobody is asked twice. */
  invited?: string[]
  archived?: boolean
  /** Where it was told while its channel was on the way: a card of its own, or one message that tells of many. */
  standIn?: { channel: string; ts: string; many: boolean }
  /** Missing or null: it was not given yet. */
  review?: GivenReview | null
  /** A channel that it had before and that nobody can open again but a person. */
  earlier?: string
}

/** One thing that may have caused it, with what speaks for it. Higher scores come first. */
export type Suspect = {
  /** The same for the same cause, however often it is looked at: `run:482`, `lock:4711`, `alert:abc`. */
  key: string
  kind: 'deploy' | 'change' | 'alert' | 'error' | 'check' | 'external service' | 'database'
  /** One line: "deploy #482 storefront v1.8.0, 4 min before". */
  text: string
  evidence: string[]
  /** 0 to 1. */
  score: number
  at: Date | null
  /** The run behind it: it can be rolled back with one button, unless it was undone already. */
  run: RunId | null
  undone?: boolean
}

/** What is to end an error, as people name it: a version, a change by its number, or a commit. */
export type FixRef = { kind: 'version' | 'change' | 'commit'; value: string }

/** How far it has come. `version`: the first release that brings it; `liveAt`: since when one that does serves. */
export type Fix = {
  ref: FixRef
  version: string | null
  liveAt: Date | null
  /** Seen again while it was live: when, and as what. */
  back: { at: Date; alert: string } | null
}

export type Task = {
  id: number
  /** task: now. follow-up: after it is over. fix: what is to end the error; done when it was not seen for a day. */
  kind: 'task' | 'follow-up' | 'fix'
  text: string
  owner: Actor | null
  createdAt: Date
  doneAt: Date | null
  /** Where it went on, such as an issue's address. */
  link: string | null
  fix: Fix | null
}

/** What people outside are told: drafted, read by a person, then published; never the other way round. */
export type Update = {
  id: number
  text: string
  /** What the status page shows: investigating, identified, monitoring, resolved. */
  phase: 'investigating' | 'identified' | 'monitoring' | 'resolved'
  audience: ('stakeholders' | 'status page' | 'customers')[]
  draftedBy: Actor
  draftedAt: Date
  publishedBy: Actor | null
  publishedAt: Date | null
}

/** One line of the resolve gate: a check that has to be green for a while, alerts that have to be quiet. */
export type GateLine = {
  key: string
  text: string
  outcome: 'pass' | 'warn' | 'fail' | 'skip' | 'error'
  /** Since when it has passed without a break. */
  greenSince: Date | null
  at: Date
}

/** An incident with all that is drawn on its card. */
export type IncidentView = {
  incident: IncidentRecord
  suspects: Suspect[]
  runs: { run: RunId; part: RunPart }[]
  tasks: Task[]
  updates: Update[]
  gate: GateLine[]
  /** How many alerts belong to it, and how many of them still fire. */
  alerts: { all: number; firing: number }
}

/** Why a run belongs to an incident. */
export type RunPart = 'suspect' | 'recovery' | 'guide' | 'first look'
