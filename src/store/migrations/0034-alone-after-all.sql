--! expand
-- Whoever approved as one of several, and broke glass because the others do not answer, is enough: the approval that was
-- given stays one row of the same person, and says from then on by what it stands alone. A rejection is never turned.

create or replace function shipmate.answer_ask(p_answer jsonb, p_entry text) returns text language plpgsql as $$
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
  -- A rejection counts as long as an approval is open, so approvals take more than they need.
  if (v_step.step ->> 'quorum')::int = 1 and not v_step.step -> 'answers' @> '[{"value": "reject"}]'
    and exists (select from shipmate.answers a where a.run = v_run.id and a.step = v_step.key
      and a.plan_round = v_run.plan_round and a.round = v_step.round and a.person_id <> p_answer -> 'person' ->> 'id')
    then return 'answered'; end if;

  insert into shipmate.answers as a (run, step, plan_round, round, person_id, person, answer, reason, digest, at, data)
    values (v_run.id, v_step.key, v_run.plan_round, v_step.round, p_answer -> 'person' ->> 'id', p_answer -> 'person',
      p_answer ->> 'answer', p_answer ->> 'reason', p_answer ->> 'digest', v_at, coalesce(p_answer -> 'data', '{}'))
  on conflict (run, step, plan_round, round, person_id) do update
    set reason = excluded.reason, digest = excluded.digest, at = excluded.at, data = excluded.data
    where excluded.data ? 'alone' and not a.data ? 'alone' and a.answer = excluded.answer;
  if not found then return 'already answered'; end if;
  update shipmate.runs set calls = calls + 1, audit_rows = shipmate.append_audit(id, array[p_entry]),
    version = version + 1, changed_at = v_at, stale_since = coalesce(stale_since, v_at) where id = v_run.id;
  perform shipmate.tell_changed(v_run.id, 0);
  return '';
end $$;
