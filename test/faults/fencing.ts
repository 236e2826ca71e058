import pg from 'pg'

/** A row of the trail that a worker wrote. */
export type Written = { position: number; epoch: number }
/** Something done to the world, and whether the world took it. `late`: a newer worker had written already. */
export type Done = { epoch: number; accepted: boolean; late: boolean }
export type History = { written: Written[]; done: Done[] }

/**
 * Where a worker still wrote after another one had taken its run over, or acted on the world after the other had written
 * or acted; empty when fencing held.
 */
export function fencingViolations({ written, done }: History): string[] {
  const trail = [...written].sort((a, b) => a.position - b.position)
  const taken = done.filter(({ accepted }) => accepted)
  return [
    ...falls(trail).map(({ epoch, position }) => `epoch ${epoch} wrote row ${position} after a newer one`),
    ...falls(taken).map(({ epoch }) => `the world took an act of epoch ${epoch} after one of a newer epoch`),
    ...taken
      .filter(({ late }) => late)
      .map(({ epoch }) => `the world took an act of epoch ${epoch} after a newer worker had written`),
  ]
}

function falls<Row extends { epoch: number }>(rows: Row[]): Row[] {
  let highest = 0
  return rows.filter(({ epoch }) => {
    const fell = epoch < highest
    highest = Math.max(highest, epoch)
    return fell
  })
}

/** A world that remembers the highest generation that acted on it or announced itself, and refuses older ones. */
export async function createGenerationWorld(url: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`create table public.generations (run bigint primary key, epoch bigint not null);
    create table public.acts (id bigint generated always as identity, run bigint not null, epoch bigint not null,
      accepted boolean not null, late boolean not null);
    create function public.announce(p_run bigint, p_epoch bigint) returns boolean language plpgsql as $$
    begin
      insert into public.generations values (p_run, p_epoch)
        on conflict (run) do update set epoch = excluded.epoch where generations.epoch <= excluded.epoch;
      return found;
    end $$;
    create function public.act(p_run bigint, p_epoch bigint) returns void language plpgsql as $$
    begin
      insert into public.acts (run, epoch, accepted, late) values (p_run, p_epoch, public.announce(p_run, p_epoch),
        exists (select from shipmate.audit where run = p_run and (entry::jsonb -> 'subject' ->> 'epoch')::bigint > p_epoch));
    end $$`)
  return {
    client,
    /** What was written about a run by its workers, and done for it. */
    history: async (run: number): Promise<History> => {
      const written = await client.query<Written>(
        `select position, (entry::jsonb -> 'subject' ->> 'epoch')::int as epoch
         from shipmate.audit where run = $1 and entry::jsonb -> 'subject' ? 'epoch' order by position`,
        [run],
      )
      const done = await client.query<Done>(
        'select epoch::int as epoch, accepted, late from public.acts where run = $1 order by id',
        [run],
      )
      return { written: written.rows, done: done.rows }
    },
    close: () => client.end(),
  }
}
