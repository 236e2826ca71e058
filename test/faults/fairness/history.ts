import pg from 'pg'

/** What happened to the lines, in the order in which it was committed. */
export type Event = {
  /** `asked`: stands in line. `locked`, `freed`: one resource. `began`: its first act. `ended`: out of every line. */
  what: 'asked' | 'locked' | 'freed' | 'began' | 'ended'
  run: number
  resource: string | null
  /** Milliseconds, by the database's clock. */
  at: number
}
export type Stood = { run: number; resources: string[]; priority: number }
export type History = { events: Event[]; runs: Stood[] }

/**
 * Writes down, in the same transactions as the rows themselves and behind the application's back, who asked, locked, let
 * go and ended. Whoever changes a line holds it until the commit, so in each line the numbers are the order of events.
 */
export async function keepHistory(url: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`create table public.line_events (id bigint generated always as identity primary key,
      what text not null, run bigint not null, resource text, at timestamptz not null default clock_timestamp());
    create function public.note_event() returns trigger language plpgsql security definer as $$
    begin
      if tg_table_name = 'runs' and tg_op = 'INSERT' then insert into public.line_events (what, run) values ('asked', new.id);
      elsif tg_table_name = 'runs' then insert into public.line_events (what, run) values ('ended', new.id);
      elsif tg_table_name = 'steps' then insert into public.line_events (what, run) values ('began', new.run);
      elsif tg_op = 'INSERT' then insert into public.line_events (what, run, resource) values ('locked', new.run, new.resource);
      else insert into public.line_events (what, run, resource) values ('freed', old.run, old.resource);
      end if;
      return null;
    end $$;
    create trigger note_asked after insert on shipmate.runs for each row execute function public.note_event();
    create trigger note_ended after update of ended_at on shipmate.runs for each row
      when (old.ended_at is null and new.ended_at is not null) execute function public.note_event();
    create trigger note_began after update of state on shipmate.steps for each row
      when (new.state = 'running' and old.state = 'pending' and new.step ->> 'verb' = 'do') execute function public.note_event();
    create trigger note_locked after insert on shipmate.locks for each row when (new.run is not null)
      execute function public.note_event();
    create trigger note_freed after delete on shipmate.locks for each row when (old.run is not null)
      execute function public.note_event()`)
  return {
    client,
    read: async (): Promise<History> => {
      const events = await client.query<Event & { at: Date; run: string }>(
        'select what, run, resource, at from public.line_events order by id',
      )
      const runs = await client.query<{ run: string; resources: string[]; priority: number }>(
        'select id as run, resources, priority from shipmate.runs order by id',
      )
      return {
        events: events.rows.map((row) => ({ ...row, run: Number(row.run), at: new Date(row.at).getTime() })),
        runs: runs.rows.map((row) => ({ ...row, run: Number(row.run) })),
      }
    },
    close: () => client.end(),
  }
}

const shares = (one: Stood, other: Stood) => one.resources.some((resource) => other.resources.includes(resource))
/** Whether `one` goes before `other`, neither of them holding anything. */
const before = (one: Stood, other: Stood) =>
  one.priority > other.priority || (one.priority === other.priority && one.run < other.run)

/** Where two held one thing, somebody was overtaken, or somebody never got its turn; empty when the lines were fair. */
export function lineViolations({ events, runs }: History): string[] {
  const byRun = new Map(runs.map((run) => [run.run, run]))
  const holders = new Map<string, number>()
  const inLine = new Set<number>()
  const found: string[] = []
  for (const { what, run, resource } of events) {
    if (what === 'asked') inLine.add(run)
    if (what === 'ended') inLine.delete(run)
    if (what === 'freed' && resource && holders.get(resource) === run) holders.delete(resource)
    if (what === 'locked' && resource) {
      const holder = holders.get(resource)
      if (holder !== undefined && holder !== run) found.push(`#${run} took ${resource} while #${holder} held it`)
      holders.set(resource, run)
      found.push(...overtaken(run, byRun, inLine).map((first) => `#${run} took ${resource} before #${first}`))
    }
    if (what === 'began') {
      const lacks = byRun.get(run)?.resources.filter((name) => holders.get(name) !== run) ?? []
      if (lacks.length > 0) found.push(`#${run} acted without ${lacks.join(', ')}`)
    }
  }
  return [...found, ...[...inLine].map((run) => `#${run} never ended`)]
}

function overtaken(run: number, byRun: Map<number, Stood>, inLine: Set<number>): number[] {
  const mine = byRun.get(run)
  if (!mine) return []
  return [...inLine].filter((other) => {
    const theirs = byRun.get(other)
    return theirs !== undefined && other !== run && shares(theirs, mine) && before(theirs, mine)
  })
}

/** Milliseconds from the end of the last run in the way of each run that had to wait, to that run's first act. */
export function handOvers({ events, runs }: History): number[] {
  const byRun = new Map(runs.map((run) => [run.run, run]))
  const asked = new Map<number, number>()
  const ends: { run: number; at: number }[] = []
  const delays: number[] = []
  for (const { what, run, at } of events) {
    if (what === 'asked') asked.set(run, at)
    if (what === 'ended') ends.push({ run, at })
    const mine = byRun.get(run)
    if (what !== 'began' || !mine) continue
    const last = ends.findLast((end) => {
      const theirs = byRun.get(end.run)
      return theirs !== undefined && shares(theirs, mine)
    })
    if (last && last.at > (asked.get(run) ?? 0)) delays.push(at - last.at)
  }
  return delays
}
