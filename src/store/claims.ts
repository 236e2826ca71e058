import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Claim } from '../runs/ports.js'
import type { RunId } from '../runs/run.js'
import type { ConnectionPlan } from './database.js'
import { createSession } from './session.js'

export type Claims = {
  /** Enlists this worker now instead of at its first run, so that others see that it is there. */
  standBy(): Promise<void>
  claim(run: RunId): Promise<Claim | null>
  release(claim: Claim): Promise<void>
  /** The calls (answers, stops) a worker has seen by loading the run it holds. */
  seen(run: RunId, calls: number): void
  /** A worker that says nothing for so long is hung: others may take its runs over. */
  hungAfterMs: number
  close(): Promise<void>
}

type Held = { abort: AbortController; epoch: number | null; calls: number }

type ClaimsParts = { plan: ConnectionPlan; clock: Clock; log: Log; hungAfterMs: number }

/**
 * Claims of one process: all on one session, so that its loss, however it comes, lets go of every run at once. The
 * session is a worker with a number and a pulse; a worker that others gave up because it was silent drops all it has.
 */
export function createClaims({ plan, clock, log, hungAfterMs }: ClaimsParts): Claims {
  const held = new Map<RunId, Held>()
  const closing = new AbortController()
  let beating: Promise<void> | null = null
  const session = createSession({
    plan,
    log,
    onOpen: async (client) => {
      await client.query(enlisting)
      beating ??= beat()
    },
    onLost: () => loseAll('the database session that held the run is gone'),
  })

  function loseAll(why: string): void {
    const lost = [...held.values()]
    held.clear()
    for (const { abort } of lost) abort.abort(why)
  }

  /** From the loop that carries runs: when that hangs, so does the pulse. */
  async function beat(): Promise<void> {
    for (;;) {
      await clock.sleep(Math.min(longestPauseMs, hungAfterMs / 6), closing.signal)
      if (closing.signal.aborted) return
      await answeredBeat()
    }
  }

  /** A connection may be dead with nobody saying so: without an answer the session, and with it every claim, is given up. */
  async function answeredBeat(): Promise<void> {
    const answered = new AbortController()
    const beating = beatOnce()
      .catch((thrown) => log.warn({ err: thrown }, 'the pulse of this worker could not be written'))
      .finally(() => answered.abort())
    // In parts: after a pause of the whole process the first is over before the answer that has come meanwhile is read.
    for (let part = 0; part < 4 && !answered.signal.aborted; part++)
      await clock.sleep(Math.min(longestSilenceMs, hungAfterMs / 2) / 4, answered.signal)
    if (!answered.signal.aborted) {
      log.warn({}, 'the database does not answer the pulse of this worker; it drops its runs')
      session.cut()
    }
    await beating
  }

  async function beatOnce(): Promise<void> {
    const [row] = await session.query<{ beat: boolean }>('select shipmate.beat()', [], 'beat')
    if (row?.beat) return
    log.warn({ hungAfterMs }, 'this worker was silent for so long that others took over; it drops its runs')
    loseAll('another worker took over while this one was silent')
    await session.query(enlisting)
  }

  async function claim(run: RunId): Promise<Claim | null> {
    if (held.has(run)) return null
    const mine: Held = { abort: new AbortController(), epoch: null, calls: 0 }
    held.set(run, mine)
    try {
      return await claimed(run, mine)
    } finally {
      if (mine.epoch === null && held.get(run) === mine) held.delete(run)
    }
  }

  async function claimed(run: RunId, mine: Held): Promise<Claim | null> {
    const values = [run, hungAfterMs / 1000]
    const [row] = await session.query<{ epoch: number; calls: number }>(claimQuery, values, 'claim')
    if (!row) return null
    mine.epoch = row.epoch
    mine.calls = row.calls
    return { run, epoch: row.epoch, lost: mine.abort.signal }
  }

  async function release(claim: Claim): Promise<void> {
    const mine = held.get(claim.run)
    if (mine?.epoch !== claim.epoch) return
    try {
      await session.query(
        'update shipmate.runs set carrier = null, heeded = greatest(heeded, $3) where id = $1 and epoch = $2',
        [claim.run, claim.epoch, mine.calls],
        'release',
      )
    } catch (thrown) {
      // The session broke: the server has let go of its lock itself, and the run is found as left lying.
      log.warn({ run: claim.run, err: thrown }, 'could not let go of a run in order')
    } finally {
      if (held.get(claim.run) === mine) held.delete(claim.run)
    }
  }

  return {
    // Opening the session enlists.
    standBy: async () => void (await session.query('select')),
    claim,
    release,
    seen: (run, calls) => {
      const mine = held.get(run)
      if (mine) mine.calls = calls
    },
    hungAfterMs,
    close: async () => {
      closing.abort()
      await beating
      await session.close()
      loseAll('the store was closed')
    },
  }
}

/** Between two beats, and for the answer to one: together less than the server waits for a host that fell silent. */
const longestPauseMs = 2_500
const longestSilenceMs = 10_000

const enlisting = 'select shipmate.enlist()'
const claimQuery = 'select epoch, calls from shipmate.claim_run($1, make_interval(secs => $2))'
