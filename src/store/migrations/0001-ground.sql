--! expand
-- Runs, their steps and answers, locks, what serves where, the audit trail, what is still to be told.

create schema if not exists shipmate;

-- Grows with every claim of any run; fences every write of a worker.
create sequence shipmate.epochs;

-- Sessions that carry runs. Each holds an advisory lock on its number, which PostgreSQL lets go of when it dies, and says
-- from time to time that it is not hung. A number that is gone from here never comes back.
create table shipmate.workers (
  number int generated always as identity primary key,
  beat_at timestamptz not null default clock_timestamp()
);

-- Domains, and no check or generated column in tables that a carried run writes: PostgreSQL would read those anew from
-- the catalogue at each statement, and a domain is looked at only where its column is set.
create domain shipmate.run_state as text check (value in ('queued', 'planning', 'waiting', 'running', 'undoing',
  'done', 'refused', 'failed', 'faulted', 'timed out', 'stopped', 'undone', 'lost'));
create domain shipmate.step_state as text check (value in ('pending', 'running', 'waiting', 'passed', 'warned', 'failed',
  'errored', 'skipped', 'timed out', 'stopped', 'undone'));

create table shipmate.runs (
  id bigint generated always as identity primary key,
  team text not null,
  intent jsonb not null,
  -- Out of the intent, to look for runs of a place.
  environment text not null,
  service text not null,
  state shipmate.run_state not null default 'queued',
  epoch bigint not null default 0,
  -- Which worker claimed it and did not let go.
  carrier int,
  resources text[] not null,
  priority int not null,
  requested_by jsonb not null,
  via text not null,
  parent bigint references shipmate.runs (id),
  plan jsonb,
  plan_round int not null default 0,
  plan_changes jsonb not null default '[]',
  reason jsonb,
  stop_requested jsonb,
  wake_at timestamptz,
  -- Calls by people (an answer, a stop) and how many of them a worker has looked at.
  calls int not null default 0,
  heeded int not null default 0,
  created_at timestamptz not null,
  planned_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  -- Counts changes; a card shows one version.
  version bigint not null default 1,
  changed_at timestamptz not null,
  stale_since timestamptz,
  audit_rows int not null default 0
) with (fillfactor = 70);

create function shipmate.refuse_half_end() returns trigger language plpgsql as $$
begin
  raise check_violation using message = format('run %s is %s and ended at %s', new.id, new.state, new.ended_at);
end $$;

create constraint trigger runs_end_whole after insert or update of state, ended_at on shipmate.runs for each row
  when ((new.ended_at is null) <> (new.state in ('queued', 'planning', 'waiting', 'running', 'undoing')))
  execute function shipmate.refuse_half_end();

create index runs_live on shipmate.runs (id) where ended_at is null;
create index runs_in_line on shipmate.runs using gin (resources) where ended_at is null;
create index runs_stale on shipmate.runs (stale_since) where stale_since is not null;
create index runs_of_place on shipmate.runs (environment, service, id desc);

create table shipmate.requests (
  team text not null,
  request_key text not null,
  run bigint not null references shipmate.runs (id),
  at timestamptz not null,
  primary key (team, request_key)
);

create table shipmate.steps (
  run bigint not null references shipmate.runs (id),
  key text not null,
  position int not null,
  step jsonb not null,
  state shipmate.step_state not null default 'pending',
  round int not null default 1,
  attempt int not null default 0,
  evidence jsonb,
  output jsonb not null default '{}',
  progress jsonb,
  started_at timestamptz,
  ended_at timestamptz,
  deadline timestamptz,
  wake_at timestamptz,
  undoes text,
  primary key (run, key)
) with (fillfactor = 70);

create table shipmate.answers (
  id bigint generated always as identity primary key,
  run bigint not null references shipmate.runs (id),
  step text not null,
  plan_round int not null,
  round int not null,
  person_id text not null,
  person jsonb not null,
  answer text not null,
  reason text not null,
  digest text not null,
  at timestamptz not null,
  unique (run, step, plan_round, round, person_id)
);

