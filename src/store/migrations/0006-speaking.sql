--! expand
-- Who speaks to Slack, and what was handed to Slack and not recorded yet.

-- Each term of a leader has an epoch of its own. A leader that is silent for too long is followed by the next epoch.
create table shipmate.leaders (
  role text primary key,
  epoch bigint not null default 0,
  beat_at timestamptz not null default '-infinity'
);

-- Written before a message is posted, gone once it is recorded where it is: what stays here may have been posted or not.
create table shipmate.sendings (
  key text primary key,
  nonce text not null,
  channel text not null,
  thread text,
  since timestamptz not null
);

-- The next epoch of a role for this session, with its lock; null when somebody else was quicker.
create function shipmate.succeed_leader(p_role text, p_epoch bigint) returns bigint language plpgsql as $$
declare
  v_epoch bigint;
begin
  update shipmate.leaders set epoch = epoch + 1, beat_at = clock_timestamp()
    where role = p_role and epoch = p_epoch returning epoch into v_epoch;
  if v_epoch is not null then
    perform pg_advisory_lock(1936222581, hashtext(p_role || ' ' || v_epoch));
  end if;
  return v_epoch;
end $$;
