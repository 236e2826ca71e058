import type { Clock } from '../clock.js'
import { shownDuration } from '../releases/durations.js'
import type { Progress } from '../runs/step.js'
import { shownBytes } from './sizes.js'

export type Reading = { done: number; total: number; tookMs: number }

/** "3.2 of 14 GB, 210 MB/s, 52 s left"; without a total "3.2 GB, 210 MB/s". Nothing is guessed in the first half second. */
export function readingWords({ done, total, tookMs }: Reading): string {
  const rate = tookMs < settling ? 0 : (done / tookMs) * 1_000
  const amount = total > 0 ? `${amountOf(done, total)} of ${shownBytes(total)}` : shownBytes(done)
  if (rate <= 0) return amount
  const left = total > done ? `, ${shownDuration(Math.max(1_000, ((total - done) / rate) * 1_000))} left` : ''
  return `${amount}, ${shownBytes(rate)}/s${left}`
}

const settling = 500

/** Without its unit where both have the same one. */
function amountOf(done: number, total: number): string {
  const [number = '', unit] = shownBytes(done).split(' ')
  return shownBytes(total).endsWith(` ${unit}`) ? number : shownBytes(done)
}

/** Tells how many bytes are done, with their rate, from the moment it is made. */
export function createMeter(clock: Clock, total: number, progress: (progress: Progress) => void) {
  const began = clock.now().getTime()
  return (done: number): void => {
    const tookMs = clock.now().getTime() - began
    progress({ done, total, text: readingWords({ done, total, tookMs }) })
  }
}
