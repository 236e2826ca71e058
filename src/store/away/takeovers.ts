import type { Actor, RunId } from '../../runs/run.js'
import type { LiveWorker, Takeovers } from '../../runs/takeover.js'
import type { Database } from '../database.js'
import { auditText, toJson, wordsHash } from '../rows.js'

export function createTakeovers(database: Database, hungAfterMs: number): Takeovers {
  return {
    workers: () => database.query<LiveWorker>(workersQuery, [hungAfterMs / 1000]),
    begun: async (by, reason, runs, at) => {
      await outside(database, by, 'began a takeover', { runs, ...wordsHash(reason) }, at)
      for (const run of runs) await takeOver(database, run, by, reason, at)
    },
    ended: (by, runs, at) => outside(database, by, 'ended a takeover', { runs }, at),
  }
}

const workersQuery = `select w.number, w.beat_at as "beatAt",
    coalesce(jsonb_agg(r.id order by r.id) filter (where r.id is not null), '[]') as runs
  from shipmate.workers w left join shipmate.runs r on r.carrier = w.number and r.ended_at is null
  where w.number in (select shipmate.live_workers(make_interval(secs => $1)))
  group by w.number, w.beat_at order by w.number`

async function takeOver(database: Database, run: RunId, by: Actor, reason: string, at: Date): Promise<void> {
  const entry = auditText({ actor: by, act: 'took it over', subject: { via: 'terminal', ...wordsHash(reason) } }, at)
  const post = `${by.name} carries this on from a terminal, because no Shipmate does: ${reason}`
  const values = [run, toJson({ by, reason, at }), entry, post.replaceAll('\0', '')]
  await database.query('select shipmate.take_over_run($1, $2, $3, $4)', values)
}

type Subject = Parameters<typeof auditText>[0]['subject']

async function outside(database: Database, actor: Actor, act: string, subject: Subject, at: Date): Promise<void> {
  await database.query('select shipmate.append_outside($1)', [auditText({ actor, act, subject }, at)])
}
