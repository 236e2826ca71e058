import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { EngineContext } from '../../../backups/engine.js'
import type { Placed, Swap, SwapOrder } from '../../../backups/swap.js'
import { failed } from '../../../errors.js'
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
      if (await isWhole(at, next(order.run))) return { summary: `${next(order.run)} is there already` }
      await loaded(parts, at, next(order.run), order, context)
      return { summary: `loaded into ${next(order.run)} beside the live one` }
    },
    async unstage(run, context) {
      const { next, at } = await there(context)
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

async function renamed(at: Beside, ...changes: [from: string, to: string][]): Promise<void> {
  await at.ask(async (session) => {
    for (const [from] of changes) {
      await session.rows(`alter database ${quoted(from)} with allow_connections false`)
      await endSessions(session, from)
    }
    await session.rows('begin')
    for (const [from, to] of changes) await session.rows(`alter database ${quoted(from)} rename to ${quoted(to)}`)
    await session.rows('commit')
    const [, serving] = changes
    if (serving) await session.rows(`alter database ${quoted(serving[1])} with allow_connections true`)
  })
}

const whole = 'restored whole by Shipmate'

async function isWhole(at: Beside, name: string): Promise<boolean> {
  const found = await at.ask((session) =>
    session.rows(`select 1 from pg_database where datname = $1 and shobj_description(oid, 'pg_database') = $2`, [
      name,
      whole,
    ]),
  )
  return found.length > 0
}

async function loaded(
  parts: DatabaseSwapParts,
  at: Beside,
  name: string,
  { folder, yard }: SwapOrder,
  context: EngineContext,
): Promise<void> {
  const dump = join(dirname(folder), 'dump')
  await rm(dump, { recursive: true, force: true })
  const server = await yard.start(folder, context)
  try {
    const from = new URL(server.url)
    from.pathname = `/${encodeURIComponent(at.database)}`
    await told(parts, 'pg_dump', ['-Fd', '-j2', '-Z0', '-f', dump, '-d', from.href], context)
  } finally {
    await server.stop()
  }
  await at.ask(async (session) => {
    await session.rows(`drop database if exists ${quoted(name)} with (force)`)
    const [like] = await session.rows<{ owner: string; encoding: string; collate: string; ctype: string }>(
      `select pg_get_userbyid(datdba) as owner, pg_encoding_to_char(encoding) as encoding, datcollate as collate,
              datctype as ctype from pg_database where datname = $1`,
      [at.database],
    )
    if (!like) throw failed('restore-swap-not-ready', `there is no database ${at.database} on the live server`)
    const text = (value: string) => `'${value.replaceAll("'", "''")}'`
    await session.rows(
      `create database ${quoted(name)} owner ${quoted(like.owner)} template template0 encoding ${text(like.encoding)}
         lc_collate ${text(like.collate)} lc_ctype ${text(like.ctype)}`,
    )
  })
  const into = new URL(await parts.url())
  into.pathname = `/${encodeURIComponent(name)}`
  await told(parts, 'pg_restore', ['-j2', '--exit-on-error', '-d', into.href, dump], context)
  await at.ask((session) => session.rows(`comment on database ${quoted(name)} is '${whole}'`))
  await rm(dump, { recursive: true, force: true })
}

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
