--! expand
-- Incidents with all that belongs to them, the alerts that came in, and changes that happened outside.

create table shipmate.incidents (
  id bigint generated always as identity primary key,
  team text not null,
  title text not null,
  service text,
  environment text,
  severity text not null check (severity in ('SEV1', 'SEV2', 'SEV3', 'SEV4')),
  proposal jsonb,
  private boolean not null,
  state text not null default 'open' check (state in ('open', 'resolved', 'archived', 'duplicate')),
  source jsonb not null,
  declared_by jsonb not null,
  via text not null,
  roles jsonb not null,
  impact jsonb,
  room jsonb not null,
  guide bigint references shipmate.runs (id),
  duplicate_of bigint references shipmate.incidents (id),
  suspects jsonb not null default '[]',
  gate jsonb not null default '[]',
  next_update timestamptz,
  wake_at timestamptz,
  declared_at timestamptz not null,
  acknowledged_at timestamptz,
  resolved_at timestamptz,
  archived_at timestamptz,
  -- Counts changes; every change says which one it was made on, and the card shows one of them.
  version bigint not null default 1,
  drawn_version bigint not null default 0,
  changed_at timestamptz not null,
  stale_since timestamptz,
  audit_rows int not null default 0
) with (fillfactor = 70);
create index incidents_live on shipmate.incidents (id) where state = 'open';
create index incidents_stale on shipmate.incidents (stale_since) where stale_since is not null;
create index incidents_due on shipmate.incidents (wake_at) where wake_at is not null;
create unique index incidents_in_channel on shipmate.incidents ((room ->> 'channel')) where room ->> 'channel' is not null;

create table shipmate.incident_requests (
  team text not null,
  request_key text not null,
  incident bigint not null references shipmate.incidents (id),
  primary key (team, request_key)
);

create table shipmate.incident_timeline (
  incident bigint not null references shipmate.incidents (id),
  position int not null,
  key text not null,
  kind text not null,
  at timestamptz not null,
  written_at timestamptz not null,
  by jsonb,
  text text not null,
  data jsonb not null default '{}',
  primary key (incident, position),
  unique (incident, key)
);

create table shipmate.incident_runs (
  incident bigint not null references shipmate.incidents (id),
  run bigint not null references shipmate.runs (id),
  part text not null,
  primary key (incident, run)
);
create index incident_runs_of_run on shipmate.incident_runs (run);

create table shipmate.incident_tasks (
  id bigint generated always as identity primary key,
  incident bigint not null references shipmate.incidents (id),
  kind text not null check (kind in ('task', 'follow-up')),
  text text not null,
  owner jsonb,
  created_at timestamptz not null,
  done_at timestamptz,
  link text
);
create index incident_tasks_of on shipmate.incident_tasks (incident);

create table shipmate.incident_updates (
  id bigint generated always as identity primary key,
  incident bigint not null references shipmate.incidents (id),
  text text not null,
  phase text not null,
  audience jsonb not null,
  drafted_by jsonb not null,
  drafted_at timestamptz not null,
  published_by jsonb,
  published_at timestamptz
);
create index incident_updates_of on shipmate.incident_updates (incident);

create table shipmate.incident_posts (
  id bigint generated always as identity primary key,
  incident bigint not null references shipmate.incidents (id),
  key text not null,
  audience jsonb not null,
  text text not null,
  drawing jsonb,
  created_at timestamptz not null,
  tries int not null default 0,
  retry_at timestamptz,
  error text,
  sent_at timestamptz,
  given_up_at timestamptz,
  channel text,
  ts text,
  unique (incident, key)
);
create index incident_posts_pending on shipmate.incident_posts (id) where sent_at is null and given_up_at is null;

