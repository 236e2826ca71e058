import type { EngineContext } from '../../../backups/engine.js'
import { secondsShown, bytes as shownBytes } from '../../watched/words.js'

const everyMs = 250

/** Tells progress in bytes, with the rate and the time left, as often as people can read it. */
export type Pace = {
  (more: number, total: number): void
  /** Once more, at the end. */
  end(): void
}

export function pace({ clock, progress }: EngineContext, verb: string): Pace {
  const began = clock.now().getTime()
  let [done, total, toldAt] = [0, 0, 0]
  const tell = () => {
    const now = clock.now().getTime()
    toldAt = now
    progress({ done, total: Math.max(total, done), text: shownPace({ done, total, ms: now - began, verb }) })
  }
  const see = (more: number, of: number) => {
    done += more
    total = of
    if (clock.now().getTime() - toldAt >= everyMs) tell()
  }
  return Object.assign(see, {
    end() {
      total = done
      tell()
    },
  })
}

/** "3.2 of 14 GB read, 210 MB/s, 52 s left". */
export function shownPace({
  done,
  total,
  ms,
  verb,
}: {
  done: number
  total: number
  ms: number
  verb: string
}): string {
  const perSecond = ms < 200 ? 0 : (done / ms) * 1000
  const of = total > done ? `${shownBytes(done)} of ${shownBytes(total)} ${verb}` : `${shownBytes(done)} ${verb}`
  if (perSecond === 0) return of
  const left = total > done ? `, ${secondsShown((total - done) / perSecond)} left` : ''
  return `${of}, ${shownBytes(perSecond)}/s${left}`
}
