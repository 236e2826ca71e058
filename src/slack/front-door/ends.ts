import type { Clock } from '../../clock.js'
import { asShipmateError } from '../../errors.js'
import type { Log } from '../../log.js'
import type { End, Inbox } from '../../runs/inbox.js'

/** Takes note of how one parcel ended. */
export type Ends<Ended extends End> = (end: Ended) => void

/** Nobody waits for these marks, so they are gathered that long and written many at a time. */
const gatherMs = 20
const most = 1_000

/** Writes how parcels ended; `written` gets those whose end is in the database, or never will be. */
export function createEnds<Ended extends End>(
  { inbox, clock, log }: { inbox: Inbox; clock: Clock; log: Log },
  written: (ends: Ended[]) => void,
): Ends<Ended> {
  let waiting: Ended[] = []
  let under = false

  function gather(): void {
    if (under || waiting.length === 0) return
    under = true
    setTimeout(() => void write(), gatherMs)
  }

  async function write(): Promise<void> {
    const ends = waiting.slice(0, most)
    waiting = waiting.slice(most)
    try {
      await mark(ends)
    } catch (thrown) {
      log.error({ err: thrown, keys: ends.map(({ key }) => key) }, 'how these ended could not be written')
    }
    written(ends)
    under = false
    gather()
  }

  /** Handled is handled: while the database is away this waits, instead of letting it be handled once more. */
  async function mark(ends: End[]): Promise<void> {
    for (let pause = 50; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        return await inbox.done(ends)
      } catch (thrown) {
        if (!asShipmateError(thrown).transient) throw thrown
        await clock.sleep(pause)
      }
    }
  }

  return (end) => {
    waiting.push(end)
    gather()
  }
}
