import type { Mirrors, Told } from '../../incidents/paging/mirror.js'
import type { Database } from '../database.js'
import { toJson } from '../rows.js'

/** What other systems were last told of an incident. */
export const createMirrors = (database: Database): Mirrors => ({
  told: async (incident, system) => {
    const query = 'select told from shipmate.incident_mirrors where incident = $1 and system = $2'
    const [row] = await database.query<{ told: Told }>(query, [incident, system])
    return row?.told ?? null
  },
  remember: async (incident, system, told, at) => {
    await database.query(
      `insert into shipmate.incident_mirrors (incident, system, told, changed_at) values ($1, $2, $3, $4)
       on conflict (incident, system) do update set told = excluded.told, changed_at = excluded.changed_at`,
      [incident, system, toJson(told), at],
    )
  },
})
