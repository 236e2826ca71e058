--! expand
-- write_step for a worker that knows the last row of the run's chain: it brings the hashes of the rows it adds, and only
-- when somebody else has added rows meanwhile the chain is read. Answers how many rows the chain has and its last hash,
-- or null, with nothing written, when the epoch is not the caller's any more.
create function shipmate.write_chained(p_run bigint, p_epoch bigint, p_at timestamptz, p_told boolean,
  p_after int, p_prev text, p_first text, p_first_hash text, p_second text, p_second_hash text,
  p_ended text, p_state text, p_evidence jsonb, p_output jsonb, p_ended_at timestamptz,
  p_begun text, p_attempt int, p_started_at timestamptz, p_deadline timestamptz)
returns text language plpgsql as $$
declare
  v_added int := case when p_second is null then 1 else 2 end;
  v_rows int;
  v_last text := coalesce(p_second_hash, p_first_hash);
begin
  update shipmate.runs set audit_rows = audit_rows + v_added,
    version = version + 1, changed_at = p_at, stale_since = coalesce(stale_since, p_at)
    where id = p_run and epoch = p_epoch and ended_at is null returning audit_rows into v_rows;
  if not found then return null; end if;
  if p_ended is not null then
    update shipmate.steps set state = p_state, evidence = p_evidence, output = p_output, ended_at = p_ended_at
      where run = p_run and key = p_ended;
  end if;
  if p_begun is not null then
    update shipmate.steps set state = 'running', attempt = p_attempt, started_at = p_started_at, deadline = p_deadline
      where run = p_run and key = p_begun;
  end if;
  if v_rows <> p_after + v_added then
    perform shipmate.append_audit(p_run, array_remove(array[p_first, p_second], null));
    select hash into v_last from shipmate.audit where run = p_run and position = v_rows;
  elsif p_second is null then
    insert into shipmate.audit (run, position, entry, prev, hash) values (p_run, v_rows, p_first, p_prev, p_first_hash);
  else
    insert into shipmate.audit (run, position, entry, prev, hash)
      values (p_run, v_rows - 1, p_first, p_prev, p_first_hash), (p_run, v_rows, p_second, p_first_hash, p_second_hash);
  end if;
  if p_told then perform shipmate.tell_changed(p_run, p_epoch); end if;
  return v_rows || ' ' || v_last;
end $$;