-- A resource is a place in the world: one holder, whichever workspace asks.
create table shipmate.locks (
  resource text primary key,
  run bigint references shipmate.runs (id),
  held_by jsonb not null,
  reason text not null,
  since timestamptz not null,
  expires timestamptz
);
create index locks_of_run on shipmate.locks (run);

create table shipmate.deployments (
  id bigint generated always as identity primary key,
  service text not null,
  environment text not null,
  version text not null,
  instances int not null,
  run bigint references shipmate.runs (id),
  at timestamptz not null
);
create index deployments_of_place on shipmate.deployments (service, environment, at desc, id desc);

-- Append-only. hash = sha256 of {"entry":…,"position":…,"prev":…,"run":…}, the canonical JSON of those four.
-- Run 0 is the chain of acts outside any run. `entry` stays text, because jsonb would lose the order that was hashed.
create table shipmate.audit (
  run bigint not null,
  position int not null,
  entry text not null,
  prev text not null,
  hash text not null,
  primary key (run, position)
);

create table shipmate.cards (
  run bigint primary key references shipmate.runs (id),
  channel text not null,
  ts text not null,
  drawn_version bigint not null,
  unique (channel, ts)
);

create table shipmate.posts (
  id bigint generated always as identity primary key,
  run bigint not null references shipmate.runs (id),
  key text not null,
  audience jsonb not null,
  text text not null,
  created_at timestamptz not null,
  tries int not null default 0,
  retry_at timestamptz,
  error text,
  sent_at timestamptz,
  given_up_at timestamptz,
  channel text,
  ts text,
  unique (run, key)
);
create index posts_pending on shipmate.posts (id) where sent_at is null and given_up_at is null;

create table shipmate.tokens (
  team text not null,
  person text not null,
  actor jsonb not null,
  hash text not null unique,
  issued_at timestamptz not null,
  expires timestamptz not null,
  revoked_at timestamptz,
  primary key (team, person)
);

-- Appends to a chain whose run row the caller holds locked; answers how many rows the chain has.
create function shipmate.append_audit(p_run bigint, p_entries text[]) returns int language plpgsql as $$
declare
  v_position int := 0;
  v_prev text := '';
  v_hash text;
  v_entry text;
begin
  select position, hash into v_position, v_prev
    from shipmate.audit where run = p_run order by position desc limit 1;
  v_position := coalesce(v_position, 0);
  v_prev := coalesce(v_prev, '');
  foreach v_entry in array p_entries loop
    v_position := v_position + 1;
    v_hash := encode(sha256(convert_to('{"entry":' || v_entry || ',"position":' || v_position
      || ',"prev":"' || v_prev || '","run":' || p_run || '}', 'UTF8')), 'hex');
    insert into shipmate.audit (run, position, entry, prev, hash) values (p_run, v_position, v_entry, v_prev, v_hash);
    v_prev := v_hash;
  end loop;
  return v_position;
end $$;

-- An act outside any run: the chain of run 0, one at a time.
create function shipmate.append_outside(p_entry text) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(1936222578, 0);
  perform shipmate.append_audit(0, array[p_entry]);
end $$;

-- Whatever changes who stands where in a line enters it first, and whoever locks rows of several runs does so in the
-- order of their numbers: no deadlocks, no lost turns.
create function shipmate.enter_line(p_resources text[]) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(1936222577, h)
    from (select distinct hashtext(r) as h from unnest(p_resources) r order by 1) hashes;
  perform from shipmate.runs where ended_at is null and resources && p_resources order by id for update;
end $$;

-- Runs that stand before this one: holders of locks, and those earlier in a line they share.
create function shipmate.ahead_of(p_run bigint, p_resources text[], p_priority int) returns int language plpgsql stable as $$
begin
  return (select count(*) from shipmate.runs o
    where o.ended_at is null and o.resources && p_resources and o.id <> p_run
      and (o.priority > p_priority or (o.priority = p_priority and o.id < p_run)
        or exists (select from shipmate.locks l where l.run = o.id)));
end $$;

