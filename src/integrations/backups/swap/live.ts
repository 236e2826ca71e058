import type { EngineContext } from '../../../backups/engine.js'
import type { LiveServer } from '../../../backups/swap.js'
import { timedOut } from '../../../errors.js'
import { inSession, type Session } from '../../postgres/session.js'
import { beside } from './pausing-server.js'

/** The server as its superuser reaches it, or whoever may switch a segment. */
export function createLiveServer(name: string, url: () => Promise<string>): LiveServer {
  const asked = async <T>({ signal }: EngineContext, use: (session: Session) => Promise<T>) =>
    inSession(name, { url: await url() }, { signal }, use)
  return {
    // From beside it: WAL is of the whole server, and the database itself may be closed by then.
    handOver: async (point, context) =>
      beside(await url(), name, context).ask((session) => handOver(session, point, context)),
    rows: (tables, context) => asked(context, (session) => counted(session, tables, context)),
  }
}

const archivedWithinMs = 120_000

async function handOver(session: Session, point: string | null, context: EngineContext) {
  const { clock, signal } = context
  if (point) await session.rows('select pg_create_restore_point($1)', [point])
  // Nothing is switched where nothing was written, and a moment is reached only by a commit after it.
  const [mark] = await session.rows<{ at: Date }>(
    `select clock_timestamp() as at, pg_logical_emit_message(true, 'shipmate', 'handed over')`,
  )
  const [switched] = await session.rows<{ segment: string; mode: string }>(
    `select pg_walfile_name(pg_switch_wal()) as segment, current_setting('archive_mode') as mode`,
  )
  const wanted = switched?.segment ?? ''
  const at = mark?.at ?? clock.now()
  if (switched?.mode === 'off') return { summary: `${wanted} is whole; the engine fetches it`, at, archived: false }
  const until = clock.now().getTime() + archivedWithinMs
  for (;;) {
    const [seen] = await session.rows<{ last: string | null }>('select last_archived_wal as last from pg_stat_archiver')
    // Histories and labels are archived too, under longer or shorter names.
    if ((seen?.last ?? '').slice(0, 24) >= wanted) break
    if (clock.now().getTime() > until)
      throw timedOut('restore-not-handed-over', 'the newest WAL did not reach the archive', {
        wanted: `segment ${wanted} in the archive`,
        came: `the last one is ${seen?.last ?? 'none'}`,
        next: 'Look at archive_command in the server’s log, or choose an earlier moment.',
      })
    context.progress({ done: 0, total: 0, text: `waiting until ${wanted} is archived` })
    await clock.sleep(100, signal)
    signal.throwIfAborted()
  }
  return { summary: `${wanted} is in the archive`, at, archived: true }
}

const shown = `case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end`
const everyTable = `select ${shown} as name, format('%I.%I', n.nspname, c.relname) as quoted
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
    and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_toast%'
  order by 1`

async function counted(session: Session, tables: string[], context: EngineContext) {
  const all = await session.rows<{ name: string; quoted: string }>(everyTable)
  const wanted = tables.length === 0 ? all : all.filter(({ name }) => tables.some((one) => same(one, name)))
  const found: { table: string; rows: number }[] = []
  for (const { name, quoted } of wanted) {
    context.progress({ done: found.length, total: wanted.length, text: `counting rows of ${name}` })
    const [count] = await session.rows<{ rows: string }>(`select count(*) as rows from ${quoted}`)
    found.push({ table: name, rows: Number(count?.rows) })
  }
  return found
}

const same = (wanted: string, name: string) => wanted === name || wanted === `public.${name}`
