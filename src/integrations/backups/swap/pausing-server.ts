import type { EngineContext } from '../../../backups/engine.js'
import type { Opening, Pausing } from '../../../backups/swap.js'
import { failed } from '../../../errors.js'
import { inSession, type Session } from '../../postgres/session.js'

/** One database of a server, asked from another one of it: whoever it keeps out, we are not among them. */
export type Beside = { database: string; quoted: string; ask<T>(use: (session: Session) => Promise<T>): Promise<T> }

export function beside(url: string, name: string, { signal }: Pick<EngineContext, 'signal'>): Beside {
  const database = decodeURIComponent(new URL(url).pathname.slice(1))
  return {
    database,
    quoted: `"${database.replaceAll('"', '""')}"`,
    ask: (use) => inSession(name, { url: besideOf(url) }, { signal }, use),
  }
}

/** Another database of the same server. */
export function besideOf(url: string): string {
  const other = new URL(url)
  other.pathname = other.pathname === '/postgres' ? '/template1' : '/postgres'
  return other.href
}

/** The server itself keeps everybody out of the database: no pool and no proxy has to play along. */
export function createServerPausing(name: string, url: () => Promise<string>): Pausing {
  const there = async (context: EngineContext) => beside(await url(), name, context)
  return {
    name: 'server',
    ready: async (context) => {
      await mayAlter(await there(context))
      return { summary: 'the server can keep everybody out of the database' }
    },
    close: async (context) => ({ summary: await closed(await there(context)) }),
    closeRestored: async (restored, context) => {
      // The same database of that server, whichever one the address leads to.
      const at = new URL(restored)
      at.pathname = new URL(await url()).pathname
      await closed(beside(at.href, 'the restored database', context))
    },
    open: async (how, context) => ({ summary: await opened(await there(context), how) }),
  }
}

async function mayAlter({ database, ask }: Beside): Promise<void> {
  const [found] = await ask((session) =>
    session.rows<{ may: boolean }>(
      `select (select rolsuper from pg_roles where rolname = current_user)
              or pg_has_role(datdba, 'usage') as may from pg_database where datname = $1`,
      [database],
    ),
  )
  if (found?.may) return
  throw failed('restore-pause-not-ready', `who Shipmate connects as may not keep others out of ${database}`, {
    wanted: 'its owner, or a superuser',
    came: found ? 'neither' : `no database ${database} on that server`,
    next: 'Name a superuser as restore.admin in the operator’s file.',
  })
}

async function closed({ database, quoted, ask }: Beside): Promise<string> {
  const ended = await ask(async (session) => {
    await session.rows(`alter database ${quoted} with allow_connections false`)
    return endSessions(session, database)
  })
  return `nobody gets in any more; ${ended} sessions were ended`
}

export async function endSessions(session: Session, database: string): Promise<number> {
  const [found] = await session.rows<{ ended: number }>(
    `select count(*) filter (where pg_terminate_backend(pid, 5000))::int as ended from pg_stat_activity
      where datname = $1 and pid <> pg_backend_pid()`,
    [database],
  )
  return found?.ended ?? 0
}

/** What a session may do is settled when it begins, so those that began before begin again. */
export async function setReadOnly({ database, quoted, ask }: Beside, readOnly: boolean, end: boolean): Promise<void> {
  await ask(async (session) => {
    await session.rows(
      readOnly
        ? `alter database ${quoted} set default_transaction_read_only = on`
        : `alter database ${quoted} reset default_transaction_read_only`,
    )
    if (end) await endSessions(session, database)
  })
}

async function opened(at: Beside, how: Opening): Promise<string> {
  await setReadOnly(at, how !== 'all', true)
  await at.ask((session) => session.rows(`alter database ${at.quoted} with allow_connections true`))
  return how === 'all' ? 'everybody may read and write' : 'sessions read, and write nothing'
}
