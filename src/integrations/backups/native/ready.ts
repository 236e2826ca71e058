import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineContext } from '../../../backups/engine.js'
import { failed, ShipmateError } from '../../../errors.js'
import { inSession, type Session } from '../../postgres/session.js'
import { isFull, storageFull } from '../problems.js'
import type { NativeParts } from './parts.js'

type Server = { version: string; mode: string; summarize: string | null; may: boolean }

/** The server, the archive and the folder: a segment is switched and awaited, a file written and read back. */
export async function ready(parts: NativeParts, context: EngineContext): Promise<{ summary: string }> {
  const { database, settings, incremental } = parts
  const url = await database.url()
  return inSession(database.name, { url }, { signal: context.signal }, async (session) => {
    const [server] = await session.rows<Server>(
      `select current_setting('server_version') as version, current_setting('archive_mode') as mode,
              current_setting('summarize_wal', true) as summarize,
              (select rolreplication or rolsuper from pg_roles where rolname = current_user) as may`,
    )
    if (!server || server.mode === 'off') throw archiveOff(settings.archive)
    if (!server.may)
      throw failed('backup-role', 'the role may not replicate, and so take no backup', {
        wanted: 'REPLICATION',
        came: 'it has not',
        next: 'Run: alter role … replication',
      })
    if (incremental && server.summarize !== 'on')
      throw failed('backup-summaries-off', 'the server does not keep what increments need', {
        wanted: 'summarize_wal = on',
        came: `summarize_wal = ${server.summarize}`,
        next: 'Set summarize_wal = on on the server and reload it.',
      })
    await writable(settings.folder)
    await segmentArrives(session, settings.archive, context)
    return { summary: `PostgreSQL ${server.version} can be backed up; a segment came into the archive just now` }
  })
}

const archiveOff = (archive: string) =>
  failed('backup-archive-off', 'the server does not archive its WAL', {
    wanted: 'archive_mode = on',
    came: 'archive_mode = off',
    next: `Set archive_mode = on and archive_command = '${archiveCommand(archive)}', and restart the server.`,
  })

/** Whole or not at all under its own name, and never over another; handed over twice, it is there already. */
export function archiveCommand(archive: string): string {
  const [there, copy] = [`"${archive}/%f"`, `"${archive}/.%f.copying"`]
  return `if test -f ${there}; then cmp -s "%p" ${there}; else cp "%p" ${copy} && sync ${copy} && mv ${copy} ${there}; fi`
}

async function writable(folder: string): Promise<void> {
  const file = join(folder, '.ready')
  try {
    await mkdir(folder, { recursive: true, mode: 0o711 })
    const handle = await open(file, 'w')
    await handle.writeFile('ready')
    await handle.sync()
    await handle.close()
    if ((await readFile(file, 'utf8')) !== 'ready') throw new Error('it reads otherwise than it was written')
  } catch (thrown) {
    const came = thrown instanceof Error ? thrown.message : String(thrown)
    if (isFull(came)) throw storageFull(folder, came)
    throw failed('backup-storage-unwritable', `backups cannot be written in ${folder}`, {
      came,
      next: 'Look whether the disk is there, and at the rights of the folder.',
      cause: thrown,
    })
  } finally {
    await rm(file, { force: true })
  }
}

const arrivesWithinMs = 60_000

async function segmentArrives(session: Session, archive: string, { clock, signal }: EngineContext): Promise<void> {
  await session.rows(`select pg_logical_emit_message(false, 'shipmate', 'is the archive working?')`)
  const [row] = await session.rows<{ segment: string }>('select pg_walfile_name(pg_switch_wal()) as segment')
  const segment = row?.segment ?? ''
  const until = clock.now().getTime() + arrivesWithinMs
  while (!existsSync(join(archive, segment))) {
    if (signal.aborted) throw new ShipmateError('stopped', 'backup-stopped', 'looking at the archive was broken off')
    if (clock.now().getTime() >= until)
      throw failed('backup-archive-failing', 'the server’s archive does not arrive where it is kept', {
        wanted: `${segment} in ${archive} within a minute`,
        came: 'it did not come',
        next: `Look into the server’s log; archive_command may be: ${archiveCommand(archive)}`,
      })
    await clock.sleep(100, signal)
  }
}
