import { acknowledgedPrefix, callPrefix, type Page, type PageDesk } from '../../incidents/paging/paging.js'
import type { Database } from '../database.js'
import { toJson } from '../rows.js'

/** Pages in rows, each sent once; who answered them stands in the timeline. */
export function createPageDesk(database: Database): PageDesk {
  return {
    record: async (incident) => {
      const pages = database.query<Page>(
        'select call, turn, step, target, at from shipmate.incident_pages where incident = $1 order by call, turn',
        [incident],
      )
      const said = database.query<{ key: string; at: Date; data: { whom?: string | null } }>(
        `select key, at, data from shipmate.incident_timeline where incident = $1 and kind = 'page'
           and (starts_with(key, $2) or starts_with(key, $3)) order by position`,
        [incident, acknowledgedPrefix, callPrefix],
      )
      const [sent, entries] = await Promise.all([pages, said])
      const answers = entries.filter(({ key }) => key.startsWith(acknowledgedPrefix))
      const calls = entries.filter(({ key }) => key.startsWith(callPrefix))
      return {
        pages: sent,
        calls: calls.map(({ at, data }) => ({ at, whom: data.whom ?? null })),
        acknowledgedAt: answers.at(-1)?.at ?? null,
      }
    },
    send: async (incident, version, page) => {
      const query = 'select shipmate.send_page($1, $2, $3, $4) as sent'
      const [row] = await database.query<{ sent: boolean }>(query, [incident, version, toJson(page), page.at])
      return row?.sent ?? false
    },
  }
}
