--! expand
-- What a backup cost the application and its database while it was taken: {application, database}, each what was measured
-- or why nothing was. Null: nobody looked.
alter table shipmate.backups add column cost jsonb;
