import dayjs, { type Dayjs } from 'dayjs'
import timezone from 'dayjs/plugin/timezone.js'
import utc from 'dayjs/plugin/utc.js'

dayjs.extend(utc)
dayjs.extend(timezone)

/** The only place that asks the time; everything that decides takes a moment as an argument. */
export type Clock = {
  now(): Date
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
    }),
}

/** A moment in a named time zone, for schedules and freezes. */
export function inZone(at: Date, zone: string): Dayjs {
  return dayjs(at).tz(zone)
}

/**
 * A day (`2026-12-01`) and a time of day (`18:00`) as a named zone's clocks show them. Where they skip it, the moment
 * after the gap; where they show it twice, the first.
 */
export function zonedMoment(day: string, time: string, zone: string): Date {
  const shown = (at: Date) => inZone(at, zone).format('YYYY-MM-DD HH:mm')
  const wanted = `${day} ${time}`
  const asUtc = Date.parse(`${day}T${time}:00Z`)
  // Zones are at most fourteen hours from UTC, and the offset in force is that of a few hours before or after.
  const offsets = [-24, 24].map((hours) => inZone(new Date(asUtc + hours * 3_600_000), zone).utcOffset())
  const moments = [...new Set(offsets)].map((offset) => new Date(asUtc - offset * 60_000)).sort((a, b) => +a - +b)
  return moments.find((at) => shown(at) === wanted) ?? moments.at(-1) ?? new Date(asUtc)
}
