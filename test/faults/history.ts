import pg from 'pg'
import { silentLog } from '../../src/log.js'
import { requestKey } from '../../src/slack/listeners/asker.js'
import { type BrokenChain, createAudit } from '../../src/store/audit.js'
import { openDatabase, type Query } from '../../src/store/database.js'

/** Something that was sent to Shipmate and that it said it has. */
export type Acknowledged = {
  /** The name under which the inbox must have it. */
  key: string
  /** The request key of the run it must have become; null where what it does leaves no run. */
  request: string | null
  /** What its person was told. */
  told?: string
  /** A listener of the test must have left its effect. */
  effect?: boolean
}

/** An act on a place of the world, in the order in which the world saw them. */
export type Act = {
  place: string
  run: number
  step: string
  epoch: number
  /** `done`: it had its effect; `again`: it had had it before; `refused`: it came from a fenced worker. */
  outcome: 'done' | 'again' | 'refused'
}

/** What can be told afterwards: rows, and what the recorder saw of those that are gone or changed. */
export type Happened = {
  parcels: { key: string; outcome: string | null }[]
  requests: { request: string; run: number }[]
  runs: { id: number; state: string; ended: boolean; told: boolean }[]
  /** Every state a run was in and every epoch it had, in order. */
  states: { run: number; state: string; epoch: number; ended: boolean }[]
  /** Who took and who let go of a resource, in order. */
  locks: { resource: string; run: number; taken: boolean }[]
  deployments: { run: number; times: number }[]
  /** What listeners of a test left, one row a delivery, and how often they were asked for it. */
  effects: { key: string; times: number }[]
  broken: BrokenChain[]
}

export const commandKey = (trigger: string): string => `command ${trigger}`

/** Something that a listener of a test must have been given. */
export const effect = (key: string): Acknowledged => ({ key, request: null, effect: true })

/** A slash command that must have become a run. */
export const command = (trigger: string): Acknowledged => ({
  key: commandKey(trigger),
  request: requestKey('slack', trigger),
})

/** Everything in which what happened is not what was promised; empty when all promises were kept. */
export function violations(acknowledged: Acknowledged[], happened: Happened, acts: Act[] = []): string[] {
  return [
    ...lost(acknowledged, happened),
    ...doubled(happened),
    ...unended(happened),
    ...risen(happened),
    ...shared(happened),
    ...interleaved(acts),
    ...lateActs(acts),
    ...repeated(acts),
    ...happened.broken.map(({ run, position, what }) => `the audit chain of run ${run} breaks at ${position}: ${what}`),
  ]
}

function lost(acknowledged: Acknowledged[], { parcels, requests, effects }: Happened): string[] {
  const outcomes = new Map(parcels.map(({ key, outcome }) => [key, outcome]))
  const asked = new Set(requests.map(({ request }) => request))
  const left = new Set(effects.map(({ key }) => key))
  return acknowledged.flatMap(({ key, request, effect, told = '' }) => {
    if (!outcomes.has(key)) return [`${key} was acknowledged and has no row; told: ${told}`]
    const outcome = outcomes.get(key)
    if (outcome === null) return [`${key} was acknowledged and is still open`]
    if (request !== null && !asked.has(request))
      return [`${key} was acknowledged, ended as ${outcome}, and has no run; told: ${told}`]
    return effect && !left.has(key) ? [`${key} was acknowledged, ended as ${outcome}, and had no effect`] : []
  })
}

function doubled({ parcels, requests, deployments }: Happened): string[] {
  return [
    ...twice(parcels.map(({ key }) => key)).map((key) => `${key} has two rows`),
    ...twice(requests.map(({ request }) => request)).map((request) => `request ${request} has two runs`),
    ...twice(requests.map(({ run }) => `run ${run}`)).map((run) => `${run} stands for two requests`),
    ...deployments.filter(({ times }) => times > 1).map(({ run }) => `run ${run} is written as deployed twice`),
  ]
}

/** Where listeners were asked for one thing twice: allowed after a kill, and never for a mere redelivery. */
export const executedAgain = ({ effects }: Happened): string[] =>
  effects.filter(({ times }) => times > 1).map(({ key, times }) => `${key} was executed ${times} times`)

function unended({ runs }: Happened): string[] {
  return runs.flatMap(({ id, state, ended, told }) => {
    if (!ended) return [`run ${id} was accepted and is ${state} for ever`]
    return told ? [] : [`the card of run ${id} does not show how it ended`]
  })
}

/** An ended run that lived again, or an epoch that fell. */
function risen({ states }: Happened): string[] {
  const last = new Map<number, Happened['states'][number]>()
  return states.flatMap((now) => {
    const before = last.get(now.run)
    last.set(now.run, now)
    if (before?.ended && now.state !== before.state)
      return [`run ${now.run} was ${before.state} and became ${now.state}`]
    if (before && now.epoch < before.epoch) return [`run ${now.run} fell from epoch ${before.epoch} to ${now.epoch}`]
    return []
  })
}

