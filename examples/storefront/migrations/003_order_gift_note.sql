-- Nullable and without a default: no rewrite of the table, and releases that do not know the column go on.
alter table orders add column gift_note text;
