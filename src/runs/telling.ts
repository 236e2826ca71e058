import type { Actor, RunId } from './run.js'
import type { Audience } from './step.js'

/**
 * What is still to be told, in rows. A card is stale when its run changed after it was last drawn; whoever draws takes
 * the newest state, so an older one can never be drawn over a newer.
 */
export type StaleCard = {
  run: RunId
  environment: string
  /** Where the card is, once it was posted. */
  channel: string | null
  ts: string | null
  /** Counts changes of the run; hand it back when drawn. */
  version: number
  /** When the oldest change that is not drawn yet happened. */
  staleSince: Date
}

/** A `say`, a mention or a notice, to be posted once. */
export type PendingPost = {
  id: number
  /** Null for what belongs to no run. */
  run: RunId | null
  environment: string
  key: string
  to: Audience
  text: string
  /** What it is drawn from when it is not plain text. */
  notice: LockNotice | null
  card: { channel: string; ts: string } | null
  tries: number
}

/** A message handed to Slack that is not recorded yet; `nonce` is its mark there. */
export type Sending = { key: string; nonce: string; channel: string; thread: string | null; since: Date }

/** About a lock that a person holds by hand, or held. */
export type LockNotice = {
  resources: string[]
  holder: Actor
  reason: string
  expires: Date | null
} & (
  | { kind: 'lock ending' | 'lock ended' }
  /** Somebody else ended it, and why. */
  | { kind: 'lock cleared'; by: Actor; why: string }
  | { kind: 'lock handed over'; by: Actor; from: Actor }
)

export type Telling = {
  staleCards(limit: number): Promise<StaleCard[]>
  /** Remembers where the card is and which version it shows; never goes back to an older version. */
  cardDrawn(run: RunId, version: number, at: { channel: string; ts: string }): Promise<void>
  /** Posts that are due, oldest first, one run's in order. */
  pendingPosts(now: Date, limit: number): Promise<PendingPost[]>
  postSent(id: number, at: { channel: string; ts: string }): Promise<void>
  /** `retryAt` null gives it up; the error is kept with the row. */
  postFailed(id: number, error: string, retryAt: Date | null): Promise<void>
  /** Writes down that this message is about to be posted. */
  sending(sending: Sending): Promise<void>
  /** It is recorded where it is. */
  settled(key: string): Promise<void>
  /** What was about to be posted and never recorded: it may be there or not. */
  sendings(): Promise<Sending[]>
  /** Which run a card belongs to; null for any other message. */
  cardAt(channel: string, ts: string): Promise<RunId | null>
}

export type Lease = {
  /** Aborts when leadership is lost. */
  lost: AbortSignal
  /** At this moment nobody else can have taken over. False after a silence, also when the loss is not known yet. */
  holds(): boolean
  release(): Promise<void>
}

/** Only one process speaks for a role at a time (drawing cards): the holder of a session lock that is not silent. */
export type Leadership = {
  /** Resolves with a lease once this process leads. */
  lead(role: string, stop: AbortSignal): Promise<Lease | null>
}