create table shipmate.alerts (
  id bigint generated always as identity primary key,
  source text not null,
  fingerprint text not null,
  alert_group text,
  state text not null check (state in ('firing', 'resolved')),
  title text not null,
  text text not null,
  severity text,
  service text,
  environment text,
  labels jsonb not null,
  link text,
  data jsonb not null,
  notices int not null default 1,
  incident bigint references shipmate.incidents (id),
  acknowledged_by text,
  acknowledged_at timestamptz,
  silenced_until timestamptz,
  started_at timestamptz not null,
  last_at timestamptz not null,
  ended_at timestamptz
) with (fillfactor = 70);
-- What fires again after it was over is a new alert.
create unique index alerts_firing on shipmate.alerts (source, fingerprint) where ended_at is null;
create index alerts_of_incident on shipmate.alerts (incident) where incident is not null;
create index alerts_recent on shipmate.alerts (last_at desc);

create table shipmate.outside_changes (
  source text not null,
  key text not null,
  what text not null,
  service text,
  environment text,
  by text,
  link text,
  at timestamptz not null,
  primary key (source, key)
);
create index outside_changes_when on shipmate.outside_changes (at desc);

create function shipmate.tell_incident(p_incident bigint) returns void language plpgsql as $$
begin
  perform pg_notify('shipmate_incident', p_incident::text);
end $$;

-- An incident's audit chain has its number with a minus: runs have the numbers above zero, acts outside have zero.
create function shipmate.append_incident_audit(p_incident bigint, p_entries text[]) returns int language plpgsql as $$
begin
  return shipmate.append_audit(-p_incident, p_entries);
end $$;

create function shipmate.add_timeline(p_incident bigint, p_entries jsonb, p_at timestamptz) returns void language plpgsql as $$
declare
  v_last int := (select coalesce(max(position), 0) from shipmate.incident_timeline where incident = p_incident);
  v_entry jsonb;
begin
  for v_entry in select value from jsonb_array_elements(p_entries) loop
    insert into shipmate.incident_timeline (incident, position, key, kind, at, written_at, by, text, data)
      values (p_incident, v_last + 1, v_entry ->> 'key', v_entry ->> 'kind', shipmate.moment(v_entry, 'at'), p_at,
        nullif(v_entry -> 'by', 'null'), v_entry ->> 'text', coalesce(v_entry -> 'data', '{}'))
    on conflict (incident, key) do nothing;
    if found then v_last := v_last + 1; end if;
  end loop;
end $$;

-- Opens an incident, once for its request key.
create function shipmate.declare_incident(p_order jsonb, p_first jsonb, p_entry text, out incident bigint, out fresh boolean)
language plpgsql as $$
declare
  v_team text := p_order ->> 'team';
  v_at timestamptz := shipmate.moment(p_order, 'at');
begin
  perform pg_advisory_xact_lock(1936222590, hashtext(v_team || ' ' || (p_order ->> 'requestKey')));
  fresh := false;
  select r.incident into declare_incident.incident from shipmate.incident_requests r
    where r.team = v_team and r.request_key = p_order ->> 'requestKey';
  if found then return; end if;
  fresh := true;
  insert into shipmate.incidents (team, title, service, environment, severity, private, source, declared_by, via, roles,
      room, wake_at, declared_at, changed_at, stale_since)
    values (v_team, p_order ->> 'title', p_order ->> 'service', p_order ->> 'environment', p_order ->> 'severity',
      (p_order ->> 'private')::boolean, p_order -> 'source', p_order -> 'declaredBy', p_order ->> 'via',
      p_order -> 'roles', '{}', v_at, v_at, v_at, v_at)
    returning id into declare_incident.incident;
  -- Slack's names of channels hold at most 80 characters.
  update shipmate.incidents i set room = jsonb_build_object('channel', null, 'card', null, 'done', '[]'::jsonb,
      'troubles', '[]'::jsonb, 'name', rtrim(left('inc-' || i.id || '-' || (p_order ->> 'slug'), 80), '-')),
      audit_rows = shipmate.append_incident_audit(i.id, array[p_entry])
    where i.id = declare_incident.incident;
  insert into shipmate.incident_requests (team, request_key, incident)
    values (v_team, p_order ->> 'requestKey', declare_incident.incident);
  perform shipmate.add_timeline(declare_incident.incident, jsonb_build_array(p_first), v_at);
  perform shipmate.tell_incident(declare_incident.incident);
