--! expand
-- Recurring work that people do: when it was due, what became of it, and the messages that ask for it.

-- One routine of the operator's file; nothing before `since` was ever asked for.
create table shipmate.routines (
  name text primary key,
  timetable text not null,
  since timestamptz not null,
  gone_at timestamptz
);

-- One message for a channel and a day, edited in place. `place` is the channel as the operator's file names it, `channel`
-- and `ts` where the message stands; `version` counts changes of what it shows, `shown` is the digest of what it says.
create table shipmate.routine_digests (
  id bigint generated always as identity primary key,
  place text not null,
  day text not null,
  at timestamptz not null,
  version bigint not null default 1,
  stale boolean not null default true,
  channel text,
  ts text,
  shown text,
  tries int not null default 0,
  retry_at timestamptz,
  error text,
  unique (place, day)
);
create index routine_digests_stale on shipmate.routine_digests (id) where stale;

-- One moment at which a routine was due. Without `asked` it passed while nobody kept the clock: it stands on no message.
create table shipmate.routine_occurrences (
  id bigint generated always as identity primary key,
  routine text not null,
  due_at timestamptz not null,
  opened_at timestamptz not null,
  until timestamptz not null,
  asked jsonb,
  digest bigint references shipmate.routine_digests (id),
  missed_at timestamptz,
  closed_at timestamptz,
  ended text check (ended in ('done', 'skipped')),
  ended_by jsonb,
  ended_at timestamptz,
  note text,
  unique (routine, due_at)
);
create index routine_occurrences_open on shipmate.routine_occurrences (until)
  where ended is null and closed_at is null;
create index routine_occurrences_of_digest on shipmate.routine_occurrences (digest);

-- A mention in the thread of a digest, once: when something is due there, and when it was missed.
create table shipmate.routine_calls (
  id bigint generated always as identity primary key,
  digest bigint not null references shipmate.routine_digests (id),
  kind text not null check (kind in ('due', 'missed')),
  occurrences bigint[] not null,
  people text[] not null,
  groups text[] not null,
  created_at timestamptz not null,
  tries int not null default 0,
  retry_at timestamptz,
  error text,
  sent_at timestamptz,
  given_up_at timestamptz,
  ts text
);
create index routine_calls_pending on shipmate.routine_calls (id) where sent_at is null and given_up_at is null;

-- Whoever changes what is due does so one at a time: an occurrence and the messages that show it change together.
create function shipmate.enter_routines() returns void language sql as $$
  select pg_advisory_xact_lock(1936222593, 0)
$$;

-- Somebody draws the message anew, and the newest one of its channel too, which names what earlier ones wait for.
create function shipmate.redraw_digests(p_digests bigint[]) returns void language plpgsql as $$
begin
  update shipmate.routine_digests d set stale = true, version = version + 1, tries = 0, retry_at = null
    where d.id = any (p_digests) or d.id in (
      select max(newest.id) from shipmate.routine_digests own
        join shipmate.routine_digests newest on newest.place = own.place
      where own.id = any (p_digests) group by own.place);
  perform shipmate.tell_changed(0, 0);
end $$;

-- What the operator's file has now, [{name, timetable}]. What it has no more is asked for no longer; what is new, is back or
-- has another timetable counts from now.
create function shipmate.keep_routines(p_routines jsonb, p_at timestamptz)
returns table (name text, since timestamptz, last timestamptz) language plpgsql as $$
#variable_conflict use_column
declare
  v_digests bigint[];
begin
  perform shipmate.enter_routines();
  update shipmate.routines r set gone_at = p_at
    where r.gone_at is null and r.name not in (select one ->> 'name' from jsonb_array_elements(p_routines) one);
  with gone as (update shipmate.routine_occurrences o set closed_at = p_at
      from shipmate.routines r where r.name = o.routine and r.gone_at is not null
        and o.ended is null and o.closed_at is null
      returning o.digest)
    select array_agg(distinct digest) into v_digests from gone;
  if v_digests is not null then perform shipmate.redraw_digests(v_digests); end if;
  insert into shipmate.routines as r (name, timetable, since)
    select one ->> 'name', one ->> 'timetable', p_at from jsonb_array_elements(p_routines) one
  on conflict (name) do update set timetable = excluded.timetable, since = excluded.since, gone_at = null
    where r.gone_at is not null or r.timetable <> excluded.timetable;
  return query select r.name, r.since,
      (select max(o.due_at) from shipmate.routine_occurrences o where o.routine = r.name)
    from shipmate.routines r where r.gone_at is null;
end $$;

-- [{routine, dueAt, until, asked, place, day, passed}]: each moment once, whoever comes first. What was open of the routine
-- before stays missed and is closed. Those of one channel are called for together.
create function shipmate.open_routines(p_openings jsonb, p_at timestamptz) returns void language plpgsql as $$
declare
  v_one record;
  v_digest bigint;
  v_opened bigint;
  v_all bigint[] := '{}';
  v_digests bigint[] := '{}';
  v_closed bigint[];
