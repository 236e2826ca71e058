import type { JsonObject } from '../json.js'
import type { AuditEntry } from '../runs/ports.js'
import type { Actor, RunId } from '../runs/run.js'
import type { AlertNotice, AlertRecord, OutsideChange } from './alert.js'
import type {
  GateLine,
  IncidentId,
  IncidentRecord,
  IncidentState,
  IncidentView,
  RunPart,
  Severity,
  Source,
  Suspect,
  Task,
  Update,
} from './incident.js'
import type { NewEntry, TimelineEntry } from './timeline.js'

/** A wish to open an incident. */
export type Declaration = {
  /** The same key again answers the incident that is there and writes nothing. */
  requestKey: string
  team: string
  title: string
  service: string | null
  environment: string | null
  severity: Severity
  private: boolean
  source: Source
  declaredBy: Actor
  via: string
  roles: string[]
  /** The channel's wanted name without its number: `storefront-checkout-slow`. */
  slug: string
  at: Date
}

/** Only a fix has a `fix`, and may have a link from the beginning. */
export type NewTask = Omit<Task, 'id' | 'doneAt' | 'link' | 'fix'> & Partial<Pick<Task, 'link' | 'fix'>>

/**
 * What people and machines change of an incident: one transaction with its timeline, its messages and its audit rows.
 * Made by pure functions from a view; written only on the version it was made on.
 */
export type IncidentChange = {
  set?: Partial<
    Pick<
      IncidentRecord,
      | 'title'
      | 'service'
      | 'environment'
      | 'severity'
      | 'proposal'
      | 'private'
      | 'roles'
      | 'impact'
      | 'guide'
      | 'duplicateOf'
      | 'nextUpdate'
      | 'wakeAt'
      | 'acknowledgedAt'
      | 'resolvedAt'
      | 'archivedAt'
    >
  > & { state?: IncidentState }
  /** Replaces all that were there. */
  suspects?: Suspect[]
  gate?: GateLine[]
  runs?: { run: RunId; part: RunPart }[]
  tasks?: { add?: NewTask[]; change?: (Pick<Task, 'id'> & Partial<Task>)[] }
  updates?: { add?: Omit<Update, 'id'>[]; change?: (Pick<Update, 'id'> & Partial<Update>)[] }
  timeline?: NewEntry[]
  posts?: IncidentPost[]
  audit?: AuditEntry[]
}

/** Something to be said once; `key` is unique in its incident. */
export type IncidentPost = {
  key: string
  /** room: the incident's channel. thread: the thread of its card. notice: where people expect it. */
  to: { kind: 'room' } | { kind: 'thread' } | { kind: 'channel'; channel: string } | { kind: 'person'; person: string }
  text: string
  /**
   * Buttons and the like, by a name the face knows, with what they need. `page`: incident, target (a person, a group, or
   * nobody), turn, private; with a button to acknowledge.
   */
  drawing?: { name: string; data: JsonObject }
}

export type IncidentStore = {
  /** Writes the incident with its first timeline entry; once for its request key. */
  declare(order: Declaration): Promise<{ incident: IncidentRecord; fresh: boolean }>
  view(id: IncidentId): Promise<IncidentView | null>
  list(filter: { state?: IncidentState; limit: number }): Promise<IncidentRecord[]>
  /** Which incident a channel belongs to. */
  inChannel(channel: string): Promise<IncidentId | null>
  /** False, with nothing written, when the incident is not at that version any more. */
  write(id: IncidentId, version: number, change: IncidentChange, at: Date): Promise<boolean>
  /** Says when its clock rings next, and changes nothing that anybody sees; false when it is at another version. */
  rest(id: IncidentId, version: number, wakeAt: Date | null): Promise<boolean>
}

/** What is read beside incidents themselves. */
export type IncidentReads = {
  timeline(id: IncidentId): Promise<TimelineEntry[]>
  /** Keys of what was said of it or is about to be. */
  posted(id: IncidentId): Promise<string[]>
  /** Open incidents where something is due by itself. */
  due(now: Date): Promise<IncidentId[]>
  /** Open incidents that what happens at this place may concern, newest first; a drill concerns nothing. */
  openAt(service: string | null, environment: string | null): Promise<IncidentRecord[]>
  /** The incidents that a run belongs to, and as what. */
  ofRun(run: RunId): Promise<{ incident: IncidentId; part: RunPart }[]>
  /** The incidents, not archived, that any of these runs belongs to. */
  ofRuns(runs: RunId[]): Promise<IncidentId[]>
  /** Changes from elsewhere in a stretch of time, newest first. */
  changes(from: Date, to: Date): Promise<OutsideChange[]>
}

/** Alerts and changes as they come in. */
export type AlertDesk = {
  /** Keeps a notice: a new alert, or one more notice of one that is known. */
  receive(notice: AlertNotice, at: Date): Promise<{ alert: AlertRecord; fresh: boolean; turned: boolean }>
  alert(id: number): Promise<AlertRecord | null>
  /** `marks`: only those of these `source/fingerprint`. */
  list(filter: {
    firing?: boolean
    incident?: IncidentId
    since?: Date
    marks?: string[]
    limit: number
  }): Promise<AlertRecord[]>
  change(
    id: number,
    change: Partial<Pick<AlertRecord, 'incident' | 'acknowledgedBy' | 'acknowledgedAt' | 'silencedUntil'>>,
  ): Promise<void>
  changed(change: OutsideChange): Promise<{ fresh: boolean }>
}

/** What is still to be told of incidents, in rows; drawn newest state first, as runs are. */
export type IncidentTelling = {
  stale(limit: number): Promise<{ incident: IncidentId; version: number; staleSince: Date }[]>
  /** Remembers the version a card shows; never goes back. */
  drawn(id: IncidentId, version: number): Promise<void>
  /** What stands of the room from now on; changes nothing else and makes no new version. */
  furnished(id: IncidentId, room: IncidentRecord['room']): Promise<void>
  pending(now: Date, limit: number): Promise<PendingIncidentPost[]>
  sent(post: number, at: { channel: string; ts: string }): Promise<void>
  failed(post: number, error: string, retryAt: Date | null): Promise<void>
  /** A newer one of its kind says what it says; it is not sent. */
  passedOver(post: number): Promise<void>
  /** How many whose keys begin so were passed over before this one, since the last of them that was sent. */
  missed(post: number, prefix: string): Promise<number>
  /** Which incident's card that message is. */
  cardAt(channel: string, ts: string): Promise<IncidentId | null>
}

export type PendingIncidentPost = IncidentPost & {
  id: number
  incident: IncidentId
  room: IncidentRecord['room']
  tries: number
}

/** Tells listeners that an incident's rows were changed; may miss one, never invents one. */
export type IncidentSignals = { onIncident(listener: (incident: IncidentId) => void): () => void }