-- Nothing keeps this run from going on: nobody is before it and, unless it is only to be planned, its locks are free.
create function shipmate.may_go(p_run bigint, p_resources text[], p_priority int, p_queued boolean, p_at timestamptz)
returns boolean language plpgsql stable as $$
begin
  if exists (select from shipmate.runs o
    where o.ended_at is null and o.resources && p_resources and o.id <> p_run
      and (o.priority > p_priority or (o.priority = p_priority and o.id < p_run)
        or exists (select from shipmate.locks l where l.run = o.id))) then
    return false;
  end if;
  return p_queued or not exists (select from shipmate.locks l where l.resource = any (p_resources)
    and l.run is distinct from p_run and (l.expires is null or l.expires > p_at));
end $$;

-- Listeners learn that rows of a run were changed: by the worker with this epoch, or by somebody's act (0).
create function shipmate.tell_changed(p_run bigint, p_epoch bigint) returns void language plpgsql as $$
begin
  perform pg_notify('shipmate_run', p_run || ' ' || p_epoch);
end $$;

-- Who stands where in these lines may have changed: their cards are stale, and those whose turn has come are told so.
create function shipmate.call_line(p_resources text[], p_except bigint, p_at timestamptz) returns void language plpgsql as $$
declare
  v_run record;
begin
  for v_run in
    update shipmate.runs r
      set version = version + 1, changed_at = p_at, stale_since = coalesce(stale_since, p_at)
      where r.ended_at is null and r.resources && p_resources and r.id <> p_except
      returning r.id, r.resources, r.priority, r.state = 'queued' as queued,
        r.state = 'waiting' and r.wake_at is null and r.reason ->> 'code' = 'lock-held' as wants_lock
  loop
    perform shipmate.tell_changed(v_run.id, 0);
    if (v_run.queued or v_run.wants_lock)
      and shipmate.may_go(v_run.id, v_run.resources, v_run.priority, v_run.queued, p_at) then
      perform pg_notify('shipmate_turn', v_run.id::text);
    end if;
  end loop;
end $$;

create function shipmate.moment(p_object jsonb, p_name text) returns timestamptz language sql stable as $$
  select (p_object ->> p_name)::timestamptz
$$;

-- A plan's steps begin in the round that is the plan's own number, so that no answer to an earlier plan can match.
create function shipmate.replace_plan(p_run bigint, p_plan jsonb, p_round int) returns void language plpgsql as $$
begin
  delete from shipmate.steps where run = p_run;
  insert into shipmate.steps (run, key, position, step, round)
    select p_run, s.value ->> 'key', s.ordinality - 1, s.value, p_round
    from jsonb_array_elements(p_plan -> 'steps') with ordinality s;
end $$;

create function shipmate.add_steps(p_run bigint, p_steps jsonb) returns void language plpgsql as $$
declare
  v_last int := (select coalesce(max(position), -1) from shipmate.steps where run = p_run);
begin
  insert into shipmate.steps (run, key, position, step, undoes)
    select p_run, s.value -> 'step' ->> 'key', v_last + s.ordinality, s.value -> 'step', s.value ->> 'undoes'
    from jsonb_array_elements(p_steps) with ordinality s
  on conflict (run, key) do update set step = excluded.step, position = excluded.position, undoes = excluded.undoes,
    state = 'pending', round = steps.round + 1, attempt = 0, evidence = null, output = '{}', progress = null,
    started_at = null, ended_at = null, deadline = null, wake_at = null;
end $$;

create function shipmate.change_steps(p_run bigint, p_steps jsonb) returns void language plpgsql as $$
begin
  update shipmate.steps s set
    state = coalesce(c ->> 'state', s.state),
    round = coalesce((c ->> 'round')::int, s.round),
    attempt = coalesce((c ->> 'attempt')::int, s.attempt),
    evidence = case when c ? 'evidence' then nullif(c -> 'evidence', 'null') else s.evidence end,
    output = coalesce(nullif(c -> 'output', 'null'), s.output),
    progress = case when c ? 'progress' then nullif(c -> 'progress', 'null') else s.progress end,
    started_at = case when c ? 'startedAt' then shipmate.moment(c, 'startedAt') else s.started_at end,
    ended_at = case when c ? 'endedAt' then shipmate.moment(c, 'endedAt') else s.ended_at end,
    deadline = case when c ? 'deadline' then shipmate.moment(c, 'deadline') else s.deadline end,
    wake_at = case when c ? 'wakeAt' then shipmate.moment(c, 'wakeAt') else s.wake_at end
  from jsonb_array_elements(p_steps) c
  where s.run = p_run and s.key = c ->> 'key';
