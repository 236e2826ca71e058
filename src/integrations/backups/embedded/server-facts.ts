import { inSession, type Session } from '../../postgres/session.js'

/** What has to be known of a server before it is backed up. */
export type ServerFacts = {
  version: number
  systemId: string
  segmentBytes: number
  blockBytes: number
  walLevel: string
  senders: number
  slots: number
  summarizes: boolean
  /** It may use the replication protocol. */
  mayReplicate: boolean
  inRecovery: boolean
  databaseBytes: number
  /** A server with less of these does not recover this cluster. */
  settings: { [name: string]: string }
}

const leastOnes = [
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
]

export const factsOf = (name: string, url: string, signal: AbortSignal): Promise<ServerFacts> =>
  inSession(name, { url }, { signal, connectWithinMs: 5_000 }, read)

type Row = Omit<ServerFacts, 'settings' | 'databaseBytes'> & { size: string | null }

async function read(session: Session): Promise<ServerFacts> {
  const [row] = await session.rows<Row>(
    `select current_setting('server_version_num')::int as version,
            (select system_identifier::text from pg_control_system()) as "systemId",
            (select setting::int8::float8 from pg_settings where name = 'wal_segment_size') as "segmentBytes",
            current_setting('block_size')::int as "blockBytes",
            current_setting('wal_level') as "walLevel",
            current_setting('max_wal_senders')::int as senders,
            current_setting('max_replication_slots')::int as slots,
            coalesce(current_setting('summarize_wal', true) = 'on', false) as summarizes,
            (select rolreplication or rolsuper from pg_roles where rolname = current_user) as "mayReplicate",
            pg_is_in_recovery() as "inRecovery",
            (select sum(pg_database_size(oid))::text from pg_database
              where has_database_privilege(oid, 'connect')) as size`,
  )
  if (!row) throw new Error('the server answered no row')
  const rows = await session.rows<{ name: string; setting: string }>(
    'select name, setting from pg_settings where name = any($1)',
    [leastOnes],
  )
  const { size, ...facts } = row
  const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
  return { ...facts, databaseBytes: Number(size ?? 0), settings }
}

/** What the server’s clock shows. */
export async function serverNow(session: Session): Promise<Date> {
  const [row] = await session.rows<{ now: Date }>('select clock_timestamp() as now')
  return row?.now ?? new Date(0)
}

/** Why increments cannot be taken; null when they can. */
export function noIncrements({ version, summarizes, blockBytes }: ServerFacts): string | null {
  const major = Math.floor(version / 10_000)
  if (major < 17) return `PostgreSQL ${major} knows no incremental backups; they came with 17.`
  if (!summarizes) return 'The server keeps no summary of what changes: summarize_wal is off.'
  return blockBytes === 8192
    ? null
    : `Increments are put together from pages of 8 kB, and this server’s have ${blockBytes} B.`
}
