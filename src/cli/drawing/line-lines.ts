import { inZone } from '../../clock.js'
import type { PlaceLine } from '../../commands/reply.js'
import { shownDuration } from '../../releases/durations.js'
import type { LockHolder } from '../../runs/ports.js'
import { plain } from './plain.js'
import { runLine, subjectOf } from './run-lines.js'

/** A place with who holds it and who waits, as lines. */
export function placeLines(place: PlaceLine, now: Date): string[] {
  return [
    `${plain(place.service)} in ${plain(place.environment)} · ${holderWords(place, now)}`,
    ...place.waiting.map((run, at) => `  ${at + 1}. ${runLine(run)}`),
    ...(place.clear ? [`  ${plain(place.clear)}`] : []),
  ]
}

function holderWords({ holder, working }: PlaceLine, now: Date): string {
  if (!holder) return 'nobody holds it'
  if (holder.run === null) return lockWords(holder, now)
  const what = working ? ` (${subjectOf(working)})` : ''
  return `#${holder.run}${what} is at work since ${shownMoment(holder.since, now)}, asked by ${plain(holder.by.name)}`
}

/** "locked by Marco since 14:02, until 16:00 (48 min left): exam week", in the zone of this machine. */
export function lockWords({ by, since, expires, reason }: LockHolder, now: Date): string {
  const left = expires ? shownDuration(Math.max(0, expires.getTime() - now.getTime())) : ''
  const until = expires ? `, until ${shownMoment(expires, now)} (${left} left)` : ''
  return `locked by ${plain(by.name)} since ${shownMoment(since, now)}${until}: ${plain(reason)}`
}

const near = 12 * 3_600_000

function shownMoment(at: Date, now: Date): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return inZone(at, timeZone).format(Math.abs(at.getTime() - now.getTime()) < near ? 'HH:mm' : 'YYYY-MM-DD HH:mm')
}
