--! expand
-- A turn is handed over with as few rows, locks and messages as that takes. Who hears of a turn hears after whom it comes.

-- A line is entered without its rows where nobody else in it is changed.
create function shipmate.stand_in_line(p_resources text[]) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(1936222577, h)
    from (select distinct hashtext(r) as h from unnest(p_resources) r order by 1) hashes;
end $$;

-- Tells whose turn has come in these lines: only the first of each can be one that may go. `p_after` is who let go or stays.
create function shipmate.call_first(p_resources text[], p_after bigint, p_at timestamptz) returns void language plpgsql as $$
begin
  perform pg_notify('shipmate_turn', f.id || ' ' || p_after)
    from (select distinct first.id, first.resources, first.priority, first.state = 'queued' as queued
      from unnest(p_resources) line cross join lateral (select * from shipmate.runs r
        where r.ended_at is null and r.resources && array[line] order by r.priority desc, r.id limit 1) first
      where first.id <> p_after and (first.state = 'queued'
        or (first.state = 'waiting' and first.wake_at is null and first.reason ->> 'code' = 'lock-held'))) f
    where shipmate.may_go(f.id, f.resources, f.priority, f.queued, p_at);
end $$;

-- Who stands where in these lines may have changed: their cards are stale, and those whose turn has come are told so.
create or replace function shipmate.call_line(p_resources text[], p_except bigint, p_at timestamptz) returns void language plpgsql as $$
declare
  v_run bigint;
begin
  for v_run in
    update shipmate.runs r
      set version = version + 1, changed_at = p_at, stale_since = coalesce(stale_since, p_at)
      where r.ended_at is null and r.resources && p_resources and r.id <> p_except returning r.id
  loop
    perform shipmate.tell_changed(v_run, 0);
  end loop;
  perform shipmate.call_first(p_resources, p_except, p_at);
end $$;

-- The same after a run that has left: only those it stood before, which is all of them when it held the locks.
create function shipmate.move_up(p_run bigint, p_resources text[], p_priority int, p_held boolean, p_at timestamptz)
returns void language plpgsql as $$
declare
  v_run bigint;
begin
  for v_run in
    update shipmate.runs r
      set version = version + 1, changed_at = p_at, stale_since = coalesce(stale_since, p_at)
      where r.ended_at is null and r.resources && p_resources and r.id <> p_run
        and (p_held or r.priority < p_priority or (r.priority = p_priority and r.id > p_run)) returning r.id
  loop
    perform shipmate.tell_changed(v_run, 0);
  end loop;
  perform shipmate.call_first(p_resources, p_run, p_at);
end $$;

-- One fenced change of a run; false, with nothing written, when the epoch is not the caller's any more.
create or replace function shipmate.write_run(p_run bigint, p_epoch bigint, p_change jsonb, p_at timestamptz)
returns boolean language plpgsql as $$
declare
  v_ended jsonb := nullif(p_change -> 'ended', 'null');
  v_plans boolean := p_change ? 'plan';
  v_lets_go boolean := v_ended is not null or v_plans;
  v_resources text[];
  v_priority int;
  v_held boolean := false;
  v_round int;
begin
  if v_lets_go then
    select resources, priority into v_resources, v_priority from shipmate.runs where id = p_run;
    -- A new plan of a run without locks moves nobody.
    if v_ended is not null or exists (select from shipmate.locks where run = p_run) then
      perform shipmate.enter_line(v_resources);
    end if;
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
    v_held := found;
    if v_ended is not null then perform shipmate.move_up(p_run, v_resources, v_priority, v_held, p_at);
    elsif v_held then perform shipmate.call_line(v_resources, p_run, p_at);
    end if;
  end if;
  -- The lock it was refused may have been let go before this run said that it waits.
  if p_change -> 'reason' ->> 'code' = 'lock-held' then
    perform pg_notify('shipmate_turn', p_run || ' ' || p_run)
      from shipmate.runs r where r.id = p_run and shipmate.may_go(r.id, r.resources, r.priority, false, p_at);
  end if;
  if not p_change ? 'quiet' then perform shipmate.tell_changed(p_run, p_epoch); end if;
  return true;
end $$;

-- Writes an order as a queued run, once for its request key.
create or replace function shipmate.submit_run(p_order jsonb, p_entry text, out run bigint, out fresh boolean) language plpgsql as $$
declare
  v_team text := p_order ->> 'team';
  v_at timestamptz := shipmate.moment(p_order, 'at');
  v_priority int := (p_order ->> 'priority')::int;
  v_resources text[] := array(select distinct jsonb_array_elements_text(p_order -> 'resources') order by 1);
  v_overtakes boolean;
