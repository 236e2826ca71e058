--! expand
-- Locks held by hand end by themselves, change hands, and tell those whom it concerns.

-- `environment` is where its notices are told; `warn_at` is when its holder is to be told that it ends soon, null when
-- that was done or is not worth a word.
alter table shipmate.locks add column environment text, add column warn_at timestamptz;
create index locks_by_hand on shipmate.locks (expires) where run is null;

-- A notice belongs to no run. `notice` is what a face draws it from.
alter table shipmate.posts alter column run drop not null, add column environment text, add column notice jsonb;

create function shipmate.add_notice(p_environment text, p_to jsonb, p_text text, p_notice jsonb, p_at timestamptz)
returns void language plpgsql as $$
begin
  insert into shipmate.posts (key, environment, audience, text, notice, created_at)
    values (p_notice ->> 'kind', p_environment, p_to, p_text, p_notice, p_at);
  perform shipmate.tell_changed(0, 0);
end $$;

create function shipmate.lock_notice(p_kind text, p_resources text[], p_holder jsonb, p_reason text, p_expires timestamptz)
returns jsonb language sql immutable as $$
  select jsonb_build_object('kind', p_kind, 'resources', to_jsonb(p_resources), 'holder', p_holder, 'reason', p_reason,
    'expires', p_expires)
$$;

-- The environment of a lock that was taken before locks knew theirs: its resource is service/environment.
create function shipmate.place_of(p_lock shipmate.locks) returns text language sql immutable as $$
  select coalesce(p_lock.environment, split_part(p_lock.resource, '/', 2))
$$;

-- Lets go of what has run out among these resources: in the trail, in one line in the channel, and
-- to those who waited. Locks that were taken together end together.
create function shipmate.end_locks(p_at timestamptz, p_resources text[]) returns void language plpgsql as $$
declare
  v_resources text[] := array(select l.resource from shipmate.locks l where l.run is null and l.expires <= p_at
    and l.resource = any (p_resources) order by 1);
  v_group record;
begin
  if cardinality(v_resources) = 0 then return; end if;
  perform shipmate.enter_line(v_resources);
  for v_group in
    with ended as (delete from shipmate.locks l where l.resource = any (v_resources) and l.run is null
      and l.expires <= p_at returning l.*)
    select shipmate.place_of(e) as environment, e.held_by, e.reason, e.expires, array_agg(e.resource order by e.resource) as resources
      from ended e group by 1, 2, 3, 4 order by 5
  loop
    -- Canonical JSON, as it is hashed: keys in order, no spaces.
    perform shipmate.append_outside('{"act":"a lock ended","actor":null,"at":"'
      || to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","subject":{"holder":'
      || to_json(v_group.held_by ->> 'id') || ',"resources":' || array_to_json(v_group.resources) || '}}');
    perform shipmate.add_notice(v_group.environment, '{"kind":"channel"}',
      'The lock of ' || (v_group.held_by ->> 'name') || ' on ' || array_to_string(v_group.resources, ', ') || ' has ended.',
      shipmate.lock_notice('lock ended', v_group.resources, v_group.held_by, v_group.reason, v_group.expires), p_at);
  end loop;
  perform shipmate.call_line(v_resources, 0, p_at);
end $$;

-- Does what is due for locks held by hand and answers when something is due again; null for never.
create function shipmate.tend_locks(p_at timestamptz) returns timestamptz language plpgsql as $$
declare
  v_due text[] := array(select l.resource from shipmate.locks l
    where l.run is null and least(l.expires, l.warn_at) <= p_at order by 1);
  v_group record;