end $$;

create function shipmate.change_tasks(p_incident bigint, p_tasks jsonb, p_at timestamptz) returns void language plpgsql as $$
begin
  insert into shipmate.incident_tasks (incident, kind, text, owner, created_at)
    select p_incident, t ->> 'kind', t ->> 'text', nullif(t -> 'owner', 'null'), p_at
    from jsonb_array_elements(coalesce(p_tasks -> 'add', '[]')) with ordinality as x(t, n) order by n;
  update shipmate.incident_tasks k set
      text = coalesce(c ->> 'text', k.text),
      owner = case when c ? 'owner' then nullif(c -> 'owner', 'null') else k.owner end,
      done_at = case when c ? 'doneAt' then shipmate.moment(c, 'doneAt') else k.done_at end,
      link = case when c ? 'link' then c ->> 'link' else k.link end
    from jsonb_array_elements(coalesce(p_tasks -> 'change', '[]')) c
    where k.incident = p_incident and k.id = (c ->> 'id')::bigint;
end $$;

create function shipmate.change_updates(p_incident bigint, p_updates jsonb) returns void language plpgsql as $$
begin
  insert into shipmate.incident_updates (incident, text, phase, audience, drafted_by, drafted_at, published_by, published_at)
    select p_incident, u ->> 'text', u ->> 'phase', u -> 'audience', u -> 'draftedBy', shipmate.moment(u, 'draftedAt'),
      nullif(u -> 'publishedBy', 'null'), shipmate.moment(u, 'publishedAt')
    from jsonb_array_elements(coalesce(p_updates -> 'add', '[]')) with ordinality as x(u, n) order by n;
  update shipmate.incident_updates k set
      text = coalesce(c ->> 'text', k.text),
      phase = coalesce(c ->> 'phase', k.phase),
      audience = coalesce(c -> 'audience', k.audience),
      published_by = case when c ? 'publishedBy' then nullif(c -> 'publishedBy', 'null') else k.published_by end,
      published_at = case when c ? 'publishedAt' then shipmate.moment(c, 'publishedAt') else k.published_at end
    from jsonb_array_elements(coalesce(p_updates -> 'change', '[]')) c
    where k.incident = p_incident and k.id = (c ->> 'id')::bigint;
end $$;

create function shipmate.add_incident_posts(p_incident bigint, p_posts jsonb, p_at timestamptz) returns void language plpgsql as $$
begin
  insert into shipmate.incident_posts (incident, key, audience, text, drawing, created_at)
    select p_incident, p ->> 'key', p -> 'to', p ->> 'text', nullif(p -> 'drawing', 'null'), p_at
    from jsonb_array_elements(p_posts) with ordinality as t(p, n) order by n
  on conflict (incident, key) do nothing;
end $$;

-- One change of an incident, made on the version it names; false, with nothing written, when it is at another one.
create function shipmate.write_incident(p_incident bigint, p_version bigint, p_change jsonb, p_entries text[], p_at timestamptz)
returns boolean language plpgsql as $$
declare
  v_set jsonb := coalesce(p_change -> 'set', '{}');
