import { randomBytes } from 'node:crypto'
import { appendFileSync, chownSync, existsSync, mkdtempSync, truncateSync } from 'node:fs'
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { EngineContext, ScratchServer } from '../../../backups/engine.js'
import { failed, ShipmateError } from '../../../errors.js'
import { freePort } from '../../../free-port.js'
import { inSession, openSession, type ServerAt, type Session } from '../../postgres/session.js'
import { walFolder } from '../folders.js'
import { runProgram } from '../programs.js'
import { ask } from './findings.js'
import { launch } from './launch.js'
import { postmasterOn, stopPostmaster } from './postmaster.js'
import { lastReplayed, whyNotRecovered } from './recovery.js'
import type { ScratchSettings } from './yard.js'

/** What is written beside the files, so that another worker finds the server again. */
const stateSchema = z.object({
  url: z.string(),
  role: z.string(),
  socketFolder: z.string(),
  port: z.number(),
  recoveredInMs: z.number(),
})
type State = z.infer<typeof stateSchema>

const stateFile = (entry: string) => join(entry, 'server.json')
const dataOf = (entry: string) => join(entry, 'data')
const logOf = (entry: string) => join(entry, 'server.log')

/** Starts PostgreSQL on restored files and waits until recovery ended; one that runs there already is used as it is. */
export async function startScratch(
  settings: ScratchSettings,
  entry: string,
  context: EngineContext,
): Promise<ScratchServer> {
  const adopted = await stillRunning(entry, context)
  if (adopted) return serverOf(settings, entry, adopted, context)
  await stopPostmaster(dataOf(entry), context.clock)
  await forget(entry)
  await sameVersion(settings, dataOf(entry), context)
  await owned(settings, dataOf(entry), context)
  try {
    return serverOf(settings, entry, await recovered(settings, entry, context), context)
  } catch (thrown) {
    await stopPostmaster(dataOf(entry), context.clock)
    await forget(entry)
    throw thrown
  }
}

/** Removes what a server left outside its folder. */
export async function forget(entry: string): Promise<void> {
  const state = await stateOf(entry)
  if (state?.socketFolder.includes(socketPrefix)) await rm(state.socketFolder, { recursive: true, force: true })
  await rm(stateFile(entry), { force: true })
}

async function stateOf(entry: string): Promise<State | null> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(stateFile(entry), 'utf8')))
  } catch {
    return null
  }
}

async function stillRunning(entry: string, context: EngineContext): Promise<State | null> {
  const state = await stateOf(entry)
  if (state === null || state.url === '' || postmasterOn(dataOf(entry)) === null) return null
  try {
    await inSession('the scratch server', { url: state.url }, { signal: context.signal }, (session) =>
      session.rows('select 1'),
    )
    return state
  } catch {
    return null
  }
}

const socketPrefix = 'shipmate-scratch-'
const rolePrefix = 'shipmate_scratch_'
/** Every cluster has it, and nobody closes it. */
const beside = 'template1'
const lookEveryMs = 25

async function recovered(settings: ScratchSettings, entry: string, context: EngineContext): Promise<State> {
  const { clock, signal } = context
  // Not in the yard: the path of a socket may have no more than 107 characters.
  const socketFolder = mkdtempSync(join(tmpdir(), socketPrefix))
  if (settings.as) chownSync(socketFolder, settings.as.uid, settings.as.gid)
  const [port, role] = [await freePort(), `${rolePrefix}${randomBytes(4).toString('hex')}`]
  // Before the start: whoever removes the entry of a killed worker finds the socket's folder.
  await remember(entry, { url: '', role, socketFolder, port, recoveredInMs: 0 })
  const at: ServerAt = { host: socketFolder, port, user: settings.superuser, database: settings.database }
  const began = clock.now().getTime()
  const gone = launchedIn(settings, entry, { port, socketFolder, role })
  for (;;) {
    if (await answers(at)) break
    if (signal.aborted)
      throw new ShipmateError('stopped', 'scratch-stopped', 'the start of a scratch server was broken off')
    if (gone()) throw whyNotRecovered(logOf(entry))
    const replayed = lastReplayed(logOf(entry))
    context.progress({ done: 0, total: 0, text: replayed ? `replayed segment ${replayed}` : 'recovery begins' })
    await clock.sleep(lookEveryMs, signal)
  }
  const recoveredInMs = clock.now().getTime() - began
  // Its command for the end of recovery is not followed, and these files may become the real ones.
  await rm(join(dataOf(entry), walFolder), { recursive: true, force: true })
  const password = randomBytes(24).toString('hex')
  await inSession('the scratch server', { ...at, database: beside }, { signal }, async (session) => {
    await withoutRolesOf(session)
    await openedIn(session, settings.database)
    await session.rows(`create role ${role} superuser login password '${password}'`)
  })
  const url = `postgres://${role}:${password}@127.0.0.1:${port}/${encodeURIComponent(settings.database)}`
  const state = { url, role, socketFolder, port, recoveredInMs }
  await remember(entry, state)
  return state
}

