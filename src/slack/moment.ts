import { dateToken } from './text.js'

const nearMs = 12 * 60 * 60 * 1000

/** A moment in the reader's own time zone: the time alone when it is near, with its day when not. */
export function momentToken(at: Date, now: Date): string {
  return dateToken(at, Math.abs(at.getTime() - now.getTime()) < nearMs ? 'time' : 'moment')
}
