import type { Clock } from '../clock.js'
import { asShipmateError, ShipmateError } from '../errors.js'
import { onePerStep } from '../runs/applied.js'
import type { Claim, LockHolder, RunChange, RunStore } from '../runs/ports.js'
import type { RunId } from '../runs/run.js'
import type { Claims } from './claims.js'
import type { Database } from './database.js'
import { createGroup } from './group.js'
import { auditText, type LockRow, lockHolder, runView, toJson, type ViewRow, viewQuery } from './rows.js'
import { type Chain, createChain } from './writing/chain.js'
import type { Pace } from './writing/pace.js'
import { stepStatement, stepValues } from './writing/step-write.js'

export type RunStoreParts = {
  database: Database
  /** For writes that wait for nobody in a line. */
  lanes: Database
  claims: Claims
  clock: Clock
  pace: Pace
}

/** What carrying runs needs, on PostgreSQL: session locks for life, epochs for fencing. */
export function createRunStore({ database, lanes, claims, clock, pace }: RunStoreParts): RunStore {
  const chains = new WeakMap<Claim, Chain>()
  const chainOf = (claim: Claim): Chain => {
    const chain = chains.get(claim) ?? createChain(claim.run)
    chains.set(claim, chain)
    return chain
  }
  const together = createGroup((writes: Write[]) => writeAll(lanes, writes))
  return {
    claim: claims.claim,
    release: claims.release,
    load: async (run) => {
      const [row] = await database.query<ViewRow>(viewQuery, [run], 'view')
      if (row) claims.seen(run, row.calls)
      return row ? runView(row) : null
    },
    write: async (claim, change) => {
      if (claim.lost.aborted) return false
      const { run, epoch } = claim
      const write = { run, epoch, change, at: clock.now(), told: told(pace, claim, change), chain: chainOf(claim) }
      return change.ended || change.plan ? writeOne(database, write) : together(write)
    },
    lock: (claim) => lock(database, claim, clock.now()),
    due: (now) => due(database, now, claims.hungAfterMs),
  }
}

type Write = { run: RunId; epoch: number; change: RunChange; at: Date; told: boolean; chain: Chain }

/** How far steps are may be told a moment later; everything else at once. */
function told(pace: Pace, { run, epoch }: Claim, change: RunChange): boolean {
  const { steps: _steps, audit: _audit, ...rest } = change
  return Object.keys(rest).length > 0 || pace.tellsNow(run, epoch)
}

async function writeOne(database: Database, write: Write): Promise<boolean> {
  const { run, epoch, change, at, told, chain } = write
  const step = stepValues(change, at, chain)
  if (step) return writeStep(database, write, step)
  const values = [run, epoch, toJson(storable(change, at, told)), at]
  const statement = 'select shipmate.write_run($1, $2, $3, $4) as written'
  const [row] = await database.query<{ written: boolean }>(statement, values, 'write-run')
  return row?.written ?? false
}

async function writeStep(
  database: Database,
  { run, epoch, at, told, chain }: Write,
  step: unknown[],
): Promise<boolean> {
  const values = [run, epoch, at.toISOString(), told, ...step]
  chain.forgotten()
  const [row] = await database.query<{ written: string | null }>(stepStatement.text, values, stepStatement.name)
  if (!row?.written) return false
  chain.known(row.written)
  return true
}

/** One commit for all of them; if one is refused, each goes alone, so that it fails nobody but itself. */
async function writeAll(database: Database, writes: Write[]): Promise<Promise<boolean>[]> {
  if (writes.length === 1) return writes.map((write) => writeOne(database, write))
  try {
    const all = writes.map(({ run, epoch, change, at, told }) => ({
      run,
      epoch,
      at,
      change: storable(change, at, told),
    }))
    const query = 'select shipmate.write_runs($1) as written'
    const [row] = await database.query<{ written: boolean[] }>(query, [toJson(all)], 'write-runs')
    return writes.map(async (_, n) => row?.written[n] ?? false)
  } catch (thrown) {
    if (asShipmateError(thrown).transient) throw thrown
    return writes.map((write) => writeOne(database, write))
  }
}

/** The change as write_run reads it: audit entries as the text that is hashed, one change a step. */
function storable(change: RunChange, at: Date, told: boolean): object {
  return {
    ...change,
    audit: change.audit?.map((entry) => auditText(entry, at)),
    steps: change.steps && onePerStep(change.steps),
    ...(!told && { quiet: true }),
  }
}

async function lock(
  database: Database,
  claim: Claim,
  at: Date,
): Promise<{ ok: true } | { ok: false; holder: LockHolder }> {
  const entry = auditText({ actor: null, act: 'took its locks', subject: { epoch: claim.epoch } }, at)
  for (;;) {
    const [row] = await database.query<{ resource: string | null; behind: number | null }>(
      'select resource, behind from shipmate.take_turn($1, $2, $3, $4)',
      [claim.run, claim.epoch, entry, at],
      'take-locks',
    )
    if (!row || row.resource === null)
      throw new ShipmateError('lost', 'claim-lost', `run #${claim.run} is carried by another worker`)
    if (row.resource === '') return { ok: true }
    const holder = await inTheWay(database, row.resource, row.behind)
    // Gone in between: the next try may take it.
    if (holder) return { ok: false, holder }
  }
}

/** Who holds it, or the run that goes first there. */
async function inTheWay(database: Database, resource: string, behind: number | null): Promise<LockHolder | null> {
  const query =
    behind === null
      ? 'select * from shipmate.locks where resource = $1'
      : `select $1::text as resource, id as run, requested_by as held_by, coalesce(intent ->> 'job', '') as reason,
          created_at as since, null as expires from shipmate.runs where id = $2 and ended_at is null`
  const [row] = await database.query<LockRow>(query, behind === null ? [resource] : [resource, behind])
  return row ? lockHolder(row) : null
}

/** Who may go is told for all lines in one look: by the rule of may_go, asked of each run it costs the square of a line. */
const dueQuery = `with live as materialized (select shipmate.live_workers(make_interval(secs => $2)) as number),
  placed as (select r.id, line, row_number() over (partition by line order by r.priority desc, r.id) as place
    from shipmate.runs r, unnest(r.resources) line where r.ended_at is null),
  behind as materialized (select p.id from placed p left join shipmate.locks l on l.resource = p.line
      and l.run is distinct from p.id and (l.expires is null or l.expires > $1)
    where p.place > 1 or l.resource is not null)
  select r.id from shipmate.runs r
  where r.ended_at is null and (r.carrier is null or r.carrier not in (select number from live))
    and (r.carrier is not null or r.state in ('planning', 'running') or r.calls > r.heeded or r.wake_at <= $1
      or (r.state = 'undoing' and r.wake_at is null)
      or ((r.state = 'queued' or (r.state = 'waiting' and r.wake_at is null and r.reason ->> 'code' = 'lock-held'))
        and r.id not in (select id from behind)))
  order by r.priority desc, r.id`

async function due(database: Database, now: Date, hungAfterMs: number): Promise<RunId[]> {
  const rows = await database.query<{ id: number }>(dueQuery, [now, hungAfterMs / 1000], 'due')
  return rows.map(({ id }) => id)
}
