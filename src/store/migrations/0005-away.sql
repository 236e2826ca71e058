--! expand
-- What Shipmate goes on with when Slack, or Shipmate itself, is away.

-- Who was a full member and in which groups, when Slack was last asked.
create table shipmate.member_lists (
  team text primary key,
  read_at timestamptz not null,
  people jsonb not null,
  groups jsonb not null
);
