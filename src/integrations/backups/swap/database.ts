import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { EngineContext } from '../../../backups/engine.js'
import type { Placed, Swap, SwapOrder } from '../../../backups/swap.js'
import { asShipmateError, failed } from '../../../errors.js'
import type { Session } from '../../postgres/session.js'
import { canRun, runProgram } from '../programs.js'
import { type Beside, beside, endSessions } from './pausing-server.js'

export type DatabaseSwapParts = {
  /** What people call the server. */
  name: string
  /** Where `pg_dump` and `pg_restore` are, of the server's version or a later one. */
  bin: string
  /** The live database, as somebody who may make and rename databases there. */
  url(): Promise<string>
}

/** One database of the live server: the restored one is loaded beside it, and then only names change, both at once. */
export function createDatabaseSwap(parts: DatabaseSwapParts): Swap {
  const there = async (context: EngineContext) => placesOf(beside(await parts.url(), parts.name, context))
  const swapped = async (run: number, context: EngineContext) => {
    const places = await there(context)
    return { ...places, placed: await placedIn(places, run) }
  }
  return {
    name: 'database',
    keptAs: (run) => `the database …_before_${run}`,
    placed: async (run, context) => (await swapped(run, context)).placed,
    ready: (_bytes, context) => ready(parts, context),
    async stage(order, context) {
      const { next, at } = await there(context)
      if (await isThere(at, next(order.run))) return { summary: `${next(order.run)} is there already` }
      await withoutParts(at, next(order.run))
      await loaded(parts, at, next(order.run), order, context)
      return { summary: `loaded into ${next(order.run)} beside the live one` }
    },
    async unstage(run, context) {
      const { next, at } = await there(context)
      await withoutParts(at, next(run))
      await at.ask((session) => session.rows(`drop database if exists ${quoted(next(run))} with (force)`))
      return { summary: `${next(run)} is gone` }
    },
    async swap(run, context) {
      const { at, placed, kept, next } = await swapped(run, context)
      if (placed === 'old') await renamed(at, [at.database, kept(run)], [next(run), at.database])
      return { summary: `the restored database serves; the old one is kept as ${kept(run)}` }
    },
    async back(run, context) {
      const { at, placed, kept, restored } = await swapped(run, context)
      if (placed === 'restored') await renamed(at, [at.database, restored(run)], [kept(run), at.database])
      return { summary: `the old database serves again; what was restored is kept as ${restored(run)}` }
    },
  }
}

/** PostgreSQL cuts longer names without a word. */
const longest = 63

