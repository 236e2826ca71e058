--! expand
-- Pages that were sent, what was told outside of published updates, and what other systems were last told.

create table shipmate.incident_pages (
  incident bigint not null references shipmate.incidents (id),
  call int not null,
  turn int not null,
  step int not null,
  target jsonb not null,
  at timestamptz not null,
  primary key (incident, call, turn)
);

-- One for each update and audience; `begun_at` without an end means that it may have arrived.
create table shipmate.incident_deliveries (
  id bigint generated always as identity primary key,
  incident bigint not null references shipmate.incidents (id),
  update bigint not null references shipmate.incident_updates (id),
  audience text not null check (audience in ('status page', 'customers')),
  key text not null unique,
  created_at timestamptz not null,
  tries int not null default 0,
  begun_at timestamptz,
  retry_at timestamptz,
  error text,
  sent_at timestamptz,
  given_up_at timestamptz,
  outcome jsonb,
  unique (update, audience)
);
create index incident_deliveries_pending on shipmate.incident_deliveries (id) where sent_at is null and given_up_at is null;
create index incident_deliveries_of on shipmate.incident_deliveries (incident);

create table shipmate.incident_mirrors (
  incident bigint not null references shipmate.incidents (id),
  system text not null,
  told jsonb not null,
  changed_at timestamptz not null,
  primary key (incident, system)
);

create index incidents_declared on shipmate.incidents (declared_at desc);
create index incident_updates_published on shipmate.incident_updates (published_at desc) where published_at is not null;

-- What is published has to be told, from the same transaction on; what is private is told to nobody.
create function shipmate.deliver_update() returns trigger language plpgsql as $$
begin
  insert into shipmate.incident_deliveries (incident, update, audience, key, created_at)
    select new.incident, new.id, a.audience, 'INC-' || new.incident || '/update-' || new.id || '/' || replace(a.audience, ' ', '-'),
      new.published_at
    from jsonb_array_elements_text(new.audience) a(audience)
    where a.audience in ('status page', 'customers')
      and exists (select from shipmate.incidents i where i.id = new.incident and not i.private)
  on conflict do nothing;
  return null;
end $$;
create trigger incident_updates_delivered after insert or update of published_at on shipmate.incident_updates
  for each row when (new.published_at is not null) execute function shipmate.deliver_update();

-- One page with its message and its line in the timeline; false when the incident moved on or the page was sent before.
create function shipmate.send_page(p_incident bigint, p_version bigint, p_page jsonb, p_at timestamptz)
returns boolean language plpgsql as $$
begin
  perform from shipmate.incidents where id = p_incident and version = p_version and state = 'open' for update;
  if not found then return false; end if;
  insert into shipmate.incident_pages (incident, call, turn, step, target, at)
    values (p_incident, (p_page ->> 'call')::int, (p_page ->> 'turn')::int, (p_page ->> 'step')::int, p_page -> 'target', p_at)
  on conflict do nothing;
  if not found then return false; end if;
  perform shipmate.add_incident_posts(p_incident, jsonb_build_array(p_page -> 'post'), p_at);
  perform shipmate.add_timeline(p_incident, jsonb_build_array(p_page -> 'entry'), p_at);
  perform shipmate.tell_incident(p_incident);
  return true;
end $$;

-- How a try of a delivery ended. Given up, it is said in the thread of the incident's card.
create function shipmate.end_delivery(p_delivery bigint, p_end jsonb, p_at timestamptz) returns void language plpgsql as $$
declare
  v_incident bigint;
  v_key text;
begin
  update shipmate.incident_deliveries set
      begun_at = null,
      sent_at = case when p_end ? 'outcome' then p_at end,
      outcome = coalesce(p_end -> 'outcome', outcome),
      error = p_end ->> 'error',
      retry_at = shipmate.moment(p_end, 'retryAt'),
      given_up_at = case when p_end ? 'error' and p_end ->> 'retryAt' is null then p_at end
    where id = p_delivery and sent_at is null and given_up_at is null returning incident, key into v_incident, v_key;
  if not found or not p_end ? 'said' then return; end if;
  perform from shipmate.incidents where id = v_incident for update;
  perform shipmate.add_incident_posts(v_incident, jsonb_build_array(jsonb_build_object('key', 'delivery:' || v_key,
    'to', '{"kind":"thread"}'::jsonb, 'text', p_end ->> 'said')), p_at);
  perform shipmate.add_timeline(v_incident, jsonb_build_array(jsonb_build_object('key', 'delivery:' || v_key,
    'kind', 'update', 'at', p_at, 'by', null, 'text', p_end ->> 'said')), p_at);
  perform shipmate.tell_incident(v_incident);
end $$;
