import { inZone, zonedMoment } from '../clock.js'
import { parseDuration } from './durations.js'

/** When something ends, as a person says it: after so long, or at a time of day in that person's zone. */
export type Until = { afterMs: number } | { day: Day | null; time: string }

/** `2026-12-01`, or by name. */
export type Day = string

/** What the first words say about an end, and the words left over; a problem when they say one that makes no sense. */
export type UntilRead = { until: Until | null; rest: string[] } | { problem: string }

/**
 * Reads "for 2h", "2h", "for 2 hours", "until 18:00", "until 6pm", "until tomorrow 9:00", "until fri 17:30",
 * "until 2026-12-01 18:00". Words that begin like one and go on otherwise ("for the exam", "until the disk is back") are
 * left: they are a reason.
 */
export function readUntil(words: string[]): UntilRead {
  const [first = '', ...rest] = words
  if (/^for$/i.test(first)) return afterFor(rest, words)
  if (/^(until|till)$/i.test(first)) return afterUntil(rest, words)
  const ms = parseDuration(first)
  return ms === null ? { until: null, rest: words } : { until: { afterMs: ms }, rest }
}

function afterFor(words: string[], all: string[]): UntilRead {
  const [first = '', second = '', ...rest] = words
  const ms = parseDuration(first)
  if (ms !== null) return { until: { afterMs: ms }, rest: words.slice(1) }
  const unit = unitOf(second)
  if (/^\d{1,6}$/.test(first) && unit !== null) return { until: { afterMs: Number(first) * unit }, rest }
  if (/^\d/.test(first))
    return { problem: `I cannot read "for ${[first, second].join(' ').trim()}" as a length of time.` }
  return { until: null, rest: all }
}

function afterUntil(words: string[], all: string[]): UntilRead {
  const [first = '', second = '', ...rest] = words
  const time = timeOf(first)
  if (time !== null) return { until: { day: null, time }, rest: words.slice(1) }
  const day = dayOf(first)
  if (day === null)
    return /^\d/.test(first) ? { problem: `I cannot read "${first}" as a time.` } : { until: null, rest: all }
  const at = timeOf(/^at$/i.test(second) ? (rest[0] ?? '') : second)
  if (at === null) return { problem: `Say the time too, such as: until ${first} 18:00.` }
  return { until: { day, time: at }, rest: /^at$/i.test(second) ? rest.slice(1) : rest }
}

const units: [pattern: RegExp, ms: number][] = [
  [/^(s|secs?|seconds?)$/i, 1_000],
  [/^(m|mins?|minutes?)$/i, 60_000],
  [/^(h|hrs?|hours?)$/i, 3_600_000],
  [/^(d|days?)$/i, 86_400_000],
]
const unitOf = (word: string) => units.find(([pattern]) => pattern.test(word))?.[1] ?? null

/** "18:00", "9:05", "18.00", "6pm", "6:30pm", "noon" as HH:MM; null for any other word. */
function timeOf(word: string): string | null {
  if (/^noon$/i.test(word)) return '12:00'
  const match = /^(\d{1,2})(?:[:.](\d{2}))?(am|pm)?$/i.exec(word)
  const [, hours = '', minutes, half] = match ?? []
  if (!match || (minutes === undefined && half === undefined)) return null
  const said = Number(hours)
  if (half !== undefined && (said < 1 || said > 12)) return null
  const hour = half === undefined ? said : (said % 12) + (/pm/i.test(half) ? 12 : 0)
  const minute = Number(minutes ?? 0)
  return hour > 23 || minute > 59 ? null : `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

function dayOf(word: string): Day | null {
  const name = word.toLowerCase()
  if (name === 'today' || name === 'tomorrow') return name
  if (/^\d{4}-\d{2}-\d{2}$/.test(name)) return Number.isNaN(Date.parse(name)) ? null : name
  return weekdays.find((day) => name === day || (name.length >= 3 && day.startsWith(name))) ?? null
}

/** The moment that is meant, in the zone of who said it; null when it is over already. A time alone is the next such. */
export function endOf(until: Until, now: Date, zone: string): Date | null {
  if ('afterMs' in until) return until.afterMs > 0 ? new Date(now.getTime() + until.afterMs) : null
  const today = inZone(now, zone).format('YYYY-MM-DD')
  const candidates = daysMeant(until.day, today).map((day) => zonedMoment(day, until.time, zone))
  return candidates.find((moment) => moment > now) ?? null
}

function daysMeant(day: Day | null, today: string): string[] {
  if (day === null) return [today, plusDays(today, 1)]
  if (day === 'today') return [today]
  if (day === 'tomorrow') return [plusDays(today, 1)]
  const weekday = weekdays.indexOf(day)
  if (weekday < 0) return [day]
  const ahead = (weekday - new Date(`${today}T00:00:00Z`).getUTCDay() + 7) % 7
  return [plusDays(today, ahead), plusDays(today, ahead + 7)]
}

function plusDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10)
}
