import { join } from 'node:path'
import { failed } from '../../../errors.js'
import { inSession, type Session } from '../../postgres/session.js'
import { type PipedProgram, saidBy } from './piped.js'

/** `pg_dump` and `pg_restore` of one version. */
export type DumpPrograms = {
  major: number
  call(program: 'pg_dump' | 'pg_restore', words: string[], url: string | null, signal: AbortSignal): PipedProgram
}

export async function dumpPrograms(bin: string, signal: AbortSignal): Promise<DumpPrograms> {
  const call: DumpPrograms['call'] = (program, words, url, given) => ({
    program: join(bin, program),
    words,
    environment: url === null ? {} : environmentOf(url),
    signal: given,
  })
  const said = await saidBy(call('pg_dump', ['--version'], null, signal))
  return { major: Number(/(\d+)/.exec(said.replace(/^\D+/, ''))?.[1] ?? 0), call }
}

/** libpq’s own names; the password is in no list of arguments. */
function environmentOf(url: string): { [name: string]: string } {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const ssl = searchParams.get('sslmode')
  return {
    PGHOST: searchParams.get('host') ?? decodeURIComponent(hostname),
    PGPORT: port || '5432',
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)) || 'postgres',
    PGCONNECT_TIMEOUT: '10',
    PGAPPNAME: 'shipmate',
    ...(ssl && { PGSSLMODE: ssl }),
  }
}

export type DumpedDatabase = { major: number; bytes: number; now: Date; tables: string[] }

/** What a dump of it has to hold. */
export const lookAt = (name: string, url: string, signal: AbortSignal): Promise<DumpedDatabase> =>
  inSession(name, { url }, { signal, connectWithinMs: 5_000 }, async (session: Session) => {
    const [facts] = await session.rows<{ major: number; bytes: string; now: Date }>(
      `select current_setting('server_version_num')::int / 10000 as major,
              pg_database_size(current_database())::text as bytes, clock_timestamp() as now`,
    )
    const tables = await session.rows<{ name: string }>(
      `select n.nspname || ' ' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
          and not exists (select 1 from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'e')
        order by 1`,
    )
    const { major = 0, bytes = '0', now = new Date(0) } = facts ?? {}
    return { major, bytes: Number(bytes), now, tables: tables.map((table) => table.name) }
  })

export function newEnough(programs: DumpPrograms, { major }: DumpedDatabase, name: string): void {
  if (programs.major >= major) return
  throw failed('dump-version', `pg_dump ${programs.major} cannot dump ${name}, which is PostgreSQL ${major}`, {
    wanted: `pg_dump ${major} or newer`,
    came: `pg_dump ${programs.major}`,
    next: `Install the programs of PostgreSQL ${major} and name their folder in the operator’s file.`,
  })
}