function placesOf(at: Beside) {
  const named = (what: string) => (run: number) => {
    const tail = `_${what}_${run}`
    return `${at.database.slice(0, longest - tail.length)}${tail}`
  }
  return { at, kept: named('before'), next: named('restored'), restored: named('undone') }
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

/** Both names change in one transaction, so that there is no half of it. */
async function placedIn({ at, kept }: ReturnType<typeof placesOf>, run: number): Promise<Placed> {
  const found = await at.ask((session) => session.rows('select 1 from pg_database where datname = $1', [kept(run)]))
  return found.length > 0 ? 'restored' : 'old'
}

const renames = 20

/**
 * The live one makes way, and the other takes its name, in one transaction. Whoever was let in before is let in after and
 * nobody else is, so that a pause holds; what made way is closed, since nothing may be written on it any more. Sessions
 * that come in between ending them and renaming are ended again.
 */
async function renamed(at: Beside, live: [from: string, to: string], next: [from: string, to: string]): Promise<void> {
  await at.ask(async (session) => {
    for (let tries = 1; ; tries += 1) {
      for (const [from] of [live, next]) await endSessions(session, from)
      try {
        await session.rows('begin')
        const [found] = await session.rows<{ open: boolean }>(
          'select datallowconn as open from pg_database where datname = $1',
          [live[0]],
        )
        for (const [from, to] of [live, next])
          await session.rows(`alter database ${quoted(from)} rename to ${quoted(to)}`)
        await session.rows(`alter database ${quoted(live[1])} with allow_connections false`)
        await session.rows(`alter database ${quoted(next[1])} with allow_connections ${found?.open ?? true}`)
        await session.rows('commit')
        return
      } catch (thrown) {
        await session.rows('rollback').catch(() => {})
        if (tries >= renames || asShipmateError(thrown).details?.code !== inUse) throw thrown
      }
    }
  })
}

const inUse = '55006'

/** Only what is whole has this name. */
async function isThere(at: Beside, name: string): Promise<boolean> {
  return (await at.ask((session) => session.rows('select 1 from pg_database where datname = $1', [name]))).length > 0
}

async function loaded(
  parts: DatabaseSwapParts,
  at: Beside,
  name: string,
  { folder, yard }: SwapOrder,
  context: EngineContext,
): Promise<void> {
  const [attempt, entry] = [randomBytes(4).toString('hex'), dirname(folder)]
  const [part, dump] = [partOf(name, attempt), join(entry, `dump-${attempt}`)]
  const server = await yard.start(folder, context)
  try {
    const from = new URL(server.url)
    from.pathname = `/${encodeURIComponent(at.database)}`
    await told(parts, 'pg_dump', ['-Fd', '-j2', '-Z0', '-f', dump, '-d', from.href], context)
  } finally {
    await server.stop()
  }
  await at.ask(async (session) => {
    const [like] = await session.rows<{ owner: string; encoding: string; collate: string; ctype: string }>(
      `select pg_get_userbyid(datdba) as owner, pg_encoding_to_char(encoding) as encoding, datcollate as collate,
              datctype as ctype from pg_database where datname = $1`,
      [at.database],
    )
    if (!like) throw failed('restore-swap-not-ready', `there is no database ${at.database} on the live server`)
    const text = (value: string) => `'${value.replaceAll("'", "''")}'`
    await session.rows(
      `create database ${quoted(part)} owner ${quoted(like.owner)} template template0 encoding ${text(like.encoding)}
         lc_collate ${text(like.collate)} lc_ctype ${text(like.ctype)}`,
    )
  })
  const into = new URL(await parts.url())
  into.pathname = `/${encodeURIComponent(part)}`
  await told(parts, 'pg_restore', ['-j2', '--exit-on-error', '-d', into.href, dump], context)
  await at.ask(async (session) => {
    await settingsOf(session, at.database, part)
    await endSessions(session, part)
    await session.rows(`alter database ${quoted(part)} rename to ${quoted(name)}`)
  })
  await rm(dump, { recursive: true, force: true })
}

/** Loaded under a name of its own and renamed once it is whole: an attempt that comes late spoils no other. */
const partOf = (name: string, attempt: string) => `${name.slice(0, longest - 14)}_part_${attempt}`

async function withoutParts(at: Beside, name: string): Promise<void> {
  await at.ask(async (session) => {
    const left = await session.rows<{ name: string }>(
      'select datname as name from pg_database where starts_with(datname::text, $1)',
      [partOf(name, '')],
    )
    for (const one of left) await session.rows(`drop database if exists ${quoted(one.name)} with (force)`)
  })
}

/** What the live database says of itself, which a dump of its contents leaves out: its settings, and who may do what. */
async function settingsOf(session: Session, live: string, restored: string): Promise<void> {
  const statements = await session.rows<{ text: string }>(
    `select case when s.setrole = 0 then format('alter database %I set ', $2::text)
                 else format('alter role %I in database %I set ', pg_get_userbyid(s.setrole), $2::text) end
            || format('%I to ', split_part(one, '=', 1))
            || case when split_part(one, '=', 1) = any($3) then substr(one, strpos(one, '=') + 1)
                    else quote_literal(substr(one, strpos(one, '=') + 1)) end as text
       from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) one
      where d.datname = $1
     union all
     select format('revoke all on database %I from public', $2::text) from pg_database where datname = $1 and datacl is not null
     union all
     select format('grant %s on database %I to %s%s', g.privilege_type, $2::text,
                   case when g.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end,
                   case when g.is_grantable then ' with grant option' else '' end)
       from pg_database d, aclexplode(d.datacl) g where d.datname = $1`,
    [live, restored, lists],
  )
  for (const { text } of statements) await session.rows(text)
}

/** Their values are lists of quoted names already. */
const lists = ['search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries']

/** The address carries a password, which others could read among the words of a process. */
async function told({ bin }: DatabaseSwapParts, tool: string, words: string[], { signal, progress }: EngineContext) {
  const at = words.indexOf('-d') + 1
  const url = new URL(words[at] ?? '')
  const environment = { PGPASSWORD: decodeURIComponent(url.password) }
  url.password = ''
  const safe = words.map((word, index) => (index === at ? url.href : word))
  progress({ done: 0, total: 0, text: `${tool} is at work` })
  const { code, complaints } = await runProgram({ program: join(bin, tool), words: safe, signal, environment })
  if (code === 0) return
  throw failed('restore-copy-failed', `${tool} could not carry the restored database over`, {
    came: complaints.trim().split('\n').slice(-5).join('\n') || `it ended with ${code}`,
    next: 'Nothing of the live database was changed. Read what it says, then ask again.',
  })
}

async function ready({ bin, name, url }: DatabaseSwapParts, context: EngineContext) {
  const missing = ['pg_dump', 'pg_restore'].filter((tool) => !existsSync(join(bin, tool)) || !canRun(join(bin, tool)))
  const no = (came: string, next: string) =>
    failed('restore-swap-not-ready', 'restored data could not take the place of the live one', { came, next })
  if (missing.length > 0)
    throw no(`${missing.join(' and ')} is not in ${bin}`, 'Install PostgreSQL’s client programs, or swap the folder.')
  const [found] = await beside(await url(), name, context).ask((session) =>
    session.rows<{ may: boolean; version: string }>(
      `select rolsuper or rolcreatedb as may, current_setting('server_version_num') as version
         from pg_roles where rolname = current_user`,
    ),
  )
  if (!found?.may)
    throw no(
      'who Shipmate connects as may make no database',
      'Name a superuser as restore.admin in the operator’s file.',
    )
  const { output } = await runProgram({
    program: join(bin, 'pg_dump'),
    words: ['--version'],
    signal: context.signal,
    withinMs: 10_000,
  })
  const [, major = '0'] = /(\d+)/.exec(output) ?? []
  const server = Math.floor(Number(found.version) / 10_000)
  if (Number(major) < server)
    throw no(`pg_dump is of version ${major}, the server of ${server}`, `Install version ${server}.`)
  return { summary: `pg_dump ${major} carries one database over` }
}
