import type { LockHolder } from '../runs/ports.js'
import type { RunRecord } from '../runs/run.js'
import { shownDuration } from './durations.js'

/** The lock a person holds on a resource by hand; runs' own locks only make others wait in line. */
export function heldByHand(holders: LockHolder[], resource: string, now: Date): LockHolder | null {
  const held = (holder: LockHolder) => holder.resource === resource && isByHand(holder, now)
  return holders.find(held) ?? null
}

/** Whether a person holds it, and still does. */
export const isByHand = ({ run, expires }: LockHolder, now: Date): boolean =>
  run === null && (expires === null || expires > now)

/** "Marco, for 12 min, 48 min left: exam week". */
export function shownLock({ by, since, expires, reason }: LockHolder, now: Date): string {
  const left = expires ? `, ${shownDuration(Math.max(0, expires.getTime() - now.getTime()))} left` : ''
  return `${by.name}, for ${shownDuration(Math.max(1_000, now.getTime() - since.getTime()))}${left}: ${reason}`
}

/** Live runs that want a resource, in the order in which they get it: who holds locks, then by priority, then by asking. */
export function inLine(runs: RunRecord[], resource: string): RunRecord[] {
  return runs
    .filter(({ resources, endedAt }) => endedAt === null && resources.includes(resource))
    .sort((a, b) => Number(b.holdsLocks) - Number(a.holdsLocks) || b.priority - a.priority || a.id - b.id)
}
