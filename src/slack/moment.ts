import { dateToken, duration } from './text.js'

const nearMs = 12 * 60 * 60 * 1000

/** A moment in the reader's own time zone: the time alone when it is near, with its day when not. */
export function momentToken(at: Date, now: Date): string {
  return dateToken(at, Math.abs(at.getTime() - now.getTime()) < nearMs ? 'time' : 'moment')
}

/** The same where seconds decide what is lost. */
export function secondToken(at: Date, now: Date): string {
  return dateToken(at, Math.abs(at.getTime() - now.getTime()) < nearMs ? 'second' : 'moment to the second')
}

/** How far away a moment is; Slack counts by its own clock whenever it draws the message. */
export function leftToken(at: Date, now: Date): string {
  const left = `in ${duration(Math.max(0, at.getTime() - now.getTime()))}`
  return `<!date^${Math.floor(at.getTime() / 1000)}^{ago}|${left}>`
}
