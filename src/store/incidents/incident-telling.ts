import type { Clock } from '../../clock.js'
import type { Room } from '../../incidents/incident.js'
import type { IncidentTelling, PendingIncidentPost } from '../../incidents/ports.js'
import type { Database } from '../database.js'
import { toJson } from '../rows.js'

type PostRow = Omit<PendingIncidentPost, 'to' | 'room' | 'drawing'> & {
  audience: PendingIncidentPost['to']
  room: Room
  drawing: NonNullable<PendingIncidentPost['drawing']> | null
}

/** What is still to be told of incidents, from rows. */
export function createIncidentTelling(database: Database, clock: Clock): IncidentTelling {
  return {
    stale: async (limit) => {
      const query = `select id as incident, version, stale_since as "staleSince" from shipmate.incidents
        where stale_since is not null order by stale_since, id limit $1`
      return database.query<{ incident: number; version: number; staleSince: Date }>(query, [limit])
    },
    drawn: async (id, version) => {
      await database.query(
        `update shipmate.incidents set drawn_version = $2,
           stale_since = case when version > $2 then changed_at end where id = $1 and drawn_version <= $2`,
        [id, version],
      )
    },
    furnished: async (id, room) => {
      await database.query('update shipmate.incidents set room = $2 where id = $1', [id, toJson(room)])
    },
    pending: async (now, limit) => (await database.query<PostRow>(pendingQuery, [now, limit])).map(pendingPost),
    sent: async (post, { channel, ts }) => {
      const sent = `update shipmate.incident_posts
        set sent_at = $2, tries = tries + 1, channel = $3, ts = $4, error = null where id = $1`
      await database.query(sent, [post, clock.now(), channel, ts])
    },
    failed: async (post, error, retryAt) => {
      const failed = `update shipmate.incident_posts set tries = tries + 1, error = $2, retry_at = $3,
        given_up_at = case when $3::timestamptz is null then $4::timestamptz end where id = $1 and sent_at is null`
      await database.query(failed, [post, error.replaceAll('\0', ''), retryAt, clock.now()])
    },
    passedOver: async (post) => {
      const passed = `update shipmate.incident_posts set error = $2, given_up_at = $3 where id = $1 and sent_at is null`
      await database.query(passed, [post, passedOver, clock.now()])
    },
    missed: async (post, prefix) => {
      const [row] = await database.query<{ missed: number }>(missedQuery, [post, prefix, passedOver])
      return row?.missed ?? 0
    },
    cardAt: async (channel, ts) => {
      const query = `select id from shipmate.incidents where room -> 'card' ->> 'channel' = $1 and room -> 'card' ->> 'ts' = $2`
      const [row] = await database.query<{ id: number }>(query, [channel, ts])
      return row?.id ?? null
    },
  }
}

/** One incident's posts keep their order: one that waits for its next try holds back those after it. */
const pendingQuery = `select p.id, p.incident, i.room, p.key, p.audience, p.text, p.drawing, p.tries
  from shipmate.incident_posts p join shipmate.incidents i on i.id = p.incident
  where p.sent_at is null and p.given_up_at is null and (p.retry_at is null or p.retry_at <= $1)
    and not exists (select from shipmate.incident_posts earlier where earlier.incident = p.incident and earlier.id < p.id
      and earlier.sent_at is null and earlier.given_up_at is null and earlier.retry_at > $1)
  order by p.id limit $2`

const passedOver = 'a newer one says it'
const missedQuery = `select count(*)::int as missed from shipmate.incident_posts p
  join shipmate.incident_posts it on it.id = $1 and it.incident = p.incident
  where p.id < it.id and starts_with(p.key, $2) and p.given_up_at is not null and p.error = $3
    and not exists (select from shipmate.incident_posts s where s.incident = p.incident and s.id between p.id and it.id
      and starts_with(s.key, $2) and s.sent_at is not null)`

function pendingPost({ audience, drawing, ...row }: PostRow): PendingIncidentPost {
  return { ...row, to: audience, ...(drawing ? { drawing } : {}) }
}
