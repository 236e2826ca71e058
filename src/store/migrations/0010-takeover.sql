--! expand
-- Runs that a person carries on from a terminal, and the row that proves that the database can be written.

alter table shipmate.runs add column taken_over jsonb;

-- Says on the run, in its trail and in its thread who carries it on from a terminal; false when it has ended.
create function shipmate.take_over_run(p_run bigint, p_taken jsonb, p_entry text, p_post text)
returns boolean language plpgsql as $$
declare
  v_at timestamptz := shipmate.moment(p_taken, 'at');
begin
  perform from shipmate.runs where id = p_run and ended_at is null for update;
  if not found then return false; end if;
  update shipmate.runs set taken_over = p_taken, audit_rows = shipmate.append_audit(id, array[p_entry]),
    version = version + 1, changed_at = v_at, stale_since = coalesce(stale_since, v_at) where id = p_run;
  insert into shipmate.posts (run, key, audience, text, created_at)
    values (p_run, 'takeover:' || (p_taken ->> 'at'), '{"kind":"thread"}', p_post, v_at) on conflict (run, key) do nothing;
  perform shipmate.tell_changed(p_run, 0);
  return true;
end $$;

create table shipmate.vital_signs (
  id int primary key,
  written_at timestamptz not null
);
