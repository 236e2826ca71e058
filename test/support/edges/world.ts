import type pg from 'pg'
import { z } from 'zod'
import { type Check, defineAction, defineCheck, type Fence, gatherAbilities } from '../../../src/runs/abilities.js'

/** Where in a step a worker dies. Steps that only look have no act and no effect. */
export const edges = [
  'before its beginning is written',
  'when its beginning is written',
  'in the act',
  'after the effect',
  'before its end is written',
  'when its end is written',
] as const
export type Edge = (typeof edges)[number]

/** Called at each edge inside an action. */
export type AtEdge = (run: number, step: string, edge: Edge) => Promise<void>

/**
 * Four targets, each with its own fence, and one record of what was done to them: the generation's takes what is already
 * so for done and refuses older workers, the key's honours keys, of the two without any one can be looked at.
 */
export const edgeWorldTables = `create table public.effects (id bigint generated always as identity, run bigint not null,
    what text not null, fence text not null, key text not null, epoch bigint not null);
  create unique index on public.effects (key) where fence = 'key';
  create table public.generations (run bigint primary key, epoch bigint not null);
  create function public.effect_of_generation(p_run bigint, p_what text, p_key text, p_epoch bigint) returns boolean
  language plpgsql as $$
  begin
    insert into public.generations values (p_run, p_epoch)
      on conflict (run) do update set epoch = excluded.epoch where generations.epoch <= excluded.epoch;
    if not found then return false; end if;
    if not exists (select from public.effects where run = p_run and what = p_what) then
      insert into public.effects (run, what, fence, key, epoch) values (p_run, p_what, 'generation', p_key, p_epoch);
    end if;
    return true;
  end $$`

const announcing = `insert into public.generations values ($1, $2)
  on conflict (run) do update set epoch = excluded.epoch where generations.epoch <= excluded.epoch`

type Act = { run: number; what: string; key: string; epoch: number }

const insert = 'insert into public.effects (run, what, fence, key, epoch) values ($1, $2, $3, $4, $5)'

const effectOf: Record<Fence, (world: pg.Pool, act: Act) => Promise<unknown>> = {
  generation: (world, { run, what, key, epoch }) =>
    world.query('select public.effect_of_generation($1, $2, $3, $4)', [run, what, key, epoch]),
  key: (world, { run, what, key, epoch }) =>
    world.query(`${insert} on conflict (key) where fence = 'key' do nothing`, [run, what, 'key', key, epoch]),
  none: async (world, { run, what, key, epoch }) => {
    const seen = await world.query('select from public.effects where run = $1 and what = $2', [run, what])
    if (seen.rowCount === 0) await world.query(insert, [run, what, 'none', key, epoch])
  },
  blind: (world, { run, what, key, epoch }) => world.query(insert, [run, what, 'blind', key, epoch]),
}

/** Checks and actions on those targets, as every worker and the survivor have them. */
export function edgeAbilities(world: pg.Pool, at: AtEdge) {
  const actions = (Object.keys(effectOf) as Fence[]).map((fence) =>
    defineAction({
      name: `edge.${fence}`,
      input: z.object({ what: z.string() }),
      fence,
      announce: async (_input, { run, epoch }) => void (await world.query(announcing, [run, epoch])),
      run: async ({ what }, { run, step, key, epoch }) => {
        await at(run, step, 'in the act')
        await effectOf[fence](world, { run, what, key, epoch })
        await at(run, step, 'after the effect')
        return { evidence: { summary: `${what} is done` }, output: { what } }
      },
    }),
  )
  return gatherAbilities([looking], actions)
}

const looking: Check = defineCheck({
  name: 'edge.look',
  input: z.object({ finds: z.enum(['pass', 'fail']) }),
  run: async ({ finds }) => ({ outcome: finds, summary: `it looks ${finds}` }),
})
