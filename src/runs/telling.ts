import type { RunId } from './run.js'
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
  run: RunId
  environment: string
  key: string
  to: Audience
  text: string
  card: { channel: string; ts: string } | null
  tries: number
}

export type Telling = {
  staleCards(limit: number): Promise<StaleCard[]>
  /** Remembers where the card is and which version it shows; never goes back to an older version. */
  cardDrawn(run: RunId, version: number, at: { channel: string; ts: string }): Promise<void>
  /** Posts that are due, oldest first, one run's in order. */
  pendingPosts(now: Date, limit: number): Promise<PendingPost[]>
  postSent(id: number, at: { channel: string; ts: string }): Promise<void>
  /** `retryAt` null gives it up; the error is kept with the row. */
  postFailed(id: number, error: string, retryAt: Date | null): Promise<void>
  /** Which run a card belongs to; null for any other message. */
  cardAt(channel: string, ts: string): Promise<RunId | null>
}

/** Only one process speaks for a role at a time (drawing cards): the holder of a session lock. */
export type Leadership = {
  /** Resolves with a lease once this process leads; the lease's signal aborts when leadership is lost. */
  lead(role: string, stop: AbortSignal): Promise<{ lost: AbortSignal; release(): Promise<void> } | null>
}
