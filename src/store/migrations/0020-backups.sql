--! expand
-- Backups of the applications' databases: what was seen in their storages, what reading them back found, who proved
-- them, what drills measured, how the storages grow, and when scheduled work was started last.

-- One database of the operator's file that is looked after, with the last look at its storage.
create table shipmate.backup_databases (
  name text primary key,
  since timestamptz not null,
  looked_at timestamptz,
  spans jsonb not null default '[]',
  archive jsonb,
  stored_bytes bigint not null default 0,
  free_bytes bigint,
  -- Why it cannot be looked at now: {text, next}; null while it can.
  problem jsonb,
  problem_since timestamptz
);

-- What the engine says of it stands in columns that are asked for, and whole in `said`.
create table shipmate.backups (
  database text not null,
  label text not null,
  kind text not null,
  parent text,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  said jsonb not null,
  verified_at timestamptz,
  defects jsonb not null default '[]',
  proven_at timestamptz,
  proven_by bigint,
  gone_at timestamptz,
  primary key (database, label)
);
create index backups_newest on shipmate.backups (database, ended_at desc);

create table shipmate.backup_drills (
  run bigint primary key,
  database text not null,
  label text not null,
  at timestamptz not null,
  passed boolean not null,
  verdict text not null,
  figures jsonb not null
);
create index backup_drills_newest on shipmate.backup_drills (database, at desc);

-- One sample for each hour in which somebody looked: the last one of it.
create table shipmate.backup_growth (
  database text not null,
  hour timestamptz not null,
  at timestamptz not null,
  stored_bytes bigint not null,
  free_bytes bigint,
  database_bytes bigint,
  primary key (database, hour)
);

-- The scheduled moment that was started last, by work.
create table shipmate.backup_starts (
  database text not null,
  work text not null,
  due timestamptz not null,
  run bigint,
  at timestamptz not null,
  primary key (database, work)
);

-- One backup as its engine tells it. What is known of it beside that stays; one that comes back is not gone.
create function shipmate.keep_backup(p_database text, p_backup jsonb) returns void language sql as $$
  insert into shipmate.backups (database, label, kind, parent, started_at, ended_at, said)
    values (p_database, p_backup ->> 'label', p_backup ->> 'kind', p_backup ->> 'parent',
      (p_backup ->> 'startedAt')::timestamptz, (p_backup ->> 'endedAt')::timestamptz, p_backup)
  on conflict (database, label) do update set kind = excluded.kind, parent = excluded.parent,
    started_at = excluded.started_at, ended_at = excluded.ended_at, gone_at = null,
    -- An engine may not remember which run it was.
    said = excluded.said || jsonb_build_object('run', coalesce(nullif(excluded.said -> 'run', 'null'), shipmate.backups.said -> 'run'))
$$;

-- A look at a storage, whole. What is not there any more is gone from then on.
create function shipmate.keep_holding(p_database text, p_holding jsonb, p_at timestamptz) returns void
language plpgsql as $$
declare
  v_newest bigint;
begin
  insert into shipmate.backup_databases (name, since) values (p_database, p_at) on conflict do nothing;
  -- An older look, of a worker that was slow, changes nothing.
  perform from shipmate.backup_databases where name = p_database and (looked_at is null or looked_at <= p_at) for update;
  if not found then return; end if;
  update shipmate.backup_databases set looked_at = p_at, spans = p_holding -> 'spans',
      archive = nullif(p_holding -> 'archive', 'null'), stored_bytes = (p_holding ->> 'storedBytes')::bigint,
      free_bytes = (p_holding ->> 'freeBytes')::bigint, problem = null, problem_since = null
    where name = p_database;
  perform shipmate.keep_backup(p_database, one) from jsonb_array_elements(p_holding -> 'backups') one;
  -- One that ended after the look began was not there to be seen.
  update shipmate.backups set gone_at = p_at where database = p_database and gone_at is null and ended_at < p_at
    and label not in (select one ->> 'label' from jsonb_array_elements(p_holding -> 'backups') one);
  select (one ->> 'databaseBytes')::bigint into v_newest from jsonb_array_elements(p_holding -> 'backups') one
    order by (one ->> 'endedAt')::timestamptz desc limit 1;
  insert into shipmate.backup_growth (database, hour, at, stored_bytes, free_bytes, database_bytes)
    values (p_database, date_trunc('hour', p_at), p_at, (p_holding ->> 'storedBytes')::bigint,
      (p_holding ->> 'freeBytes')::bigint, v_newest)
  on conflict (database, hour) do update set at = excluded.at, stored_bytes = excluded.stored_bytes,
    free_bytes = excluded.free_bytes, database_bytes = excluded.database_bytes;
end $$;

-- A drill, one for each run. One that passed proves the backup that it restored.
create function shipmate.keep_drill(p_drill jsonb) returns void language plpgsql as $$
begin
  insert into shipmate.backup_drills (run, database, label, at, passed, verdict, figures)
    values ((p_drill ->> 'run')::bigint, p_drill ->> 'database', p_drill ->> 'label', (p_drill ->> 'at')::timestamptz,
      (p_drill ->> 'passed')::boolean, p_drill ->> 'verdict', p_drill)
  -- A second try of the same run tells how it really was.
  on conflict (run) do update set label = excluded.label, at = excluded.at, passed = excluded.passed,
    verdict = excluded.verdict, figures = excluded.figures;
  if not (p_drill ->> 'passed')::boolean then return; end if;
  update shipmate.backups set proven_at = (p_drill ->> 'at')::timestamptz, proven_by = (p_drill ->> 'run')::bigint
    where database = p_drill ->> 'database' and label = p_drill ->> 'label'
      and (proven_at is null or proven_at < (p_drill ->> 'at')::timestamptz);
end $$;
