--! expand
-- What has to be so before a database that came back from a backup is used. Whoever was lost went on after the moment that
-- it is of: numbers, generations, messages and acts of that time are out in the world and not in here.

-- {at, to}: when the database came back while this run was live, and the moment that it is of.
alter table shipmate.runs add column restored jsonb;

-- Every number goes on beyond what may have been given away since: by so many, at the next full thousand. What targets
-- compare (epochs) goes beyond the milliseconds of the clock, which it can never have caught up with by itself.
create function shipmate.skip_numbers(p_by bigint, p_at timestamptz) returns void language plpgsql as $$
declare
  v_one record;
  v_next bigint;
begin
  for v_one in select sequencename as name, coalesce(last_value, 0) as last, max_value as most
    from pg_sequences where schemaname = 'shipmate'
  loop
    v_next := ((v_one.last + p_by) / 1000 + 1) * 1000 - 1;
    if v_one.name = 'epochs' then
      v_next := greatest(v_next, (extract(epoch from p_at) * 1000)::bigint);
    end if;
    perform setval(format('shipmate.%I', v_one.name)::regclass, least(v_next, v_one.most));
  end loop;
end $$;

-- What was to be told has been told by whoever was lost, or is of no use any more: nothing old goes out twice. What has a
-- message already is edited in its place.
create function shipmate.tell_nothing_old(p_at timestamptz) returns void language plpgsql as $$
declare
  v_why text := 'Shipmate was brought back from a backup';
begin
  update shipmate.posts set given_up_at = p_at, error = v_why where sent_at is null and given_up_at is null;
  update shipmate.incident_posts set given_up_at = p_at, error = v_why where sent_at is null and given_up_at is null;
  update shipmate.alert_replies set given_up_at = p_at, error = v_why where sent_at is null and given_up_at is null;
  update shipmate.incident_deliveries set given_up_at = p_at, error = v_why where sent_at is null and given_up_at is null;
  update shipmate.alert_messages set stale_since = null where ts is null;
  update shipmate.runs r set stale_since = null where ended_at is not null
    and not exists (select from shipmate.cards c where c.run = r.id);
  -- What came in and was not handled yet was handled since.
  update shipmate.inbox set done_at = p_at, outcome = 'restored' where done_at is null;
end $$;

-- One run that was live. What only Shipmate asked for, of the jobs in p_own, is over: the schedule asks anew. Every other is
-- held until a person says what is to become of it, and one that had not acted is planned anew: no answer counts for it.
create function shipmate.hold_restored(p_run shipmate.runs, p_back jsonb, p_own text[], p_held text, p_over text)
returns void language plpgsql as $$
declare
  v_at timestamptz := shipmate.moment(p_back, 'at');
  v_over boolean := p_run.requested_by ->> 'kind' = 'machine' and p_run.intent ->> 'job' = any (p_own);
  v_anew boolean := not v_over and p_run.started_at is null;
begin
  if v_over or v_anew then delete from shipmate.locks where run = p_run.id; end if;
  if v_anew then delete from shipmate.steps where run = p_run.id; end if;
  if v_over then
    update shipmate.steps set state = 'stopped', ended_at = v_at where run = p_run.id and state in ('running', 'waiting');
  end if;
  update shipmate.runs set
    state = case when v_over then 'lost' when v_anew then 'queued' else state end,
    plan = case when v_anew then null else plan end,
    planned_at = case when v_anew then null else planned_at end,
    plan_changes = case when v_anew then '[]' else plan_changes end,
    reason = case when v_over then p_back -> 'over' when v_anew then null else reason end,
    ended_at = case when v_over then v_at end,
    -- Looked at by the first worker that comes.
    wake_at = case when v_over or v_anew or state = 'undoing' then null else v_at end,
    carrier = null,
    restored = jsonb_build_object('at', p_back -> 'at', 'to', p_back -> 'to'),
    audit_rows = shipmate.append_audit(id, array[case when v_over then p_over else p_held end]),
    version = version + 1, changed_at = v_at,
    stale_since = case when v_over and not exists (select from shipmate.cards c where c.run = p_run.id) then stale_since
      else coalesce(stale_since, v_at) end
  where id = p_run.id;
end $$;

-- All of it, in one transaction, before anything of Shipmate runs on this database. `p_back` is {at, to, skip, own, over}.
create function shipmate.bring_back(p_back jsonb, p_entry text, p_held text, p_over text) returns void language plpgsql as $$
declare
  v_run shipmate.runs;
  v_own text[] := array(select jsonb_array_elements_text(p_back -> 'own'));
begin
  perform shipmate.skip_numbers((p_back ->> 'skip')::bigint, shipmate.moment(p_back, 'at'));
  perform shipmate.tell_nothing_old(shipmate.moment(p_back, 'at'));
  for v_run in select * from shipmate.runs where ended_at is null order by id loop
    perform shipmate.hold_restored(v_run, p_back, v_own, p_held, p_over);
  end loop;
  delete from shipmate.workers;
  perform shipmate.append_outside(p_entry);
end $$;
