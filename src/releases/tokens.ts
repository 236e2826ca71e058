import { createHash } from 'node:crypto'
import type { Actor } from '../runs/run.js'

/** Personal tokens for the terminal; only a hash is kept. A person holds at most one; a new one replaces it. */
export type Tokens = {
  issue(person: Actor, team: string, hash: string, at: Date, expires: Date): Promise<void>
  /** Null when unknown, revoked or expired at `now`. */
  holder(hash: string, now: Date): Promise<{ person: Actor; team: string } | null>
  /** Ends a person's token; false when there was none. `by` is who ends it. */
  revoke(person: string, team: string, by: Actor, at: Date): Promise<boolean>
  /** Tokens that open something at `now`, the one that ends first first. */
  list(team: string, now: Date): Promise<{ person: Actor; issuedAt: Date; expires: Date }[]>
}

/** What is kept of a token instead of it: SHA-256, hex. */
export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('hex')
