/** Shipmate's own database among those that are backed up. It stands under `backups` and never under `databases`. */
export const ownDatabase = 'shipmate'

/**
 * What each drill of it asks besides its structures, in the restored copy itself: every chain of the trail is followed from
 * its first row to its last, and has as many rows as its run or incident says.
 */
export const ownInvariants: { name: string; sql: string; min?: number; max?: number }[] = [
  {
    name: 'the audit chain is whole',
    sql: `with links as (
        select run, position, prev, hash,
          row_number() over chain as place, coalesce(lag(hash) over chain, '') as before,
          encode(sha256(convert_to('{"entry":' || entry || ',"position":' || position || ',"prev":"' || prev
            || '","run":' || run || '}', 'UTF8')), 'hex') as wanted
        from shipmate.audit window chain as (partition by run order by position)),
      counted as (select id as run, audit_rows as rows from shipmate.runs
        union all select -id, audit_rows from shipmate.incidents)
      select not exists (select from links where position <> place or prev <> before or hash <> wanted)
        and not exists (select from counted c where c.rows > (select count(*) from shipmate.audit a where a.run = c.run))`,
  },
]