begin
  perform shipmate.enter_line(v_due);
  perform shipmate.end_locks(p_at, v_due);
  for v_group in
    with warned as (update shipmate.locks l set warn_at = null
      where l.resource = any (v_due) and l.run is null and l.warn_at <= p_at and l.expires > p_at returning l.*)
    select shipmate.place_of(w) as environment, w.held_by, w.reason, w.expires, array_agg(w.resource order by w.resource) as resources
      from warned w group by 1, 2, 3, 4 order by 5
  loop
    perform shipmate.add_notice(v_group.environment, '{"kind":"channel"}',
      'The lock of ' || (v_group.held_by ->> 'name') || ' on ' || array_to_string(v_group.resources, ', ') || ' ends soon.',
      shipmate.lock_notice('lock ending', v_group.resources, v_group.held_by, v_group.reason, v_group.expires), p_at);
  end loop;
  return (select min(least(l.expires, l.warn_at)) from shipmate.locks l where l.run is null);
end $$;

-- A holder hears of the end ten minutes before it, or when a quarter of the time is left if that is later; not at all of
-- a lock that is over sooner than anybody would read it.
create function shipmate.warn_moment(p_at timestamptz, p_expires timestamptz) returns timestamptz language sql immutable as $$
  select case when p_expires - p_at >= interval '4 minutes'
    then p_expires - least(interval '10 minutes', (p_expires - p_at) / 4) end
$$;

-- Which of these resources somebody else than `p_holders` (resource to person) says holds, now.
create function shipmate.held_otherwise(p_resources text[], p_holders jsonb) returns setof shipmate.locks
language sql stable as $$
  select * from shipmate.locks l where l.resource = any (p_resources)
    and (l.run is not null or l.held_by ->> 'id' is distinct from p_holders ->> l.resource) order by l.resource
$$;

-- All of these locks by hand or none: answers the locks that are in the way, or those that were taken. The same person
-- asking again changes the reason and the end.
create function shipmate.hold_locks(p_resources text[], p_environment text, p_by jsonb, p_reason text, p_at timestamptz,
  p_expires timestamptz, p_entry text)
returns setof shipmate.locks language plpgsql as $$
declare
  v_mine jsonb := (select jsonb_object_agg(r, p_by -> 'id') from unnest(p_resources) r);
begin
  perform shipmate.enter_line(p_resources);
  perform shipmate.end_locks(p_at, p_resources);
  return query select * from shipmate.held_otherwise(p_resources, v_mine);
  if found then return; end if;
  return query insert into shipmate.locks (resource, environment, held_by, reason, since, expires, warn_at)
    select distinct on (r) r, p_environment, p_by, p_reason, p_at, p_expires, shipmate.warn_moment(p_at, p_expires)
      from unnest(p_resources) r order by 1
    on conflict (resource) do update set reason = excluded.reason, expires = excluded.expires, warn_at = excluded.warn_at,
      environment = excluded.environment
    returning *;
  perform shipmate.append_outside(p_entry);
  perform shipmate.call_line(p_resources, 0, p_at);
  perform pg_notify('shipmate_locks', '');
end $$;

-- Lets go of the locks by hand among these, when each is held by whom the caller believes; else answers who does, with
-- nothing changed. Holders other than `p_by` are told.
create function shipmate.let_go_locks(p_resources text[], p_holders jsonb, p_by jsonb, p_reason text, p_at timestamptz,
  p_entry text)
returns table (gone boolean, lock shipmate.locks) language plpgsql as $$
declare
  v_group record;
begin
  perform shipmate.enter_line(p_resources);
  perform shipmate.end_locks(p_at, p_resources);
  return query select false, l from shipmate.held_otherwise(p_resources, p_holders) l where l.run is null;
  if found then return; end if;
  for v_group in
    select shipmate.place_of(l) as environment, l.held_by, l.reason, l.expires, array_agg(l.resource order by l.resource) as resources
      from shipmate.locks l where l.resource = any (p_resources) and l.run is null and l.held_by ->> 'id' <> p_by ->> 'id'
      group by 1, 2, 3, 4 order by 5
  loop
    perform shipmate.add_notice(v_group.environment, jsonb_build_object('kind', 'person', 'person', v_group.held_by ->> 'id'),
      'Your lock on ' || array_to_string(v_group.resources, ', ') || ' was ended by ' || (p_by ->> 'name') || '.',
      shipmate.lock_notice('lock cleared', v_group.resources, v_group.held_by, v_group.reason, v_group.expires)
        || jsonb_build_object('by', p_by, 'why', p_reason), p_at);
  end loop;
  return query with ended as (delete from shipmate.locks l where l.resource = any (p_resources) and l.run is null returning l.*)
    select true, row(e.*)::shipmate.locks from ended e order by e.resource;
  if not found then return; end if;
  perform shipmate.append_outside(p_entry);
  perform shipmate.call_line(p_resources, 0, p_at);
