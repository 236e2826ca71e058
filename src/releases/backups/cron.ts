import { Cron } from 'croner'

/**
 * Moments that a cron text names, as a named zone's clocks show them. A moment that they skip comes right after the gap,
 * one that they show twice comes once.
 */
export function isCron(text: string): boolean {
  try {
    return opened(text, 'UTC').nextRun(new Date('2024-01-01T00:00:00Z')) !== null
  } catch {
    return false
  }
}

/** The last moment at or before `now`; null when there never was one. */
export function lastMoment(text: string, zone: string, now: Date): Date | null {
  // The library looks strictly before, and counts whole seconds.
  const [moment] = opened(text, zone).previousRuns(1, new Date(now.getTime() + 1))
  return moment ?? null
}

/** The first moment after `now`. */
export const nextMoment = (text: string, zone: string, now: Date): Date | null => opened(text, zone).nextRun(now)

/** How many there were after `from`, up to and with `to`; at most `most`. */
export function countMoments(text: string, zone: string, from: Date, to: Date, most = 200): number {
  const moments = opened(text, zone).enumerate(from)
  let count = 0
  for (const moment of moments) {
    if (moment > to || count >= most) break
    count += 1
  }
  return count
}

/** Those after `from`, up to and with `to`, oldest first; of more than `most` the newest. */
export function momentsBetween(text: string, zone: string, from: Date, to: Date, most = 500): Date[] {
  const moments: Date[] = []
  for (const moment of opened(text, zone).enumerate(from)) {
    if (moment > to) break
    moments.push(moment)
    if (moments.length > most)
      return opened(text, zone)
        .previousRuns(most, new Date(to.getTime() + 1))
        .reverse()
  }
  return moments
}

const schedules = new Map<string, Cron>()

function opened(text: string, zone: string): Cron {
  const key = `${zone} ${text}`
  const known = schedules.get(key)
  if (known) return known
  const made = new Cron(text, { timezone: zone, paused: true })
  schedules.set(key, made)
  return made
}