end $$;

create function shipmate.add_posts(p_run bigint, p_posts jsonb, p_at timestamptz) returns void language plpgsql as $$
begin
  insert into shipmate.posts (run, key, audience, text, created_at)
    select p_run, p ->> 'key', p -> 'to', p ->> 'text', p_at
    from jsonb_array_elements(p_posts) with ordinality as t(p, n) order by n
  on conflict (run, key) do nothing;
end $$;

create function shipmate.record_deployed(p_run bigint, p_deployed jsonb, p_at timestamptz) returns void language plpgsql as $$
begin
  -- The first run in a place replaces something that no run of ours put there.
  insert into shipmate.deployments (service, environment, version, instances, run, at)
    select p_deployed ->> 'service', p_deployed ->> 'environment', p_deployed ->> 'replaced',
      (p_deployed ->> 'instances')::int, null, p_at - interval '1 millisecond'
    where p_deployed ->> 'replaced' is not null and not exists (select from shipmate.deployments d
      where d.service = p_deployed ->> 'service' and d.environment = p_deployed ->> 'environment');
  insert into shipmate.deployments (service, environment, version, instances, run, at)
    values (p_deployed ->> 'service', p_deployed ->> 'environment', p_deployed ->> 'version',
      (p_deployed ->> 'instances')::int, p_run, p_at);
end $$;

-- One fenced change of a run; false, with nothing written, when the epoch is not the caller's any more.
create function shipmate.write_run(p_run bigint, p_epoch bigint, p_change jsonb, p_at timestamptz)
returns boolean language plpgsql as $$
declare
  v_ended jsonb := nullif(p_change -> 'ended', 'null');
  v_plans boolean := p_change ? 'plan';
  v_lets_go boolean := v_ended is not null or v_plans;
  v_resources text[];
  v_round int;
begin
  if v_lets_go then
    select resources into v_resources from shipmate.runs where id = p_run;
    perform shipmate.enter_line(v_resources);
  end if;
  update shipmate.runs set
    state = coalesce(v_ended ->> 'state', p_change ->> 'state', state),
    reason = case when v_ended is not null then nullif(v_ended -> 'reason', 'null')
      when p_change ? 'reason' then nullif(p_change -> 'reason', 'null') else reason end,
    wake_at = case when v_ended is not null then null
      when p_change ? 'wakeAt' then (p_change ->> 'wakeAt')::timestamptz else wake_at end,
    plan = case when v_plans then p_change -> 'plan' -> 'plan' else plan end,
    plan_changes = case when v_plans then p_change -> 'plan' -> 'changes' else plan_changes end,
    plan_round = plan_round + v_plans::int,
    planned_at = case when v_plans then p_at else planned_at end,
    started_at = case when p_change ? 'startedAt' then (p_change ->> 'startedAt')::timestamptz else started_at end,
    ended_at = (v_ended ->> 'at')::timestamptz,
    audit_rows = audit_rows + coalesce(jsonb_array_length(p_change -> 'audit'), 0),
    version = version + 1, changed_at = p_at, stale_since = coalesce(stale_since, p_at)
  where id = p_run and epoch = p_epoch and ended_at is null returning plan_round into v_round;
  if not found then return false; end if;

  if v_plans then perform shipmate.replace_plan(p_run, p_change -> 'plan' -> 'plan', v_round); end if;
  if p_change ? 'newSteps' then perform shipmate.add_steps(p_run, p_change -> 'newSteps'); end if;
  if p_change ? 'steps' then perform shipmate.change_steps(p_run, p_change -> 'steps'); end if;
  if p_change ? 'posts' then perform shipmate.add_posts(p_run, p_change -> 'posts', p_at); end if;
  if p_change ? 'audit' then
    perform shipmate.append_audit(p_run, array(select jsonb_array_elements_text(p_change -> 'audit')));
  end if;
  if p_change ? 'deployed' then
    perform shipmate.record_deployed(p_run, p_change -> 'deployed', coalesce((v_ended ->> 'at')::timestamptz, p_at));
  end if;
  if v_lets_go then
    delete from shipmate.locks where run = p_run;
    if found or v_ended is not null then perform shipmate.call_line(v_resources, p_run, p_at); end if;
  end if;
  -- The lock it was refused may have been let go before this run said that it waits.
  if p_change -> 'reason' ->> 'code' = 'lock-held' then
    perform pg_notify('shipmate_turn', p_run::text)
      from shipmate.runs r where r.id = p_run and shipmate.may_go(r.id, r.resources, r.priority, false, p_at);
  end if;
  if not p_change ? 'quiet' then perform shipmate.tell_changed(p_run, p_epoch); end if;
  return true;
