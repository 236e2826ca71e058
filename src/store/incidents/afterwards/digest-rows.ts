import type { DigestRow, DigestRows } from '../../../incidents/public/digest.js'
import type { Database } from '../../database.js'

/** The messages of stakeholders, in rows. */
export const createDigestRows = (database: Database): DigestRows => ({
  stale: (now, limit) =>
    database.query<DigestRow>(
      `select incident, channel, ts, shown, tries from shipmate.incident_digests
       where stale and (retry_at is null or retry_at <= $1) order by incident limit $2`,
      [now, limit],
    ),
  drawn: async (incident, stands, version) => {
    await database.query(
      `update shipmate.incident_digests d set channel = coalesce($2, channel), ts = coalesce($3, ts),
         shown = coalesce($4, shown), tries = 0, retry_at = null, error = null,
         stale = exists (select from shipmate.incidents i where i.id = d.incident and i.version <> $5)
       where incident = $1`,
      [incident, stands?.channel ?? null, stands?.ts ?? null, stands?.shown ?? null, version],
    )
  },
  gone: async (incident) => {
    await database.query('update shipmate.incident_digests set ts = null, shown = null where incident = $1', [incident])
  },
  failed: async (incident, error, retryAt) => {
    await database.query(
      `update shipmate.incident_digests set tries = tries + 1, error = $2, retry_at = $3,
         stale = $3::timestamptz is not null where incident = $1`,
      [incident, error.replaceAll('\0', '').slice(0, 500), retryAt],
    )
  },
})