end $$;

-- Gives these locks to another person, when each is held by whom the caller believes; else answers who does, with
-- nothing changed. The new holder is told, and the old one when somebody else did it.
create function shipmate.hand_over_locks(p_resources text[], p_holders jsonb, p_by jsonb, p_to jsonb, p_at timestamptz,
  p_entry text)
returns table (gone boolean, lock shipmate.locks) language plpgsql as $$
declare
  v_group record;
  v_told text;
begin
  perform shipmate.enter_line(p_resources);
  perform shipmate.end_locks(p_at, p_resources);
  return query select false, l from shipmate.held_otherwise(p_resources, p_holders) l;
  if found then return; end if;
  for v_group in
    select shipmate.place_of(l) as environment, l.held_by, l.reason, l.expires, array_agg(l.resource order by l.resource) as resources
      from shipmate.locks l where l.resource = any (p_resources) group by 1, 2, 3, 4 order by 5
  loop
    foreach v_told in array array[p_to ->> 'id', v_group.held_by ->> 'id'] loop
      if v_told = p_by ->> 'id' then continue; end if;
      perform shipmate.add_notice(v_group.environment, jsonb_build_object('kind', 'person', 'person', v_told),
        'The lock on ' || array_to_string(v_group.resources, ', ') || ' goes from ' || (v_group.held_by ->> 'name') || ' to '
          || (p_to ->> 'name') || '.',
        shipmate.lock_notice('lock handed over', v_group.resources, p_to, v_group.reason, v_group.expires)
          || jsonb_build_object('by', p_by, 'from', v_group.held_by), p_at);
    end loop;
  end loop;
  return query update shipmate.locks l set held_by = p_to, warn_at = shipmate.warn_moment(p_at, l.expires)
    where l.resource = any (p_resources)
    returning true, row(l.*)::shipmate.locks;
  if not found then return; end if;
  perform shipmate.append_outside(p_entry);
  perform shipmate.call_line(p_resources, 0, p_at);
  perform pg_notify('shipmate_locks', '');
end $$;

-- Nothing keeps this run from going on: nobody is before it, and nobody holds what it needs. A run in line whose place is
-- locked by hand is not planned either: it would only be refused.
create or replace function shipmate.may_go(p_run bigint, p_resources text[], p_priority int, p_queued boolean, p_at timestamptz)
returns boolean language plpgsql stable as $$
begin
  if exists (select from shipmate.runs o
    where o.ended_at is null and o.resources && p_resources and o.id <> p_run
      and (o.priority > p_priority or (o.priority = p_priority and o.id < p_run)
        or exists (select from shipmate.locks l where l.run = o.id))) then
    return false;
  end if;
  return not exists (select from shipmate.locks l where l.resource = any (p_resources)
    and l.run is distinct from p_run and (l.expires is null or l.expires > p_at));
end $$;

-- All locks of a run or none, and only when its turn has come: `resource` is '' when they were taken, null when the epoch
-- is not the caller's any more, else the first that is in the way, with `behind` the run that goes first there, null for a
-- lock held by hand. A run that holds its locks has its turn, whoever came meanwhile.
create function shipmate.take_turn(p_run bigint, p_epoch bigint, p_entry text, p_at timestamptz,
  out resource text, out behind bigint)
language plpgsql as $$
declare
  v_run shipmate.runs;
begin
  perform shipmate.enter_line((select resources from shipmate.runs where id = p_run));
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
