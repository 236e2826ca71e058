--! expand
-- What a guide needs of a run: answers that carry more than a word, who is at a step, checks that are looked at again.

alter table shipmate.answers add column data jsonb not null default '{}';
alter table shipmate.steps add column taken jsonb;

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

  insert into shipmate.answers (run, step, plan_round, round, person_id, person, answer, reason, digest, at, data)
    values (v_run.id, v_step.key, v_run.plan_round, v_step.round, p_answer -> 'person' ->> 'id', p_answer -> 'person',
      p_answer ->> 'answer', p_answer ->> 'reason', p_answer ->> 'digest', v_at, coalesce(p_answer -> 'data', '{}'))
  on conflict do nothing;
  if not found then return 'already answered'; end if;
  update shipmate.runs set calls = calls + 1, audit_rows = shipmate.append_audit(id, array[p_entry]),
    version = version + 1, changed_at = v_at, stale_since = coalesce(stale_since, v_at) where id = v_run.id;
  perform shipmate.tell_changed(v_run.id, 0);
  return '';
end $$;

-- Says who is at a step, or opens a check that has ended once more, in its next round; answers why nothing was changed.
create function shipmate.touch_step(p_touch jsonb, p_entry text) returns text language plpgsql as $$
declare
  v_run shipmate.runs;
  v_step shipmate.steps;
  v_at timestamptz := shipmate.moment(p_touch, 'at');
  v_take boolean := p_touch ->> 'kind' = 'take';
begin
  select * into v_run from shipmate.runs where id = (p_touch ->> 'run')::bigint for update;
  select * into v_step from shipmate.steps where run = v_run.id and key = p_touch ->> 'step';
  if v_step.key is null then return 'no such step'; end if;
  if v_run.ended_at is not null or (v_take and v_step.ended_at is not null) then return 'closed'; end if;
  if v_step.round <> (p_touch ->> 'round')::int then return 'other round'; end if;
  if v_take then
    if v_step.taken -> 'by' ->> 'id' = p_touch -> 'by' ->> 'id' then return 'already'; end if;
    update shipmate.steps set taken = jsonb_build_object('by', p_touch -> 'by', 'at', p_touch -> 'at')
      where run = v_run.id and key = v_step.key;
  else
    if v_step.step ->> 'verb' <> 'check' then return 'no such step'; end if;
    -- One that waits for its next look is looked at now; one that is being looked at needs no second look.
    if v_step.ended_at is null and v_step.state <> 'waiting' then return 'already'; end if;
    update shipmate.steps set state = 'pending', round = round + 1, attempt = 0, ended_at = null, deadline = null,
      wake_at = null where run = v_run.id and key = v_step.key;
  end if;
  update shipmate.runs set calls = calls + 1, audit_rows = shipmate.append_audit(id, array[p_entry]),
    version = version + 1, changed_at = v_at, stale_since = coalesce(stale_since, v_at) where id = v_run.id;
  perform shipmate.tell_changed(v_run.id, 0);
  return '';
end $$;