begin
  perform shipmate.enter_routines();
  for v_one in select * from jsonb_to_recordset(p_openings) as one (routine text, "dueAt" timestamptz, until timestamptz,
      asked jsonb, place text, day text, passed timestamptz[]) order by place, routine
  loop
    insert into shipmate.routine_digests (place, day, at) values (v_one.place, v_one.day, p_at)
      on conflict (place, day) do update set place = excluded.place returning id into v_digest;
    insert into shipmate.routine_occurrences (routine, due_at, opened_at, until, asked, digest)
      values (v_one.routine, v_one."dueAt", p_at, v_one.until, v_one.asked, v_digest)
      on conflict (routine, due_at) do nothing returning id into v_opened;
    if not found then continue; end if;
    insert into shipmate.routine_occurrences (routine, due_at, opened_at, until, missed_at, closed_at)
      select v_one.routine, passed, p_at, p_at, p_at, p_at from unnest(v_one.passed) passed
      on conflict (routine, due_at) do nothing;
    with closed as (update shipmate.routine_occurrences set closed_at = p_at, missed_at = coalesce(missed_at, p_at)
        where routine = v_one.routine and due_at < v_one."dueAt" and ended is null and closed_at is null
        returning digest)
      select array_agg(digest) into v_closed from closed;
    v_all := v_all || v_opened;
    v_digests := v_digests || v_digest || coalesce(v_closed, '{}');
  end loop;
  if cardinality(v_all) = 0 then return; end if;
  perform shipmate.call_for_routines('due', v_all, p_at);
  perform shipmate.redraw_digests(v_digests);
end $$;

-- One call for each digest: of those who are called for any of its occurrences.
create function shipmate.call_for_routines(p_kind text, p_occurrences bigint[], p_at timestamptz, p_called jsonb default null)
returns void language sql as $$
  with whom as (select o.id, o.digest, coalesce(p_called -> o.id::text, o.asked -> 'called') as called
    from shipmate.routine_occurrences o where o.id = any (p_occurrences))
  insert into shipmate.routine_calls (digest, kind, occurrences, people, groups, created_at)
    select w.digest, p_kind, array_agg(w.id order by w.id),
      array(select distinct jsonb_array_elements_text(x.called -> 'people') from whom x where x.digest = w.digest order by 1),
      array(select distinct jsonb_array_elements_text(x.called -> 'groups') from whom x where x.digest = w.digest order by 1),
      p_at
    from whom w group by w.digest order by w.digest
$$;

-- {id: called}: found missed, each once.
create function shipmate.miss_routines(p_called jsonb, p_at timestamptz) returns void language plpgsql as $$
declare
  v_missed bigint[];
  v_digests bigint[];
begin
  perform shipmate.enter_routines();
  with missed as (update shipmate.routine_occurrences set missed_at = p_at
      where id in (select key::bigint from jsonb_object_keys(p_called) key)
        and ended is null and closed_at is null and missed_at is null
      returning id, digest)
    select array_agg(id), array_agg(distinct digest) into v_missed, v_digests from missed;
  if v_missed is null then return; end if;
  perform shipmate.call_for_routines('missed', v_missed, p_at, p_called);
  perform shipmate.redraw_digests(v_digests);
end $$;

-- What somebody says of one that is open; false when it is not open any more.
create function shipmate.end_routine(p_id bigint, p_as text, p_by jsonb, p_note text, p_at timestamptz, p_entry text)
returns boolean language plpgsql as $$
declare
  v_digest bigint;
begin
  perform shipmate.enter_routines();
  update shipmate.routine_occurrences set ended = p_as, ended_by = p_by, ended_at = p_at, note = p_note
    where id = p_id and ended is null and closed_at is null and asked is not null returning digest into v_digest;
  if not found then return false; end if;
  perform shipmate.redraw_digests(array[v_digest]);
  perform shipmate.append_outside(p_entry);
  return true;
end $$;

-- As in 0030, with what is told of routines.
create or replace function shipmate.tell_nothing_old(p_at timestamptz) returns void language plpgsql as $$
declare
  v_why text := 'Shipmate was brought back from a backup';
begin
  update shipmate.posts set given_up_at = p_at, error = v_why where sent_at is null and given_up_at is null;
  update shipmate.incident_posts set given_up_at = p_at, error = v_why where sent_at is null and given_up_at is null;
  update shipmate.alert_replies set given_up_at = p_at, error = v_why where sent_at is null and given_up_at is null;
  update shipmate.incident_deliveries set given_up_at = p_at, error = v_why where sent_at is null and given_up_at is null;
  update shipmate.routine_calls set given_up_at = p_at, error = v_why where sent_at is null and given_up_at is null;
  update shipmate.alert_messages set stale_since = null where ts is null;
  update shipmate.routine_digests set stale = false where ts is null;
  update shipmate.runs r set stale_since = null where ended_at is not null
    and not exists (select from shipmate.cards c where c.run = r.id);
  -- What came in and was not handled yet was handled since.
  update shipmate.inbox set done_at = p_at, outcome = 'restored' where done_at is null;
end $$;
