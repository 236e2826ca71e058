import { inZone } from '../clock.js'
import { shownDuration } from '../releases/durations.js'
import type { Holding, RestorePoint, Span } from './backup.js'

/** How a face writes a moment: Slack's token in the reader's own time, or the file's zone. */
export type ShowMoment = (at: Date) => string

export const momentIn =
  (zone: string): ShowMoment =>
  (at) =>
    inZone(at, zone).format('D MMM HH:mm')

/** To the second, where people choose what goes and what comes back. */
export const secondIn =
  (zone: string): ShowMoment =>
  (at) =>
    inZone(at, zone).format('D MMM HH:mm:ss')

/**
 * "recoverable from 12 Nov 02:00 to 26 Nov 14:03 (1 min ago)"; what is missing in between is said. Without WAL only the
 * moments of the backups themselves can be had again.
 */
export function windowWords(held: Pick<Holding, 'backups' | 'spans'>, now: Date, shown: ShowMoment): string {
  const [first] = held.spans
  const last = held.spans.at(-1)
  if (first && last) {
    const behind = Math.max(0, now.getTime() - last.to.getTime())
    const window = `recoverable from ${shown(first.from)} to ${shown(last.to)} (${behind < 1_000 ? 'now' : `${shownDuration(behind)} ago`})`
    const gaps = held.spans.length - 1
    return gaps === 0 ? window : `${window}, ${gapWords(held.spans, shown)}`
  }
  const ends = held.backups.map(({ endedAt }) => endedAt).sort((a, b) => a.getTime() - b.getTime())
  const newest = ends.at(-1)
  if (!newest) return 'nothing can be recovered: there is no backup'
  const moments = ends.length === 1 ? 'one moment' : `${ends.length} moments`
  return `recoverable to ${moments} only, the last ${shown(newest)} (${shownDuration(now.getTime() - newest.getTime())} ago)`
}

function gapWords(spans: Span[], shown: ShowMoment): string {
  const gaps = spans.slice(1).flatMap((span, at) => {
    const before = spans[at]
    return before ? [`${shown(before.to)} to ${shown(span.from)}`] : []
  })
  return `but not ${gaps.slice(0, 3).join(', ')}${gaps.length > 3 ? ` and ${gaps.length - 3} more` : ''}`
}

/** Whether that moment can be had again: it lies within a span, or is the end of a backup where there is no WAL. */
export const isRecoverable = ({ spans, backups }: Pick<Holding, 'spans' | 'backups'>, at: Date): boolean =>
  spans.some(({ from, to }) => from <= at && at <= to) ||
  (spans.length === 0 && backups.some(({ endedAt }) => endedAt.getTime() === at.getTime()))

/** The moment that "the latest" means: to where the data can be brought back. Null when there is nothing. */
export function latestMoment({ spans, backups }: Pick<Holding, 'spans' | 'backups'>): Date | null {
  const moments = [...spans.map(({ to }) => to), ...backups.map(({ endedAt }) => endedAt)]
  return moments.reduce<Date | null>((last, at) => (last && last >= at ? last : at), null)
}

/** A restore point in words: "14:02:31 on 26 Nov". */
export function pointWords(point: RestorePoint, zone: string): string {
  if (point.kind === 'latest') return 'the latest moment'
  if (point.kind === 'time') return inZone(point.at, zone).format('HH:mm:ss [on] D MMM')
  if (point.kind === 'name') return `the point "${point.name}"`
  return point.kind === 'lsn' ? `WAL position ${point.lsn}` : `the end of backup ${point.label}`
}
