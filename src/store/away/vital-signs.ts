import type { RunId } from '../../runs/run.js'
import type { LookAtVitalSigns } from '../../runs/vital-signs.js'
import type { Database } from '../database.js'

/** A pulse is written every few seconds; a worker that is silent for longer counts as frozen. */
export function createVitalSigns(
  database: Database,
  due: (now: Date) => Promise<RunId[]>,
  freshMs: number,
): LookAtVitalSigns {
  return async (now) => {
    const [row] = await database.query<{ workers: number; cards: number; since: Date | null }>(lookQuery, [
      now,
      freshMs / 1000,
    ])
    const { workers = 0, cards = 0, since = null } = row ?? {}
    return { workers, waiting: await due(now), untold: { cards, since } }
  }
}

const lookQuery = `with written as (
    insert into shipmate.vital_signs (id, written_at) values (1, $1)
    on conflict (id) do update set written_at = excluded.written_at returning id)
  select (select count(*)::int from shipmate.live_workers(make_interval(secs => $2))) as workers,
    (select count(*)::int from shipmate.runs where stale_since is not null) as cards,
    (select min(stale_since) from shipmate.runs where stale_since is not null) as since
  from written`
