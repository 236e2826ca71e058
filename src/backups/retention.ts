import { wallClock } from '../clock.js'
import type { Keep } from '../releases/sections/backups.js'
import type { Backup } from './backup.js'

/** What decides about one backup: `proven` when a drill has restored it. */
export type Held = Pick<Backup, 'label' | 'kind' | 'parent' | 'endedAt' | 'faults'> & { proven: boolean }

export type Rotation = { keep: string[]; remove: string[] }

/**
 * Which backups stay and which go. Kept are the newest one, the last proven one, the newest so many fulls, all that is
 * needed to bring back any moment of the last so many days, the last one of each hour, day, week and month that is asked
 * for, and whatever one of these needs. What an engine found faulty counts for none of it.
 */
export function rotation(held: Held[], keep: Keep, zone: string, now: Date): Rotation {
  const newestFirst = [...held].sort((a, b) => b.endedAt.getTime() - a.endedAt.getTime())
  const sound = newestFirst.filter(({ faults }) => faults.length === 0)
  const fulls = sound.filter(({ kind }) => kind === 'full')
  const wanted = [
    ...newestFirst.slice(0, 1),
    ...sound.slice(0, 1),
    ...sound.filter(({ proven }) => proven).slice(0, 1),
    ...fulls.slice(0, Math.max(1, keep.fulls)),
    ...ofTheLastDays(sound, keep.days, now),
    ...tiers.flatMap((tier) => lastOfEach(sound, keep[tier], (at) => sliceOf(tier, at, zone))),
  ]
  const stays = withParents(wanted, held)
  const labels = (all: Held[]) => all.map(({ label }) => label)
  return {
    keep: labels(held.filter(({ label }) => stays.has(label))),
    remove: labels(held.filter(({ label }) => !stays.has(label))),
  }
}

/** "the newest 2 fulls, any moment of the last 14 days, one of each of 4 weeks; always the last proven one". */
export function keepsWords({ fulls, days, hourly, daily, weekly, monthly }: Keep): string {
  const tiers = [
    ...(hourly ? [`${hourly} hours`] : []),
    ...(daily ? [`${daily} days`] : []),
    ...(weekly ? [`${weekly} weeks`] : []),
    ...(monthly ? [`${monthly} months`] : []),
  ]
  const parts = [
    fulls === 1 ? 'the newest full' : `the newest ${fulls} fulls`,
    ...(days ? [`any moment of the last ${days === 1 ? 'day' : `${days} days`}`] : []),
    ...(tiers.length > 0 ? [`the last of each of ${tiers.join(', ')}`] : []),
  ]
  return `${parts.join(', ')}; always the last proven one and what it needs`
}

/** Those of these days, and the one before them: WAL leads from it to their first moment. */
function ofTheLastDays(newestFirst: Held[], days: number, now: Date): Held[] {
  if (days === 0) return []
  const from = now.getTime() - days * dayMs
  const before = newestFirst.find(({ endedAt }) => endedAt.getTime() <= from)
  return [...newestFirst.filter(({ endedAt }) => endedAt.getTime() > from), ...(before ? [before] : [])]
}

const dayMs = 86_400_000

type Tier = 'hourly' | 'daily' | 'weekly' | 'monthly'
const tiers: Tier[] = ['hourly', 'daily', 'weekly', 'monthly']

/** The last one of each of the newest so many slices of time that have one. */
function lastOfEach(newestFirst: Held[], count: number, sliceOfTime: (at: Date) => string): Held[] {
  const kept: Held[] = []
  let slice = ''
  for (const one of newestFirst) {
    if (kept.length >= count) break
    const own = sliceOfTime(one.endedAt)
    if (own === slice) continue
    slice = own
    kept.push(one)
  }
  return kept
}

/** By the zone's own calendar; an hour is one of sixty minutes, also where the clocks show it twice. */
function sliceOf(tier: Tier, at: Date, zone: string): string {
  if (tier === 'hourly') return at.toISOString().slice(0, 13)
  const day = wallClock(at, zone).slice(0, 10)
  if (tier === 'daily') return day
  if (tier === 'monthly') return day.slice(0, 7)
  // Weeks begin on Monday; the first day of 1970 was a Thursday.
  return `week ${Math.floor((Date.parse(day) / dayMs + 3) / 7)}`
}

function withParents(wanted: Held[], held: Held[]): Set<string> {
  const known = new Map(held.map((one) => [one.label, one]))
  const stays = new Set<string>()
  const stay = ({ label, parent }: Held): void => {
    if (stays.has(label)) return
    stays.add(label)
    const needed = parent === null ? undefined : known.get(parent)
    if (needed) stay(needed)
  }
  for (const one of wanted) stay(one)
  return stays
}
