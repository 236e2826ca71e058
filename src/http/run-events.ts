import type { ServerResponse } from 'node:http'
import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Signals } from '../runs/ports.js'
import { hasEnded, type RunId, type RunView } from '../runs/run.js'

export type RunEventParts = {
  view(run: RunId): Promise<RunView | null>
  signals: Signals
  clock: Clock
  log: Log
}

/** A signal may be missed, so the run is looked at this often anyway, in milliseconds. */
const lookAgain = 2_000

/** Writes the run as a server-sent event at each change until it has ended, the listener left or `stop` aborts. */
export async function sendRunEvents(parts: RunEventParts, run: RunId, out: ServerResponse, stop: AbortSignal) {
  out.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  const bell = createBell()
  const hangUp = parts.signals.onRun((changed) => changed.run === run && bell.ring())
  out.once('close', bell.ring)
  stop.addEventListener('abort', bell.ring)
  let sent = ''
  while (!stop.aborted && !out.destroyed) {
    const view = await lookAt(parts, run)
    const text = view ? JSON.stringify(view) : sent
    out.write(text === sent ? ': still here\n\n' : `event: run\ndata: ${text}\n\n`)
    sent = text
    if (view && hasEnded(view.run.state)) break
    await bell.next(parts.clock)
  }
  hangUp()
  stop.removeEventListener('abort', bell.ring)
  out.end()
}

async function lookAt(parts: RunEventParts, run: RunId): Promise<RunView | null> {
  try {
    return await parts.view(run)
  } catch (error) {
    parts.log.warn({ run, error: String(error) }, 'could not look at a run that somebody watches')
    return null
  }
}

// A ring while nobody waits is kept, so that a change between two looks is not slept over.
function createBell() {
  let rung = new AbortController()
  const ring = () => rung.abort()
  const next = async (clock: Clock) => {
    await clock.sleep(lookAgain, rung.signal)
    rung = new AbortController()
  }
  return { ring, next }
}
