--! expand
-- What becomes of an alert, the messages of those that open no incident, silences, and deliveries that were taken before.

alter table shipmate.alerts
  -- Null until somebody looked at it after it last turned.
  add column judged_at timestamptz,
  add column told text check (told in ('incident', 'message', 'silence', 'nobody')),
  add column duplicate_of bigint references shipmate.alerts (id);
create index alerts_unjudged on shipmate.alerts (id) where judged_at is null;
create index alerts_silenced on shipmate.alerts (silenced_until) where told = 'silence' and ended_at is null;
create index alerts_of_fingerprint on shipmate.alerts (source, fingerprint, id desc);
create index alerts_of_group on shipmate.alerts (source, alert_group) where incident is not null;
create index alerts_began on shipmate.alerts (started_at desc);

create table shipmate.webhook_deliveries (
  source text not null,
  key text not null,
  at timestamptz not null,
  primary key (source, key)
);
create index webhook_deliveries_when on shipmate.webhook_deliveries (at);

create table shipmate.alert_messages (
  id bigint generated always as identity primary key,
  source text not null,
  fingerprint text not null,
  channel text not null,
  -- The newest alert of that fingerprint: what the message shows.
  alert bigint not null references shipmate.alerts (id),
  -- The message once it is there.
  ts text,
  version bigint not null default 1,
  drawn_version bigint not null default 0,
  changed_at timestamptz not null,
  stale_since timestamptz,
  tries int not null default 0,
  retry_at timestamptz,
  error text
) with (fillfactor = 70);
create index alert_messages_of_alert on shipmate.alert_messages (alert);
create index alert_messages_of_fingerprint on shipmate.alert_messages (source, fingerprint, channel, id desc);
create index alert_messages_stale on shipmate.alert_messages (stale_since) where stale_since is not null;

create table shipmate.alert_replies (
  id bigint generated always as identity primary key,
  message bigint not null references shipmate.alert_messages (id),
  key text not null,
  text text not null,
  created_at timestamptz not null,
  tries int not null default 0,
  retry_at timestamptz,
  error text,
  sent_at timestamptz,
  given_up_at timestamptz,
  unique (message, key)
);
create index alert_replies_pending on shipmate.alert_replies (id) where sent_at is null and given_up_at is null;

create table shipmate.alert_silences (
  id bigint generated always as identity primary key,
  -- Once for the same act or step.
  key text not null unique,
  covers jsonb not null,
  by jsonb not null,
  reason text not null,
  -- Ends with this run, however that ends.
  run bigint references shipmate.runs (id),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  ended_at timestamptz,
  -- none: only Shipmate is quiet. wanted: to be made in Alertmanager. made: it is there. gone: it was taken away.
  outside text not null check (outside in ('none', 'wanted', 'made', 'gone')),
  outside_id text,
  tries int not null default 0,
  retry_at timestamptz,
  error text
);
create index alert_silences_live on shipmate.alert_silences (id) where ended_at is null or outside in ('wanted', 'made');
create index alert_silences_of_run on shipmate.alert_silences (run) where run is not null;

create function shipmate.tell_alerts() returns void language plpgsql as $$
begin
  perform pg_notify('shipmate_alerts', '');
end $$;

-- The message of an alert is to be drawn again.
create function shipmate.touch_alert_message(p_alert bigint, p_at timestamptz) returns void language plpgsql as $$
begin
  update shipmate.alert_messages set version = version + 1, changed_at = p_at, stale_since = coalesce(stale_since, p_at)
    where alert = p_alert;
  if found then perform shipmate.tell_alerts(); end if;
end $$;

-- Keeps one notice of an alert: a new row, or one more notice of the one that fires. `turned`: it began or ended just
-- now. What was over stays over when its notices come again late: a notice of the same firing changes nothing.
create or replace function shipmate.receive_alert(p_notice jsonb, p_at timestamptz, out alert bigint, out fresh boolean,
  out turned boolean) language plpgsql as $$
declare
  v_ends boolean := p_notice ->> 'state' = 'resolved';
  v_began timestamptz := coalesce(shipmate.moment(p_notice, 'startedAt'), p_at);
  v_known shipmate.alerts;