begin
  update shipmate.incidents set
    title = coalesce(v_set ->> 'title', title),
    service = case when v_set ? 'service' then v_set ->> 'service' else service end,
    environment = case when v_set ? 'environment' then v_set ->> 'environment' else environment end,
    severity = coalesce(v_set ->> 'severity', severity),
    proposal = case when v_set ? 'proposal' then nullif(v_set -> 'proposal', 'null') else proposal end,
    private = coalesce((v_set ->> 'private')::boolean, private),
    state = coalesce(v_set ->> 'state', state),
    roles = coalesce(v_set -> 'roles', roles),
    impact = case when v_set ? 'impact' then nullif(v_set -> 'impact', 'null') else impact end,
    guide = case when v_set ? 'guide' then (v_set ->> 'guide')::bigint else guide end,
    duplicate_of = case when v_set ? 'duplicateOf' then (v_set ->> 'duplicateOf')::bigint else duplicate_of end,
    next_update = case when v_set ? 'nextUpdate' then shipmate.moment(v_set, 'nextUpdate') else next_update end,
    wake_at = case when v_set ? 'wakeAt' then shipmate.moment(v_set, 'wakeAt') else wake_at end,
    acknowledged_at = case when v_set ? 'acknowledgedAt' then shipmate.moment(v_set, 'acknowledgedAt') else acknowledged_at end,
    resolved_at = case when v_set ? 'resolvedAt' then shipmate.moment(v_set, 'resolvedAt') else resolved_at end,
    archived_at = case when v_set ? 'archivedAt' then shipmate.moment(v_set, 'archivedAt') else archived_at end,
    suspects = coalesce(p_change -> 'suspects', suspects),
    gate = coalesce(p_change -> 'gate', gate),
    audit_rows = audit_rows + cardinality(p_entries),
    version = version + 1, changed_at = p_at, stale_since = coalesce(stale_since, p_at)
  where id = p_incident and version = p_version;
  if not found then return false; end if;
  if p_change ? 'runs' then
    insert into shipmate.incident_runs (incident, run, part)
      select p_incident, (r ->> 'run')::bigint, r ->> 'part' from jsonb_array_elements(p_change -> 'runs') r
    on conflict (incident, run) do update set part = excluded.part;
  end if;
  if p_change ? 'tasks' then perform shipmate.change_tasks(p_incident, p_change -> 'tasks', p_at); end if;
  if p_change ? 'updates' then perform shipmate.change_updates(p_incident, p_change -> 'updates'); end if;
  if p_change ? 'timeline' then perform shipmate.add_timeline(p_incident, p_change -> 'timeline', p_at); end if;
  if p_change ? 'posts' then perform shipmate.add_incident_posts(p_incident, p_change -> 'posts', p_at); end if;
  perform shipmate.append_incident_audit(p_incident, p_entries);
  perform shipmate.tell_incident(p_incident);
  return true;
end $$;

-- Keeps one notice of an alert: a new row, or one more notice of the one that fires. `turned`: it began or ended just now.
create function shipmate.receive_alert(p_notice jsonb, p_at timestamptz, out alert bigint, out fresh boolean, out turned boolean)
language plpgsql as $$
declare
  v_ends boolean := p_notice ->> 'state' = 'resolved';
begin
  perform pg_advisory_xact_lock(1936222591, hashtext((p_notice ->> 'source') || ' ' || (p_notice ->> 'fingerprint')));
  update shipmate.alerts a set
      state = p_notice ->> 'state', title = p_notice ->> 'title', text = p_notice ->> 'text',
      labels = p_notice -> 'labels', link = p_notice ->> 'link', data = p_notice -> 'data',
      severity = coalesce(p_notice ->> 'severity', a.severity), notices = a.notices + 1, last_at = p_at,
      ended_at = case when v_ends then coalesce(shipmate.moment(p_notice, 'endedAt'), p_at) end
    where a.source = p_notice ->> 'source' and a.fingerprint = p_notice ->> 'fingerprint' and a.ended_at is null
    returning a.id into receive_alert.alert;
  fresh := not found;
  turned := v_ends or fresh;
  if not fresh then return; end if;
  -- The end of something nobody saw begin is kept too, but is nothing new to anybody.
  turned := not v_ends;
  insert into shipmate.alerts (source, fingerprint, alert_group, state, title, text, severity, service, environment, labels,
      link, data, started_at, last_at, ended_at)
    values (p_notice ->> 'source', p_notice ->> 'fingerprint', p_notice ->> 'group', p_notice ->> 'state',
      p_notice ->> 'title', p_notice ->> 'text', p_notice ->> 'severity', p_notice ->> 'service',
      p_notice ->> 'environment', p_notice -> 'labels', p_notice ->> 'link', p_notice -> 'data',
      shipmate.moment(p_notice, 'startedAt'), p_at,
      case when v_ends then coalesce(shipmate.moment(p_notice, 'endedAt'), p_at) end)
    returning id into receive_alert.alert;
end $$;