function launchedIn(
  settings: ScratchSettings,
  entry: string,
  { port, socketFolder, role }: { port: number; socketFolder: string; role: string },
): () => boolean {
  const log = logOf(entry)
  appendFileSync(log, '')
  truncateSync(log)
  return launch({
    postgres: join(settings.bin, 'postgres'),
    data: dataOf(entry),
    port,
    socketFolder,
    role,
    log,
    config: join(entry, 'server.conf'),
    hba: join(entry, 'hba.conf'),
    ident: join(entry, 'ident.conf'),
    preload: settings.preload ?? [],
    as: settings.as,
  })
}

const remember = (entry: string, state: State) => writeFile(stateFile(entry), JSON.stringify(state), { mode: 0o600 })

/** Until recovery ended, it lets nobody in; what else it says no with is for whoever asks to see. */
async function answers(at: ServerAt): Promise<boolean> {
  try {
    await (await openSession('the scratch server', at, { connectWithinMs: 5_000 })).end()
    return true
  } catch (thrown) {
    if (thrown instanceof ShipmateError && thrown.code === 'database-unauthorized')
      throw failed('scratch-no-way-in', `the restored server lets nobody in: ${thrown.came ?? thrown.message}`, {
        next: 'Name a superuser and a database that the cluster has in the operator’s file.',
        cause: thrown,
      })
    return thrown instanceof ShipmateError && thrown.details?.code === closed
  }
}

/** It takes no connections: whoever asks beside it is let in. */
const closed = '55000'

function serverOf(settings: ScratchSettings, entry: string, state: State, { clock }: EngineContext): ScratchServer {
  return {
    url: state.url,
    recoveredInMs: state.recoveredInMs,
    ask: (questions, context) => ask(settings, state, questions, context),
    async stop() {
      if (postmasterOn(dataOf(entry)) !== null) await withoutOurRole(settings, state)
      await stopPostmaster(dataOf(entry), clock)
      await forget(entry)
    },
  }
}

/** The files may become the real ones: nothing of ours stays in them. */
async function withoutOurRole({ superuser }: ScratchSettings, { role, socketFolder, port }: State) {
  if (!existsSync(socketFolder)) return
  // Roles are of the whole server, and the database itself may let nobody in until it has gone live.
  const at: ServerAt = { host: socketFolder, port, user: superuser, database: beside }
  await inSession('the scratch server', at, { statementWithinMs: 10_000 }, (session) =>
    session.rows(`drop role if exists ${role}`),
  ).catch(() => {})
}

/** It lets nobody in at a moment within a pause, nor where a restore was cut off that had closed it before it went live. */
async function openedIn(session: Session, database: string): Promise<void> {
  const [found] = await session.rows<{ statement: string }>(
    `select format('alter database %I with allow_connections true', datname) as statement from pg_database
      where datname = $1 and not datallowconn`,
    [database],
  )
  if (found) await session.rows(found.statement)
}

/** Those of starts that were cut off before they could write down which one they made. */
async function withoutRolesOf(session: Session): Promise<void> {
  const left = await session.rows<{ name: string }>(
    `select rolname as name from pg_roles where starts_with(rolname::text, '${rolePrefix}')`,
  )
  for (const { name } of left) await session.rows(`drop role ${name}`)
}

async function sameVersion({ bin }: ScratchSettings, data: string, { signal }: EngineContext): Promise<void> {
  const wanted = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim()
  const { output } = await runProgram({
    program: join(bin, 'postgres'),
    words: ['--version'],
    signal,
    withinMs: 10_000,
  })
  const came = /(\d+)(?:\.\d+|beta|rc|devel)/.exec(output)?.[1] ?? output
  if (came === wanted) return
  throw failed('scratch-version', `these files need PostgreSQL ${wanted}, and ${bin} has ${came}`, {
    wanted: `PostgreSQL ${wanted}`,
    came: output.trim(),
    next: `Install PostgreSQL ${wanted} on this machine and name its folder of programs in the operator’s file.`,
  })
}

/** Whoever restored may have been somebody else than the server's user. */
async function owned({ as }: ScratchSettings, data: string, { signal }: EngineContext): Promise<void> {
  await chmod(data, 0o700)
  if (!as) return
  const [folder, version] = [await stat(data), await stat(join(data, 'PG_VERSION'))]
  if (folder.uid === as.uid && version.uid === as.uid) return
  const { code, complaints } = await runProgram({
    program: 'chown',
    words: ['-R', '--no-dereference', `${as.uid}:${as.gid}`, data],
    signal,
  })
  if (code !== 0)
    throw failed('scratch-start-failed', 'the restored files could not be handed to the user of PostgreSQL', {
      came: complaints,
      next: 'Look at the rights of the scratch folder.',
    })
}
