import pg from 'pg'
import type { BackupEngine, EngineContext, ScratchYard } from '../../../src/backups/engine.js'
import { systemClock } from '../../../src/clock.js'
import type { JsonObject } from '../../../src/json.js'
import { silentLog } from '../../../src/log.js'
import type { Progress } from '../../../src/runs/step.js'
import { waitFor } from '../wait-for.js'

/** Undoes what was planted: the storage is as it was before. */
export type Heal = () => Promise<void>

/** What goes wrong with a storage, done to the files of this one. */
export type Plants = {
  /** One byte in a file of this backup is another; its size stays. */
  flipByte(label: string): Promise<Heal>
  /** The second half of a file of this backup is gone. */
  truncate(label: string): Promise<Heal>
  /** The backup is there by its name, and nothing is in it. */
  empty(label: string): Promise<Heal>
  /** A segment of the archive is gone. */
  loseSegment(name: string): Promise<Heal>
  /** One byte of a segment in the archive is another. */
  flipSegment(name: string): Promise<Heal>
  /** The storage has room for this many bytes more; null where the machine lets no small disk be mounted for it. */
  fill: ((leaving: number) => Promise<Heal>) | null
}

/** A server with an archive, an engine on it, and a yard to restore into. */
export type EngineRig = {
  engine: BackupEngine
  yard: ScratchYard
  /** A superuser on the server that is backed up. */
  url: string
  plant: Plants
  /** A module of the compiled product whose `makeEngine(settings)` gives the same engine to another process. */
  remake: { module: string; settings: JsonObject }
  close(): Promise<void>
}

/** What an engine is held to; the suite compares it with what the engine says of itself. */
export type Traits = { kinds: BackupEngine['able']['kinds']; pointInTime: boolean; scratch: boolean }

/** A context whose progress can be read, and that can be aborted. */
export function contextFor(): EngineContext & { heard: Progress[]; abort(): void; onProgress: (() => void) | null } {
  const controller = new AbortController()
  const context = {
    signal: controller.signal,
    clock: systemClock,
    log: silentLog,
    heard: [] as Progress[],
    onProgress: null as (() => void) | null,
    abort: () => controller.abort(),
    progress(progress: Progress) {
      context.heard.push(progress)
      context.onProgress?.()
    },
  }
  return context
}

export async function rowsOf<Row extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: url, application_name: 'contract' })
  // A server that is stopped under an idle session says so; the query that follows tells it anyway.
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Row>(text, values)).rows
  } finally {
    await client.end()
  }
}

/** The tables that the suite writes to: one with a foreign key, and the markers. */
export async function layTables(url: string): Promise<void> {
  await rowsOf(
    url,
    `create table if not exists accounts (id int primary key, note text);
     create table if not exists moves (id bigserial primary key, account int references accounts, at timestamptz default clock_timestamp(), filler text);
     create table if not exists markers (name text primary key, at timestamptz default clock_timestamp());
     insert into accounts select n, repeat(md5(n::text), 8) from generate_series(1, 20000) n on conflict do nothing;`,
  )
}

/** Sessions that write without a pause until they are stopped. */
export function writesOn(url: string): { stop(): Promise<number> } {
  let [going, written] = [true, 0]
  const client = new pg.Client({ connectionString: url, application_name: 'writer' })
  client.on('error', () => {})
  const done = (async () => {
    await client.connect()
    while (going) {
      await client.query(
        `insert into moves (account, filler) select 1 + floor(random() * 20000)::int, repeat('x', 200) from generate_series(1, 20)`,
      )
      written += 20
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await client.end()
  })()
  return {
    async stop() {
      going = false
      await done
      return written
    },
  }
}

/** Commits a marker and gives the server's time after it, apart from whatever is committed next. */
export async function mark(url: string, name: string): Promise<{ at: Date; lsn: string }> {
  await rowsOf(url, 'insert into markers (name) values ($1)', [name])
  await systemClock.sleep(30)
  const [now] = await rowsOf<{ at: Date; lsn: string }>(
    url,
    'select clock_timestamp() as at, pg_current_wal_lsn()::text as lsn',
  )
  await systemClock.sleep(30)
  if (!now) throw new Error('the server did not tell its time')
  return now
}

/** Ends the current segment and waits until the server handed over all that was written before. */
export async function archived(url: string): Promise<void> {
  // Something has to be in a segment for it to be switched.
  await rowsOf(url, `select pg_logical_emit_message(false, 'contract', 'end of a segment')`)
  const [current] = await rowsOf<{ segment: string }>(url, 'select pg_walfile_name(pg_switch_wal()) as segment')
  const wanted = current?.segment ?? ''
  await waitFor(
    `segment ${wanted} is in the archive`,
    async () => {
      const [seen] = await rowsOf<{ last: string | null }>(
        url,
        'select last_archived_wal as last from pg_stat_archiver',
      )
      return (seen?.last ?? '').slice(0, 24) >= wanted
    },
    60_000,
  )
}

/** Names of the markers that a restored server has, in their order. */
export const markersOf = async (url: string): Promise<string[]> =>
  (await rowsOf<{ name: string }>(url, 'select name from markers order by at')).map(({ name }) => name)
