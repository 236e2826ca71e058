import type { Actor, RunId } from '../../runs/run.js'
import type { AlertNotice, AlertRecord, OutsideChange } from '../alert.js'
import type { IncidentId, Severity } from '../incident.js'

/** What one request of a sender holds, in our words. */
export type Delivery = {
  source: string
  /** The same delivery again is not taken; null where a sender repeats itself on purpose. */
  key: string | null
  notices: AlertNotice[]
  changes: OutsideChange[]
}

/** Takes a delivery whole, or not at all. */
export type AlertIntake = { take(delivery: Delivery, at: Date): Promise<{ taken: boolean; turned: number }> }

/** Where an alert was told: on an incident, as a message of its own, not at all because it is silenced or ignored. */
export type Told = 'incident' | 'message' | 'silence' | 'nobody'

export type AlertStanding = { alert: AlertRecord; told: Told | null; duplicateOf: number | null }

/** What is around an alert, for whoever judges it. */
export type Surroundings = {
  /** The alert of the same fingerprint before it. */
  before: AlertRecord | null
  /** The open incident that has an alert of its group. */
  ofGroup: IncidentId | null
  /** Alerts that began at or after a moment, neither silenced nor ignored; oldest first. */
  lately: AlertRecord[]
  /** When the last alert of each open incident began. */
  latest: { incident: IncidentId; at: Date }[]
}

/** What becomes of alerts, in rows. */
export type AlertBook = {
  /** Alerts that turned since somebody looked, and those whose silence is over; oldest first. */
  unjudged(now: Date, limit: number): Promise<AlertStanding[]>
  around(alert: AlertRecord, since: Date): Promise<Surroundings>
  judged(alert: number, change: JudgedAs, at: Date): Promise<void>
  /** Says it in a channel; `reply` goes to its thread when its message is there already. */
  tell(
    alert: number,
    channel: string,
    reply: { key: string; text: string } | null,
    since: Date,
    at: Date,
  ): Promise<void>
  /** What a person did with an alert that belongs to no incident, in the audit trail; its message is drawn again. */
  acted(alert: number, by: Actor, act: string, at: Date): Promise<void>
  /**
   * Forgets deliveries of a while ago. Alerts of which nothing was heard since `silent` count as over: their senders repeat
   * themselves, and some never say that it is over.
   */
  forget(deliveries: Date, silent: Date, at: Date): Promise<void>
}

export type JudgedAs = {
  told: Told
  incident?: IncidentId
  severity?: Severity
  silencedUntil?: Date | null
  duplicateOf?: number
}

/** One at a time, of all processes: whoever else asks waits. Throws when it cannot be told whose turn it is. */
export type AlertTurns = { inTurn<T>(work: () => Promise<T>): Promise<T> }

/** Messages of alerts that open no incident: one for each, edited in place, repeats in its thread. */
export type AlertTelling = {
  /** Messages that show less than their rows say, and may be tried now. */
  stale(now: Date, limit: number): Promise<AlertMessage[]>
  /** Remembers the version that a message shows, and where it is; never goes back. */
  drawn(message: number, version: number, ts: string): Promise<void>
  failed(what: { message: number } | { reply: number }, error: string, retryAt: Date | null): Promise<void>
  /** Replies whose message is there. */
  pending(now: Date, limit: number): Promise<AlertReply[]>
  sent(reply: number): Promise<void>
  /** Which alert that message shows. */
  alertAt(channel: string, ts: string): Promise<number | null>
}

export type AlertMessage = {
  id: number
  channel: string
  ts: string | null
  version: number
  alert: AlertRecord
  told: Told | null
  tries: number
}
export type AlertReply = { id: number; channel: string; ts: string; text: string; tries: number }

/** Tells listeners that messages of alerts are to be drawn; may miss one, never invents one. */
export type AlertSignals = { onAlerts(listener: () => void): () => void }

/** What a silence keeps quiet: one alert, or all of a place. */
export type Covers =
  | { kind: 'alert'; source: string; fingerprint: string; labels: { [name: string]: string } }
  | { kind: 'place'; service: string; environment: string }

export type Silence = {
  id: number
  key: string
  covers: Covers
  by: Actor
  reason: string
  run: RunId | null
  startsAt: Date
  endsAt: Date
  endedAt: Date | null
  outside: 'none' | 'wanted' | 'made' | 'gone'
  outsideId: string | null
  tries: number
}

export type SilenceOrder = Pick<Silence, 'key' | 'covers' | 'by' | 'reason' | 'run' | 'startsAt' | 'endsAt'> & {
  outside: 'none' | 'wanted'
}

export type SilenceRows = {
  /** Once for its key. */
  make(order: SilenceOrder): Promise<Silence>
  inForce(now: Date): Promise<Silence[]>
  /** Ends all of a run, or the one of a key; what stands outside is taken away by the next look. */
  end(which: { run: RunId } | { key: string }, at: Date): Promise<void>
  /**
   * Those whose time or whose run is over and that stand somewhere still, and those not yet made outside: what is to be
   * done now. A run that was killed has not ended; its worker's successor ends it.
   */
  silencesToEnd(now: Date): Promise<Silence[]>
  silencesToMake(now: Date): Promise<Silence[]>
  change(
    id: number,
    change: { outside?: Silence['outside']; outsideId?: string | null; endedAt?: Date; retryAt?: Date; error?: string },
  ): Promise<void>
}

/** Silences where alerts come from. Both look first what is there, so that twice is once. */
export type OutsideSilences = {
  /** Makes it, or finds the one with this key; answers its id there. */
  make(silence: Pick<Silence, 'key' | 'covers' | 'by' | 'reason' | 'startsAt' | 'endsAt'>): Promise<string>
  /** Takes away whatever stands under this key. */
  remove(key: string): Promise<void>
}

/** What somebody did in a paging service to an incident that it has from us. */
export type OutsideAct = {
  source: string
  incident: IncidentId
  kind: 'acknowledged' | 'resolved' | 'reopened'
  by: string
  /** Done by a program, such as ours. */
  machine: boolean
  at: Date
}
