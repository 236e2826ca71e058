import type { Json } from '../json.js'

/** Names one parcel: the workspace, and what is the same when it is delivered again. */
export type ParcelName = { team: string; key: string }

/** Something that came in from outside and is committed before it is acknowledged. */
export type Parcel = ParcelName & {
  kind: string
  /** How `body` is written; only the face that accepted it reads it again. */
  format: string
  /** Exactly as it came. Holds secrets that live for minutes; forgotten after a while. */
  body: string
  /** What its acknowledgement says, where that was decided before the commit. */
  answer: Answer | null
  receivedAt: Date
}

/** An acknowledgement that says something: a redelivery is told the same. */
export type Answer = { says: Json | null }

/** Fresh: it is yours to handle. Else it was accepted before, by whomever, with the answer that was kept then. */
export type Acceptance = { fresh: true } | { fresh: false; answer: Answer | null }

/** How often it was given to somebody to handle, this time included. */
export type LeftParcel = Parcel & { tries: number }

/** How it ended with one parcel. */
export type End = ParcelName & { outcome: string }

/** What was accepted and how it ended. Rows outlive processes; each is handled by one living process at a time. */
export type Inbox = {
  /** One commit for all; of two with one name, in one call or in two, exactly one is fresh. Answers in the same order. */
  accept(parcels: Parcel[]): Promise<Acceptance[]>
  done(ends: End[]): Promise<void>
  /** Gives them back: whoever looks next takes them. */
  letGo(names: ParcelName[]): Promise<void>
  /**
   * Takes parcels received before `before` that nobody living handles, oldest first. After them come those of this
   * process itself; it knows which of them it has in hand. One that was with `company` processes that died is taken
   * alone, when there is no other: it may be what ended them.
   */
  left(before: Date, limit: number, company: number): Promise<LeftParcel[]>
  /** Forgets the contents of parcels received before `before` and done; a hash of each stays. Returns how many. */
  forget(before: Date): Promise<number>
}