function shared({ locks }: Happened): string[] {
  const holders = new Map<string, number>()
  const found = locks.flatMap(({ resource, run, taken }) => {
    const holder = holders.get(resource)
    if (!taken) {
      if (holder === run) holders.delete(resource)
      return holder === run ? [] : [`run ${run} let go of ${resource}, which it did not hold`]
    }
    holders.set(resource, run)
    return holder === undefined ? [] : [`run ${run} took ${resource} while run ${holder} held it`]
  })
  return [...found, ...[...holders].map(([resource, run]) => `run ${run} holds ${resource} for ever`)]
}

/** Two runs acted on one place in turns: they were there at the same time. */
function interleaved(acts: Act[]): string[] {
  const left = new Map<string, Set<number>>()
  const at = new Map<string, number>()
  return acts.flatMap(({ place, run, outcome }) => {
    if (outcome === 'refused' || at.get(place) === run) return []
    const gone = left.get(place) ?? new Set<number>()
    left.set(place, gone)
    const before = at.get(place)
    if (before !== undefined) gone.add(before)
    at.set(place, run)
    return gone.has(run) ? [`run ${run} acted on ${place} again after run ${before} had`] : []
  })
}

function lateActs(acts: Act[]): string[] {
  const highest = new Map<string, number>()
  return acts.flatMap(({ place, run, epoch, outcome }) => {
    const before = highest.get(place) ?? 0
    if (outcome === 'refused') return []
    highest.set(place, Math.max(before, epoch))
    return epoch < before ? [`epoch ${epoch} of run ${run} acted on ${place} after epoch ${before}`] : []
  })
}

const repeated = (acts: Act[]): string[] =>
  twice(acts.filter(({ outcome }) => outcome === 'done').map(({ run, step }) => `step ${step} of run ${run}`)).map(
    (step) => `${step} had its effect twice`,
  )

function twice(names: string[]): string[] {
  const seen = new Set<string>()
  const found = new Set<string>()
  for (const name of names) (seen.has(name) ? found : seen).add(name)
  return [...found]
}

/** Reads what happened out of the rows of a database, after everything has come to rest. */
export async function historyOf(url: string): Promise<Happened> {
  const database = openDatabase({ url, name: 'history', role: null }, silentLog)
  try {
    return await readHistory(database.query)
  } finally {
    await database.close()
  }
}

export async function readHistory(query: Query): Promise<Happened> {
  return {
    parcels: await query('select key, outcome from shipmate.inbox order by received_at'),
    requests: await query('select request_key as request, run from shipmate.requests'),
    runs: await query(
      'select id, state, ended_at is not null as ended, stale_since is null as told from shipmate.runs order by id',
    ),
    states: await query('select run, state, epoch, ended from public.states order by id'),
    locks: await query('select resource, run, taken from public.lock_acts order by id'),
    deployments: await query(
      'select run, count(*)::int as times from shipmate.deployments where run is not null group by run',
    ),
    effects: await query('select key, times from public.effects'),
    broken: (await createAudit({ query, close: async () => {} }).verify()).broken,
  }
}

/** Has a migrated database write down, in tables of its own, what its rows do not keep: states passed, locks let go. */
export async function recordHistory(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(recorder)
  } finally {
    await client.end()
  }
}

const recorder = `
  create table if not exists public.states (id bigint generated always as identity, run bigint, state text, epoch bigint,
    ended boolean);
  create table if not exists public.effects (key text primary key, times int not null);
  create table if not exists public.lock_acts (id bigint generated always as identity, resource text, run bigint,
    taken boolean);
  create or replace function public.record_state() returns trigger language plpgsql security definer as $$
  begin
    insert into public.states (run, state, epoch, ended) values (new.id, new.state, new.epoch, new.ended_at is not null);
    return null;
  end $$;
  create or replace function public.record_lock() returns trigger language plpgsql security definer as $$
  begin
    if tg_op = 'DELETE' then
      insert into public.lock_acts (resource, run, taken) values (old.resource, old.run, false);
    else
      insert into public.lock_acts (resource, run, taken) values (new.resource, new.run, true);
    end if;
    return null;
  end $$;
  create trigger record_state after insert or update of state, epoch, ended_at on shipmate.runs for each row
    execute function public.record_state();
  create trigger record_take after insert on shipmate.locks for each row when (new.run is not null)
    execute function public.record_lock();
  create trigger record_let_go after delete on shipmate.locks for each row when (old.run is not null)
    execute function public.record_lock()`
