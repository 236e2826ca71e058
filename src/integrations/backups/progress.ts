import type { EngineContext } from '../../backups/engine.js'
import { bytes, secondsShown } from '../watched/words.js'

const notOftenerThanMs = 250

/** Tells how far something is, in bytes with rate and time left, no oftener than people can read. */
export function bytesTold(context: EngineContext, doing: string): (done: number, total: number) => void {
  const began = context.clock.now().getTime()
  let told = Number.NEGATIVE_INFINITY
  context.progress({ done: 0, total: 0, text: doing })
  return (done, total) => {
    const now = context.clock.now().getTime()
    if (now - told < notOftenerThanMs && done < total) return
    told = now
    context.progress({ done, total, text: farText(done, total, now - began) })
  }
}

/** "3.2 of 14 GB, 210 MB/s, 52 s left". */
export function farText(done: number, total: number, tookMs: number): string {
  const perSecond = tookMs > 0 ? (done * 1000) / tookMs : 0
  const [far, whole] = [bytes(done), bytes(total)]
  const [amount, unit] = far.split(' ')
  const of = whole.endsWith(` ${unit}`) ? `${amount} of ${whole}` : `${far} of ${whole}`
  if (perSecond === 0 || total === 0) return of
  const left = Math.max(0, total - done) / perSecond
  return `${of}, ${bytes(perSecond)}/s, ${secondsShown(Math.ceil(left))} left`
}
