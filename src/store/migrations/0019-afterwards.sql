--! expand
-- What goes on after an incident, or beside it: issues of follow-ups that were not taken, and one message for stakeholders.

create table shipmate.incident_issues (
  task bigint primary key references shipmate.incident_tasks (id),
  tries int not null default 0,
  retry_at timestamptz,
  error text,
  given_up_at timestamptz
);

-- One message of an incident, edited in place. `shown` is the digest of what it says; `version` the incident's then.
create table shipmate.incident_digests (
  incident bigint primary key references shipmate.incidents (id),
  channel text,
  ts text,
  shown text,
  stale boolean not null default true,
  tries int not null default 0,
  retry_at timestamptz,
  error text
);
create index incident_digests_stale on shipmate.incident_digests (incident) where stale;

-- From the first update on that is published for stakeholders, each change of the incident is looked at.
create function shipmate.digest_update() returns trigger language plpgsql as $$
begin
  insert into shipmate.incident_digests (incident)
    select new.incident where new.audience ? 'stakeholders'
      and exists (select from shipmate.incidents i where i.id = new.incident and not i.private)
  on conflict (incident) do update set stale = true;
  return null;
end $$;
create trigger incident_updates_digested after insert or update of published_at on shipmate.incident_updates
  for each row when (new.published_at is not null) execute function shipmate.digest_update();

create function shipmate.digest_incident() returns trigger language plpgsql as $$
begin
  update shipmate.incident_digests set stale = true where incident = new.id and not stale;
  return null;
end $$;
create trigger incidents_digested after update of version on shipmate.incidents
  for each row when (new.version <> old.version) execute function shipmate.digest_incident();
