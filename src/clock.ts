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

/**
 * Aborts after `ms` as a `TimeoutError`, or with the first of the others. A timeout of the platform's own is forgotten by
 * `AbortSignal.any` once memory is collected, and never fires then (seen with Node.js 20), so nothing else limits time here.
 */
export function timeLimit(ms: number, ...others: AbortSignal[]): AbortSignal {
  const limit = new AbortController()
  const over = (reason: unknown) => {
    clearTimeout(timer)
    for (const { signal, heard } of listening) signal.removeEventListener('abort', heard)
    limit.abort(reason)
  }
  const listening = others.map((signal) => ({ signal, heard: () => over(signal.reason) }))
  const timer = setTimeout(() => over(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), ms)
  timer.unref()
  for (const { signal, heard } of listening) signal.addEventListener('abort', heard, { once: true })
  const first = others.find(({ aborted }) => aborted)
  if (first) over(first.reason)
  return limit.signal
}

/** A moment in a named time zone, for schedules and freezes. */
export function inZone(at: Date, zone: string): Dayjs {
  return dayjs(at).tz(zone)
}

/** What a named zone's clocks show, as `2026-12-01 18:00:00`; far cheaper than a calendar's moment. */
export function wallClock(at: Date, zone: string): string {
  let face = faces.get(zone)
  if (!face) {
    const two = '2-digit' as const
    const parts = { year: 'numeric' as const, month: two, day: two, hour: two, minute: two, second: two }
    // Swedish dates are written as ISO 8601 has them.
    face = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, hourCycle: 'h23', ...parts })
    faces.set(zone, face)
  }
  return face.format(at)
}

/** One for each zone that was asked for: making one costs a thousand times what asking it does. */
const faces = new Map<string, Intl.DateTimeFormat>()

/**
 * A day (`2026-12-01`) and a time of day (`18:00`) as a named zone's clocks show them. Where they skip it, the moment
 * after the gap; where they show it twice, the first.
 */
export function zonedMoment(day: string, time: string, zone: string): Date {
  const wanted = `${day} ${time}:00`
  const asUtc = Date.parse(`${day}T${time}:00Z`)
  const offsetAt = (at: number) => Date.parse(`${wallClock(new Date(at), zone).replace(' ', 'T')}Z`) - at
  // Zones are at most fourteen hours from UTC, and the offset in force is that of a few hours before or after.
  const offsets = [-24, 24].map((hours) => offsetAt(asUtc + hours * 3_600_000))
  const moments = [...new Set(offsets)].map((offset) => new Date(asUtc - offset)).sort((a, b) => +a - +b)
  return moments.find((at) => wallClock(at, zone) === wanted) ?? moments.at(-1) ?? new Date(asUtc)
}