begin
  perform pg_advisory_xact_lock(1936222579, hashtext(v_team || ' ' || (p_order ->> 'requestKey')));
  fresh := false;
  select r.run into submit_run.run from shipmate.requests r
    where r.team = v_team and r.request_key = p_order ->> 'requestKey';
  if found then return; end if;

  perform shipmate.stand_in_line(v_resources);
  v_overtakes := exists (select from shipmate.runs r where r.ended_at is null and r.resources && v_resources
    and r.priority < v_priority);
  if v_overtakes then perform shipmate.enter_line(v_resources); end if;
  insert into shipmate.runs (team, intent, environment, service, resources, priority, requested_by, via, parent,
      created_at, changed_at, stale_since)
    values (v_team, p_order -> 'intent', p_order -> 'intent' ->> 'environment', p_order -> 'intent' ->> 'service',
      v_resources, v_priority, p_order -> 'requestedBy', p_order ->> 'via', (p_order ->> 'parent')::bigint, v_at, v_at, v_at)
    returning id into submit_run.run;
  fresh := true;
  insert into shipmate.requests (team, request_key, run, at) values (v_team, p_order ->> 'requestKey', submit_run.run, v_at);
  update shipmate.runs set audit_rows = shipmate.append_audit(submit_run.run, array[p_entry])
    where id = submit_run.run;
  if v_overtakes then perform shipmate.call_line(v_resources, submit_run.run, v_at); end if;
  perform shipmate.tell_changed(submit_run.run, 0);
end $$;

-- All locks of a run whose turn it is, or none; the caller stands in its line. Answers the first resource that somebody else
-- holds, '' when all were taken, and null when the epoch is not the caller's any more.
create or replace function shipmate.take_locks(p_run bigint, p_epoch bigint, p_entry text, p_at timestamptz)
returns text language plpgsql as $$
declare
  v_run shipmate.runs;
  v_taken text[];
  v_barred_by text;
begin
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
    perform shipmate.tell_changed(p_run, p_epoch);
  end if;
  return '';
end $$;

-- All locks of a run or none, and only when its turn has come: `resource` is '' when they were taken, null when the epoch
-- is not the caller's any more, else the first that is in the way, with `behind` the run that goes first there, null for a
-- lock held by hand. A run that holds its locks has its turn, whoever came meanwhile.
create or replace function shipmate.take_turn(p_run bigint, p_epoch bigint, p_entry text, p_at timestamptz,
  out resource text, out behind bigint)
language plpgsql as $$
declare
  v_run shipmate.runs;
  v_resources text[] := (select r.resources from shipmate.runs r where r.id = p_run);
begin
  perform shipmate.stand_in_line(v_resources);
  -- Ending a lock that has run out tells the whole line.
  if exists (select from shipmate.locks l where l.resource = any (v_resources) and l.run is null and l.expires <= p_at) then
    perform shipmate.enter_line(v_resources);
  end if;
  select * into v_run from shipmate.runs where id = p_run and epoch = p_epoch and ended_at is null for update;
  if not found then return; end if;
  if not exists (select from shipmate.locks l where l.run = p_run) then
    perform shipmate.end_locks(p_at, v_run.resources);
    select o.id, (select min(r) from unnest(o.resources) r where r = any (v_run.resources)) into behind, resource
      from shipmate.runs o
      where o.ended_at is null and o.resources && v_run.resources and o.id <> p_run
        and (o.priority > v_run.priority or (o.priority = v_run.priority and o.id < p_run)
          or exists (select from shipmate.locks l where l.run = o.id))
      order by exists (select from shipmate.locks l where l.run = o.id) desc, o.priority desc, o.id limit 1;
    if found then return; end if;
  end if;
  resource := shipmate.take_locks(p_run, p_epoch, p_entry, p_at);
end $$;

-- Takes the run for the worker of this session under a new epoch, which fences whoever carried it before; no row when it
-- has ended or a live worker carries it. A worker that is taken over is given up for good: it learns so at its next beat.
-- Looks before it locks, and tells at once: of several that hear of one turn the others need not ask, or wait for nobody.
create or replace function shipmate.claim_run(p_run bigint, p_silence interval) returns table (epoch bigint, calls int)
language plpgsql as $$
declare
  v_me int := current_setting('shipmate.worker')::int;
  v_carrier int;
begin
  select r.carrier into v_carrier from shipmate.runs r where r.id = p_run and r.ended_at is null;
  if not found or (v_carrier <> v_me and v_carrier in (select shipmate.live_workers(p_silence))) then return; end if;
  select r.carrier into v_carrier from shipmate.runs r where r.id = p_run and r.ended_at is null for update;
  if not found or not exists (select from shipmate.workers where number = v_me) then return; end if;
  if v_carrier <> v_me then
    if v_carrier in (select shipmate.live_workers(p_silence)) then return; end if;
    delete from shipmate.workers where number = v_carrier;
  end if;
  return query update shipmate.runs r set epoch = nextval('shipmate.epochs'), carrier = v_me
    where r.id = p_run returning r.epoch, r.calls;
  perform shipmate.tell_changed(p_run, currval('shipmate.epochs'));
end $$;
