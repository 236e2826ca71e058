import type { Shipped } from '../../incidents/alerts/scores.js'
import type { Database } from '../database.js'

/** What our own runs changed in the world, from their rows: those that wrote what serves, and those that are at it. */
export const createShippedReads = (database: Database) => ({
  shipped: (from: Date, to: Date): Promise<Shipped[]> =>
    database.query<Shipped>(
      `select r.id as run, r.intent ->> 'job' as job, r.service, r.environment,
         coalesce(d.version, r.intent -> 'input' ->> 'version') as version,
         coalesce(r.requested_by ->> 'name', '') as by, r.started_at as "from", r.ended_at as "to", r.state = 'undone' as undone
       from shipmate.runs r left join lateral (select version from shipmate.deployments where run = r.id
         order by at desc, id desc limit 1) d on true
       where r.intent ->> 'job' in ('deploy', 'rollback', 'scale') and r.started_at <= $2
         and (r.ended_at is null or r.ended_at >= $1)
       order by r.started_at desc limit 200`,
      [from, to],
    ),
})
