import type { CostObservers } from '../../backups/cost/cost.js'
import { lookWhileBackedUp } from '../../integrations/postgres/while-backed-up.js'
import { whileItRan } from '../../integrations/prometheus/while-it-ran.js'
import type { WatchedParts } from '../../integrations/watched/parts.js'
import { usersOf } from '../../releases/backups/backup-policy.js'
import { watchOf } from '../../releases/watch.js'

/** What looks at an application and its database while a backup is taken, as far as the operator's file has it set up. */
export function createObservers(parts: WatchedParts): CostObservers {
  const { catalogue, secret } = parts
  return {
    async database(name, context) {
      const database = Object.hasOwn(catalogue.databases, name) ? catalogue.databases[name] : undefined
      // Sets of files and Shipmate's own have no server that the file lets us look at.
      if (!database) return { end: async () => null }
      return lookWhileBackedUp(name, () => secret(database.url), context)
    },
    async application(name, ran, signal) {
      const users = usersOf(catalogue, name)
      const metered = users.find(({ service, environment }) => watchOf(catalogue, service, environment)?.metrics)
      const place = metered ?? users[0]
      if (!place) return { why: `no service uses ${name}` }
      return whileItRan(parts, place, ran, signal)
    },
  }
}