end $$;

-- The end of one step and the beginning of the next, or one of the two (the other's key is null): what a carried run
-- writes most, and so the same as write_run in as few touches as that takes.
create function shipmate.write_step(p_run bigint, p_epoch bigint, p_at timestamptz, p_told boolean, p_entries text[],
  p_ended text, p_state text, p_evidence jsonb, p_output jsonb, p_ended_at timestamptz,
  p_begun text, p_attempt int, p_started_at timestamptz, p_deadline timestamptz)
returns boolean language plpgsql as $$
begin
  update shipmate.runs set audit_rows = audit_rows + cardinality(p_entries),
    version = version + 1, changed_at = p_at, stale_since = coalesce(stale_since, p_at)
    where id = p_run and epoch = p_epoch and ended_at is null;
  if not found then return false; end if;
  if p_ended is not null then
    update shipmate.steps set state = p_state, evidence = p_evidence, output = p_output, ended_at = p_ended_at
      where run = p_run and key = p_ended;
  end if;
  if p_begun is not null then
    update shipmate.steps set state = 'running', attempt = p_attempt, started_at = p_started_at, deadline = p_deadline
      where run = p_run and key = p_begun;
  end if;
  perform shipmate.append_audit(p_run, p_entries);
  if p_told then perform shipmate.tell_changed(p_run, p_epoch); end if;
  return true;
end $$;

-- Several fenced changes in one commit, each {run, epoch, change, at}; only such that move nobody in a line.
create function shipmate.write_runs(p_writes jsonb) returns boolean[] language plpgsql as $$
declare
  v_write jsonb;
  v_written boolean[] := '{}';
begin
  perform from shipmate.runs where id in (select (w ->> 'run')::bigint from jsonb_array_elements(p_writes) w)
    order by id for update;
  for v_write in select value from jsonb_array_elements(p_writes) loop
    v_written := v_written || shipmate.write_run((v_write ->> 'run')::bigint, (v_write ->> 'epoch')::bigint,
      v_write -> 'change', (v_write ->> 'at')::timestamptz);
  end loop;
  return v_written;
end $$;

-- Makes this session a worker under a new number.
create function shipmate.enlist() returns void language plpgsql as $$
declare
  v_number int;
begin
  perform pg_advisory_unlock_all();
  delete from shipmate.workers where beat_at < clock_timestamp() - interval '1 day';
  insert into shipmate.workers default values returning number into v_number;
  perform pg_advisory_lock(1936222576, v_number);
  perform set_config('shipmate.worker', v_number::text, false);
end $$;

-- Says that this worker is not hung; false when others gave it up meanwhile.
create function shipmate.beat() returns boolean language plpgsql as $$
begin
  update shipmate.workers set beat_at = clock_timestamp() where number = current_setting('shipmate.worker')::int;
  return found;
end $$;

-- Workers whose session lives and who spoke not longer ago than that.
create function shipmate.live_workers(p_silence interval) returns setof int language sql volatile as $$
  select w.number from shipmate.workers w join pg_locks l on l.objid::bigint = w.number
    where l.locktype = 'advisory' and l.classid::bigint = 1936222576 and l.objsubid = 2 and l.granted
      and l.database = (select oid from pg_database where datname = current_database())
      and w.beat_at > clock_timestamp() - p_silence
$$;

-- Takes the run for the worker of this session under a new epoch, which fences whoever carried it before; no row when it
-- has ended or a live worker carries it. A worker that is taken over is given up for good: it learns so at its next beat.
create function shipmate.claim_run(p_run bigint, p_silence interval) returns table (epoch bigint, calls int)
language plpgsql as $$
declare
  v_me int := current_setting('shipmate.worker')::int;
  v_carrier int;
begin
  select r.carrier into v_carrier from shipmate.runs r where r.id = p_run and r.ended_at is null for update;
  if not found or not exists (select from shipmate.workers where number = v_me) then return; end if;
  if v_carrier <> v_me then
    if v_carrier in (select shipmate.live_workers(p_silence)) then return; end if;
    delete from shipmate.workers where number = v_carrier;
  end if;
  return query update shipmate.runs r set epoch = nextval('shipmate.epochs'), carrier = v_me
    where r.id = p_run returning r.epoch, r.calls;
end $$;

-- All locks of a run or none. Answers the first resource that somebody else holds, '' when all were taken, and null
-- when the epoch is not the caller's any more.
create function shipmate.take_locks(p_run bigint, p_epoch bigint, p_entry text, p_at timestamptz)
returns text language plpgsql as $$
declare
  v_run shipmate.runs;
  v_taken text[];
  v_barred_by text;
begin
  perform shipmate.enter_line((select resources from shipmate.runs where id = p_run));
  select * into v_run from shipmate.runs where id = p_run and epoch = p_epoch and ended_at is null for update;
  if not found then return null; end if;
  delete from shipmate.locks where resource = any (v_run.resources) and run is null and expires <= p_at;

  select min(resource) into v_barred_by
    from shipmate.locks where resource = any (v_run.resources) and run is distinct from p_run;
  if v_barred_by is not null then return v_barred_by; end if;

  with taken as (
    insert into shipmate.locks (resource, run, held_by, reason, since)
      select r, p_run, v_run.requested_by, (v_run.intent ->> 'job') || ' #' || p_run, p_at
      from (select distinct unnest(v_run.resources) as r order by 1) sorted
    on conflict (resource) do nothing returning resource)
  select array_agg(resource) into v_taken from taken;
  if v_taken is not null then
    update shipmate.runs set audit_rows = shipmate.append_audit(p_run, array[p_entry]),
      version = version + 1, changed_at = p_at, stale_since = coalesce(stale_since, p_at) where id = p_run;
    -- It now stands before those with a higher priority as well.
    if exists (select from shipmate.runs where ended_at is null and resources && v_run.resources
      and priority > v_run.priority) then
      perform shipmate.call_line(v_run.resources, p_run, p_at);
    end if;
    perform shipmate.tell_changed(p_run, p_epoch);
  end if;
  return '';
end $$;

-- Writes an order as a queued run, once for its request key.
create function shipmate.submit_run(p_order jsonb, p_entry text, out run bigint, out fresh boolean) language plpgsql as $$
declare
  v_team text := p_order ->> 'team';
  v_at timestamptz := shipmate.moment(p_order, 'at');
  v_priority int := (p_order ->> 'priority')::int;
  v_resources text[] := array(select distinct jsonb_array_elements_text(p_order -> 'resources') order by 1);
begin
  perform pg_advisory_xact_lock(1936222579, hashtext(v_team || ' ' || (p_order ->> 'requestKey')));
  fresh := false;
  select r.run into submit_run.run from shipmate.requests r
    where r.team = v_team and r.request_key = p_order ->> 'requestKey';
  if found then return; end if;

  perform shipmate.enter_line(v_resources);
  insert into shipmate.runs (team, intent, environment, service, resources, priority, requested_by, via, parent,
      created_at, changed_at, stale_since)
    values (v_team, p_order -> 'intent', p_order -> 'intent' ->> 'environment', p_order -> 'intent' ->> 'service',
      v_resources, v_priority, p_order -> 'requestedBy', p_order ->> 'via', (p_order ->> 'parent')::bigint, v_at, v_at, v_at)
    returning id into submit_run.run;
  fresh := true;
  insert into shipmate.requests (team, request_key, run, at) values (v_team, p_order ->> 'requestKey', submit_run.run, v_at);
  update shipmate.runs set audit_rows = shipmate.append_audit(submit_run.run, array[p_entry])
    where id = submit_run.run;
  if exists (select from shipmate.runs r where r.ended_at is null and r.resources && v_resources
    and r.priority < v_priority) then
    perform shipmate.call_line(v_resources, submit_run.run, v_at);
  end if;
  perform shipmate.tell_changed(submit_run.run, 0);
end $$;

-- Adds one answer to an open ask; answers '' when it counts, else why it does not.
create function shipmate.answer_ask(p_answer jsonb, p_entry text) returns text language plpgsql as $$
declare
  v_run shipmate.runs;
  v_step shipmate.steps;
  v_at timestamptz := shipmate.moment(p_answer, 'at');
begin
  select * into v_run from shipmate.runs where id = (p_answer ->> 'run')::bigint for update;
  select * into v_step from shipmate.steps where run = v_run.id and key = p_answer ->> 'step';
  if v_run.id is null or v_step.key is null or v_step.step ->> 'verb' <> 'ask' then return 'no such step'; end if;
  if v_run.ended_at is not null then return 'closed'; end if;
  if v_run.plan ->> 'digest' is distinct from p_answer ->> 'digest' then return 'other plan'; end if;
  if v_step.round <> (p_answer ->> 'round')::int then return 'other round'; end if;
  if v_step.state <> 'waiting' or v_step.deadline <= v_at then return 'closed'; end if;

  insert into shipmate.answers (run, step, plan_round, round, person_id, person, answer, reason, digest, at)
    values (v_run.id, v_step.key, v_run.plan_round, v_step.round, p_answer -> 'person' ->> 'id', p_answer -> 'person',
      p_answer ->> 'answer', p_answer ->> 'reason', p_answer ->> 'digest', v_at)
  on conflict do nothing;
  if not found then return 'already answered'; end if;
  update shipmate.runs set calls = calls + 1, audit_rows = shipmate.append_audit(id, array[p_entry]),
    version = version + 1, changed_at = v_at, stale_since = coalesce(stale_since, v_at) where id = v_run.id;
  perform shipmate.tell_changed(v_run.id, 0);
  return '';
end $$;

create function shipmate.request_stop(p_run bigint, p_stop jsonb, p_entry text) returns boolean language plpgsql as $$
declare
  v_at timestamptz := shipmate.moment(p_stop, 'at');
begin
  perform from shipmate.runs where id = p_run and ended_at is null and stop_requested is null for update;
  if not found then return false; end if;
  update shipmate.runs set stop_requested = p_stop, calls = calls + 1,
    audit_rows = shipmate.append_audit(id, array[p_entry]),
    version = version + 1, changed_at = v_at, stale_since = coalesce(stale_since, v_at) where id = p_run;
  perform shipmate.tell_changed(p_run, 0);
  return true;
end $$;

-- A lock held by hand; the same person asking again changes its reason and its end.
create function shipmate.hold_lock(p_resource text, p_by jsonb, p_reason text, p_at timestamptz, p_expires timestamptz, p_entry text)
returns setof shipmate.locks language plpgsql as $$
begin
  perform shipmate.enter_line(array[p_resource]);
  delete from shipmate.locks where resource = p_resource and run is null and expires <= p_at;
  insert into shipmate.locks (resource, held_by, reason, since, expires)
    values (p_resource, p_by, p_reason, p_at, p_expires)
  on conflict (resource) do update set reason = excluded.reason, expires = excluded.expires
    where locks.run is null and locks.held_by ->> 'id' = p_by ->> 'id';
  if found then
    perform shipmate.append_outside(p_entry);
    perform shipmate.call_line(array[p_resource], 0, p_at);
  end if;
  return query select * from shipmate.locks where resource = p_resource;
end $$;

-- Lets go of a lock held by hand and answers it; a lock of a run is answered and stays.
create function shipmate.let_go_lock(p_resource text, p_at timestamptz, p_entry text)
returns setof shipmate.locks language plpgsql as $$
declare
  v_lock shipmate.locks;
begin
  perform shipmate.enter_line(array[p_resource]);
  select * into v_lock from shipmate.locks where resource = p_resource;
  if not found then return; end if;
  if v_lock.run is null then
    delete from shipmate.locks where resource = p_resource;
    perform shipmate.append_outside(p_entry);
    perform shipmate.call_line(array[p_resource], 0, p_at);
  end if;
  return next v_lock;
end $$;
