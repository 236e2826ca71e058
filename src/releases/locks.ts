import type { LockHolder } from '../runs/ports.js'
import { shownDuration } from './durations.js'

/** The lock a person holds on a resource by hand; runs' own locks only make others wait in line. */
export function heldByHand(holders: LockHolder[], resource: string, now: Date): LockHolder | null {
  const held = (holder: LockHolder) => holder.resource === resource && holder.run === null && lasts(holder, now)
  return holders.find(held) ?? null
}

/** "Marco, for 12 min, 48 min left: exam week". */
export function shownLock({ by, since, expires, reason }: LockHolder, now: Date): string {
  const left = expires ? `, ${shownDuration(expires.getTime() - now.getTime())} left` : ''
  return `${by.name}, for ${shownDuration(Math.max(1_000, now.getTime() - since.getTime()))}${left}: ${reason}`
}

const lasts = ({ expires }: LockHolder, now: Date) => expires === null || expires > now
