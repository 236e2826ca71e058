import { randomBytes } from 'node:crypto'

export type Ids = {
  /** A new id as Slack's look: the prefix and ten capitals or digits. */
  next(prefix: string): string
  /** A message's name and moment, `seconds.micros`; never the same twice, never going back. */
  ts(): string
  /** An unguessable word for paths and tickets. */
  secret(): string
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789'

/** `newest` is the latest ts that was ever given, so that a restart goes on after it. */
export function createIds(now: () => number, newest: string | undefined): Ids {
  let lastMicros = newest ? Math.round(Number(newest) * 1e6) : 0
  return {
    next: (prefix) => prefix + [...randomBytes(10)].map((byte) => LETTERS[byte % LETTERS.length]).join(''),
    ts() {
      lastMicros = Math.max(lastMicros + 1, now() * 1000)
      return microsToTs(lastMicros)
    },
    secret: () => randomBytes(16).toString('hex'),
  }
}

function microsToTs(micros: number): string {
  const seconds = Math.floor(micros / 1e6)
  return `${seconds}.${String(Math.floor(micros - seconds * 1e6)).padStart(6, '0')}`
}