begin
  perform pg_advisory_xact_lock(1936222591, hashtext((p_notice ->> 'source') || ' ' || (p_notice ->> 'fingerprint')));
  select * into v_known from shipmate.alerts a
    where a.source = p_notice ->> 'source' and a.fingerprint = p_notice ->> 'fingerprint' order by a.id desc limit 1;
  fresh := false;
  turned := false;
  if v_known.id is not null and v_known.ended_at is null then
    turned := v_ends;
    alert := v_known.id;
    update shipmate.alerts a set
        state = p_notice ->> 'state', title = p_notice ->> 'title', text = p_notice ->> 'text',
        labels = p_notice -> 'labels', link = p_notice ->> 'link', data = p_notice -> 'data',
        service = coalesce(a.service, p_notice ->> 'service'),
        environment = coalesce(a.environment, p_notice ->> 'environment'),
        severity = coalesce(p_notice ->> 'severity', a.severity), notices = a.notices + 1, last_at = p_at,
        -- Another severity may be one that opens an incident.
        judged_at = case when v_ends or a.severity is distinct from coalesce(p_notice ->> 'severity', a.severity)
          then null else a.judged_at end,
        ended_at = case when v_ends then coalesce(shipmate.moment(p_notice, 'endedAt'), p_at) end
      where a.id = v_known.id;
    perform shipmate.touch_alert_message(v_known.id, p_at);
    return;
  end if;
  if v_known.id is not null and (v_began <= v_known.started_at or (v_ends and v_began <= v_known.ended_at)) then
    alert := v_known.id;
    return;
  end if;
  fresh := true;
  -- The end of something nobody saw begin is kept too, but is nothing new to anybody.
  turned := not v_ends;
  insert into shipmate.alerts (source, fingerprint, alert_group, state, title, text, severity, service, environment, labels,
      link, data, started_at, last_at, ended_at, judged_at, told)
    values (p_notice ->> 'source', p_notice ->> 'fingerprint', p_notice ->> 'group', p_notice ->> 'state',
      p_notice ->> 'title', p_notice ->> 'text', p_notice ->> 'severity', p_notice ->> 'service',
      p_notice ->> 'environment', p_notice -> 'labels', p_notice ->> 'link', p_notice -> 'data', v_began, p_at,
      case when v_ends then coalesce(shipmate.moment(p_notice, 'endedAt'), p_at) end,
      case when v_ends then p_at end, case when v_ends then 'nobody' end)
    returning id into receive_alert.alert;
end $$;

-- All of one delivery, or nothing: its alerts and its changes. The same delivery again is not taken.
create function shipmate.take_delivery(p_source text, p_key text, p_notices jsonb, p_changes jsonb, p_at timestamptz,
  out taken boolean, out turned int) language plpgsql as $$
declare
  v_notice jsonb;
begin
  turned := 0;
  taken := true;
  if p_key is not null then
    insert into shipmate.webhook_deliveries (source, key, at) values (p_source, p_key, p_at) on conflict do nothing;
    taken := found;
    if not taken then return; end if;
  end if;
  insert into shipmate.outside_changes (source, key, what, service, environment, by, link, at)
    select c ->> 'source', c ->> 'key', c ->> 'what', c ->> 'service', c ->> 'environment', c ->> 'by', c ->> 'link',
      shipmate.moment(c, 'at') from jsonb_array_elements(p_changes) c
  on conflict do nothing;
  -- In one order, so that two deliveries of the same alerts never wait for each other.
  for v_notice in select value from jsonb_array_elements(p_notices)
    order by value ->> 'source', hashtext((value ->> 'source') || ' ' || (value ->> 'fingerprint')), value ->> 'fingerprint',
      shipmate.moment(value, 'startedAt')
  loop
    -- What says every time that all is well is worth a row only where something was wrong.
    if (v_notice -> 'data' ->> 'onlyIfFiring')::boolean then
      perform pg_advisory_xact_lock(1936222591, hashtext((v_notice ->> 'source') || ' ' || (v_notice ->> 'fingerprint')));
      continue when not exists (select from shipmate.alerts a where a.source = v_notice ->> 'source'
        and a.fingerprint = v_notice ->> 'fingerprint' and a.ended_at is null);
    end if;
    if (select r.turned from shipmate.receive_alert(v_notice, p_at) r) then turned := turned + 1; end if;
  end loop;
end $$;

-- An alert without an incident is said in a channel: in the message of its fingerprint while that is recent, or a new one.
create function shipmate.tell_alert(p_alert bigint, p_channel text, p_reply jsonb, p_since timestamptz, p_at timestamptz)
returns void language plpgsql as $$
declare
  v_message bigint;
begin
  select m.id into v_message from shipmate.alert_messages m join shipmate.alerts a
      on a.source = m.source and a.fingerprint = m.fingerprint
    where a.id = p_alert and m.channel = p_channel and (m.alert = p_alert or m.changed_at >= p_since)
    order by m.id desc limit 1;
  if v_message is null then
    insert into shipmate.alert_messages (source, fingerprint, channel, alert, changed_at, stale_since)
      select source, fingerprint, p_channel, id, p_at, p_at from shipmate.alerts where id = p_alert
      returning id into v_message;
  else
    update shipmate.alert_messages set alert = p_alert, version = version + 1, changed_at = p_at,
      stale_since = coalesce(stale_since, p_at) where id = v_message;
    if p_reply is not null then
      insert into shipmate.alert_replies (message, key, text, created_at)
        values (v_message, p_reply ->> 'key', p_reply ->> 'text', p_at) on conflict do nothing;
    end if;
  end if;
  perform shipmate.tell_alerts();
end $$;
