--! expand
-- Messages that show many runs, and what was learnt about Slack's limits.

create table shipmate.boards (
  id bigint generated always as identity primary key,
  channel text not null,
  ts text not null,
  drawings int not null default 0,
  opened_at timestamptz not null,
  drawn_at timestamptz not null,
  ended_at timestamptz,
  unique (channel, ts)
);
create index boards_open on shipmate.boards (id) where ended_at is null;

-- A run is on one board at a time.
create table shipmate.board_runs (
  run bigint primary key references shipmate.runs (id),
  board bigint not null references shipmate.boards (id),
  drawn_version bigint not null
);
create index board_runs_of on shipmate.board_runs (board);

create table shipmate.slack_limits (
  method text not null,
  channel text not null,
  per_minute int not null,
  wall int,
  learnt_at timestamptz not null,
  primary key (method, channel)
);
