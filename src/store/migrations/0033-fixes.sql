--! expand
-- What is to end an error, followed from the word of a person to the release that brings it and a day after.

alter table shipmate.incident_tasks drop constraint incident_tasks_kind_check;
alter table shipmate.incident_tasks add constraint incident_tasks_kind_check check (kind in ('task', 'follow-up', 'fix'));
alter table shipmate.incident_tasks add column fix jsonb;

create or replace function shipmate.change_tasks(p_incident bigint, p_tasks jsonb, p_at timestamptz) returns void language plpgsql as $$
begin
  insert into shipmate.incident_tasks (incident, kind, text, owner, created_at, link, fix)
    select p_incident, t ->> 'kind', t ->> 'text', nullif(t -> 'owner', 'null'), p_at, t ->> 'link', nullif(t -> 'fix', 'null')
    from jsonb_array_elements(coalesce(p_tasks -> 'add', '[]')) with ordinality as x(t, n) order by n;
  update shipmate.incident_tasks k set
      text = coalesce(c ->> 'text', k.text),
      owner = case when c ? 'owner' then nullif(c -> 'owner', 'null') else k.owner end,
      done_at = case when c ? 'doneAt' then shipmate.moment(c, 'doneAt') else k.done_at end,
      link = case when c ? 'link' then c ->> 'link' else k.link end,
      fix = case when c ? 'fix' then nullif(c -> 'fix', 'null') else k.fix end
    from jsonb_array_elements(coalesce(p_tasks -> 'change', '[]')) c
    where k.incident = p_incident and k.id = (c ->> 'id')::bigint;
end $$;
