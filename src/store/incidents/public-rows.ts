import type { PublicIncident, PublicRows } from '../../incidents/public/status.js'
import type { Database } from '../database.js'

type Row = Omit<PublicIncident, 'declaredAt' | 'resolvedAt' | 'updates'> & {
  declared_at: Date
  resolved_at: Date | null
  updates: (Omit<PublicIncident['updates'][number], 'publishedAt'> & { publishedAt: string })[]
}

/** What the public may know: nothing of a private incident, no draft, no title. */
export const createPublicRows = (database: Database): PublicRows => ({
  incidents: async (since) => {
    const rows = await database.query<Row>(
      `select i.id, i.service, i.environment, i.severity, i.state, i.declared_at, i.resolved_at,
         jsonb_agg(jsonb_build_object('id', u.id, 'text', u.text, 'phase', u.phase, 'publishedAt', u.published_at)
           order by u.published_at desc, u.id desc) as updates
       from shipmate.incidents i join shipmate.incident_updates u on u.incident = i.id
       where not i.private and i.state <> 'duplicate' and u.published_at is not null and u.audience ? 'status page'
         and (i.state = 'open' or coalesce(i.resolved_at, i.declared_at) >= $1)
       group by i.id order by i.id desc`,
      [since],
    )
    return rows.map(({ declared_at, resolved_at, updates, ...row }) => ({
      ...row,
      declaredAt: declared_at,
      resolvedAt: resolved_at,
      updates: updates.map((update) => ({ ...update, publishedAt: new Date(update.publishedAt) })),
    }))
  },
})
