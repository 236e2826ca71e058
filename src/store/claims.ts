import type { Log } from '../log.js'
import type { Claim } from '../runs/ports.js'
import type { RunId } from '../runs/run.js'
import type { ConnectionPlan } from './database.js'
import { createSession } from './session.js'

/** First key of the advisory locks that say "a live session carries this run"; the second is the run. */
export const claimSpace = 1936222576

export type Claims = {
  claim(run: RunId): Promise<Claim | null>
  release(claim: Claim): Promise<void>
  /** The calls (answers, stops) a worker has seen by loading the run it holds. */
  seen(run: RunId, calls: number): void
  close(): Promise<void>
}

type Held = { abort: AbortController; epoch: number | null; calls: number }

const claimQuery = `with locked as materialized (select pg_try_advisory_lock(${claimSpace}, $1::int) as got),
  claimed as (
    update shipmate.runs set epoch = nextval('shipmate.epochs'), carried = true
    from locked where locked.got and id = $1 and ended_at is null returning epoch, calls)
  select locked.got, claimed.epoch, claimed.calls from locked left join claimed on true`

/** Claims of one process: all on one session, so that its loss, however it comes, lets go of every run at once. */
export function createClaims(plan: ConnectionPlan, log: Log): Claims {
  // The server counts a session's second lock as another hold, so what is held here is remembered here.
  const held = new Map<RunId, Held>()
  const session = createSession({ plan, log, onLost: loseAll })

  function loseAll(): void {
    const lost = [...held.values()]
    held.clear()
    for (const { abort } of lost) abort.abort('the database session that held the run is gone')
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
    const [row] = await session.query<{ got: boolean; epoch: number | null; calls: number | null }>(claimQuery, [run])
    if (!row?.got) return null
    if (row.epoch === null) {
      await unlock(run)
      return null
    }
    mine.epoch = row.epoch
    mine.calls = row.calls ?? 0
    return { run, epoch: row.epoch, lost: mine.abort.signal }
  }

  async function release(claim: Claim): Promise<void> {
    const mine = held.get(claim.run)
    if (mine?.epoch !== claim.epoch) return
    try {
      await session.query(
        'update shipmate.runs set carried = false, heeded = greatest(heeded, $3) where id = $1 and epoch = $2',
        [claim.run, claim.epoch, mine.calls],
      )
      if (held.get(claim.run) === mine) await unlock(claim.run)
    } catch (thrown) {
      // The session broke: the server has let go of the lock itself, and the run is found as left lying.
      log.warn({ run: claim.run, err: thrown }, 'could not let go of a run in order')
    } finally {
      if (held.get(claim.run) === mine) held.delete(claim.run)
    }
  }

  const unlock = (run: RunId) => session.query(`select pg_advisory_unlock(${claimSpace}, $1::int)`, [run])

  return {
    claim,
    release,
    seen: (run, calls) => {
      const mine = held.get(run)
      if (mine) mine.calls = calls
    },
    close: async () => {
      await session.close()
      loseAll()
    },
  }
}
