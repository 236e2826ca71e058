import type { Deployment, Deployments } from '../releases/release.js'
import type { Database } from './database.js'

/** What served where, from the rows that ending runs wrote. */
export function createDeployments(database: Database): Deployments {
  return {
    history: (service, environment, limit) =>
      database.query<Deployment>(
        `select service, environment, version, instances, run, at from shipmate.deployments
         where service = $1 and environment = $2 order by at desc, id desc limit $3`,
        [service, environment, limit],
      ),
  }
}
