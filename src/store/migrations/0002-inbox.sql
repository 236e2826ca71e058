--! expand
-- What came in from outside, committed before it is acknowledged.

-- Names each process that accepts; it holds an advisory lock on its number while it lives.
create sequence shipmate.fronts maxvalue 2147483647 cycle;

create table shipmate.inbox (
  team text not null,
  key text not null,
  kind text not null,
  format text not null,
  -- Text as it came, and json, not jsonb: that would refuse what Slack may send (\u0000). Null once forgotten.
  body text,
  hash text,
  answer json,
  front bigint not null,
  tries int not null default 1,
  received_at timestamptz not null,
  done_at timestamptz,
  outcome text,
  primary key (team, key)
);

create index inbox_open on shipmate.inbox (received_at) where done_at is null;
create index inbox_age on shipmate.inbox using brin (received_at) with (autosummarize = on);
