import type { Clock } from '../../clock.js'
import type { LockNotice, PendingPost, Sending, StaleCard, Telling } from '../../runs/telling.js'
import type { Database } from '../database.js'

type StaleRow = Omit<StaleCard, 'staleSince'> & { stale_since: Date }
type PostRow = Omit<PendingPost, 'card' | 'to' | 'notice'> & {
  notice: (Omit<LockNotice, 'expires'> & { expires: string | null }) | null
  audience: PendingPost['to']
  card_channel: string | null
  card_ts: string | null
}

/** What is still to be told, from rows: a run that changed has a stale card, a post waits until it was sent or given up. */
export function createTelling(database: Database, clock: Clock): Telling {
  return {
    staleCards: async (limit) => {
      const rows = await database.query<StaleRow>(staleQuery, [limit])
      return rows.map(({ stale_since, ...row }) => ({ ...row, staleSince: stale_since }))
    },
    cardDrawn: async (run, version, { channel, ts }) => {
      await database.query(drawnStatement, [run, version, channel, ts])
    },
    pendingPosts: async (now, limit) => (await database.query<PostRow>(pendingQuery, [now, limit])).map(pendingPost),
    postSent: async (id, { channel, ts }) => {
      const sent =
        'update shipmate.posts set sent_at = $2, tries = tries + 1, channel = $3, ts = $4, error = null where id = $1'
      await database.query(sent, [id, clock.now(), channel, ts])
    },
    postFailed: async (id, error, retryAt) => {
      const failed = `update shipmate.posts set tries = tries + 1, error = $2, retry_at = $3,
        given_up_at = case when $3::timestamptz is null then $4::timestamptz end where id = $1 and sent_at is null`
      await database.query(failed, [id, error.replaceAll('\0', ''), retryAt, clock.now()])
    },
    sending: async ({ key, nonce, channel, thread, since }) => {
      await database.query(sendingStatement, [key, nonce, channel, thread, since])
    },
    settled: async (key) => {
      await database.query('delete from shipmate.sendings where key = $1', [key])
    },
    sendings: () => database.query<Sending>('select key, nonce, channel, thread, since from shipmate.sendings'),
    cardAt: async (channel, ts) => {
      const query = 'select run from shipmate.cards where channel = $1 and ts = $2'
      const [row] = await database.query<{ run: number }>(query, [channel, ts])
      return row?.run ?? null
    },
  }
}

/** What is done by itself every hour has no card while it goes well. */
const quiet = (run: string) => `${run}.via = 'schedule' and ${run}.intent ->> 'job' in ('backup', 'verify')
  and (${run}.ended_at is null or ${run}.state = 'done')
  and not exists (select from shipmate.cards k where k.run = ${run}.id)`

const staleQuery = `with quiet as (update shipmate.runs q set stale_since = null
    where q.stale_since is not null and ${quiet('q')})
  select r.id as run, r.environment, c.channel, c.ts, r.version, r.stale_since
  from shipmate.runs r left join shipmate.cards c on c.run = r.id
  where r.stale_since is not null and not (${quiet('r')}) order by r.stale_since, r.id limit $1`

/** When more changed meanwhile, the card is stale since the last change at the latest: the oldest undrawn is not kept. */
const drawnStatement = `with drawn as (
    insert into shipmate.cards (run, channel, ts, drawn_version) values ($1, $3, $4, $2)
    on conflict (run) do update set channel = excluded.channel, ts = excluded.ts, drawn_version = excluded.drawn_version
      where cards.drawn_version <= excluded.drawn_version
    returning drawn_version)
  update shipmate.runs r set stale_since = case when r.version > $2 then r.changed_at end
  from drawn where r.id = $1`

const sendingStatement = `insert into shipmate.sendings (key, nonce, channel, thread, since)
  values ($1, $2, $3, $4, $5) on conflict (key) do update
  set nonce = excluded.nonce, channel = excluded.channel, thread = excluded.thread, since = excluded.since`

/** One run's posts keep their order: a post that waits for its next try holds back those after it. */
const pendingQuery = `select p.id, p.run, coalesce(r.environment, p.environment) as environment, p.key, p.audience, p.text,
    p.notice, p.tries,
    c.channel as card_channel, c.ts as card_ts
  from shipmate.posts p left join shipmate.runs r on r.id = p.run left join shipmate.cards c on c.run = p.run
  where p.sent_at is null and p.given_up_at is null and (p.retry_at is null or p.retry_at <= $1)
    and not exists (select from shipmate.posts earlier where earlier.run = p.run and earlier.id < p.id
      and earlier.sent_at is null and earlier.given_up_at is null and earlier.retry_at > $1)
  order by p.id limit $2`

function pendingPost({ audience, card_channel, card_ts, notice, ...row }: PostRow): PendingPost {
  const card = card_channel !== null && card_ts !== null ? { channel: card_channel, ts: card_ts } : null
  return { ...row, to: audience, card, notice: notice && lockNotice(notice) }
}

// As SQL wrote it: its kinds and fields are those of the type.
const lockNotice = (notice: NonNullable<PostRow['notice']>): LockNotice =>
  ({ ...notice, expires: notice.expires === null ? null : new Date(notice.expires) }) as LockNotice
