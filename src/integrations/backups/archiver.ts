import { inSession, type ServerAt } from '../postgres/session.js'

export type Archiver = { failing: string | null }

type Row = { mode: string; failing: boolean; segment: string | null; since: Date | null; times: string }

/** What the server says of its archiving now; `failing` in words, null while it works. */
export async function archiverOf(name: string, server: ServerAt, signal: AbortSignal): Promise<Archiver> {
  const [row] = await inSession(name, server, { signal, statementWithinMs: 5_000 }, (session) =>
    session.rows<Row>(
      `select current_setting('archive_mode') as mode, last_failed_wal as segment, last_failed_time as since, failed_count as times,
              coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) as failing
         from pg_stat_archiver`,
    ),
  )
  if (row?.mode === 'off') return { failing: 'archive_mode is off on the server' }
  if (!row?.failing) return { failing: null }
  return {
    failing: `archive_command fails for segment ${row.segment} since ${row.since?.toISOString()}, ${row.times} times so far`,
  }
}
