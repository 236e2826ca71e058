import type { Archive, Backup, Holding, Span } from '../../../backups/backup.js'
import type { EngineContext } from '../../../backups/engine.js'
import { archiverOf } from '../archiver.js'
import { inTheOrderArchived, type Listing, missingIn, type Reach, reachesOf, spansOf } from '../wal/continuity.js'
import { lastMomentOf } from '../wal/last-moment.js'
import type { PgBackRestParts } from './engine.js'
import { type Info, readInfo } from './info.js'
import { archiveFolder, backupFolder, filesIn, freeIn, listingOf, type Stored } from './repository.js'

/** What the repository holds of the WAL, and how far it reaches from each backup of the cluster that is there now. */
export type Held = {
  info: Info
  backups: Backup[]
  archive: Stored[]
  listing: Listing
  /** Those that the WAL of this cluster follows. */
  followed: { backups: Backup[]; listing: Listing }
  reaches: Reach[]
}

export async function heldIn({ tool }: PgBackRestParts, signal: AbortSignal): Promise<Held> {
  const [info, archive] = await Promise.all([readInfo(tool, signal), filesIn(tool, archiveFolder(tool), signal)])
  const listing = await listingOf(tool, info.archiveId, archive, signal)
  const backups = info.known.map(({ backup }) => backup).sort((a, b) => a.endedAt.getTime() - b.endedAt.getTime())
  // What was taken of a cluster that has been replaced since cannot be followed by the WAL of this one.
  const current = info.known.filter(({ archiveId }) => archiveId === info.archiveId).map(({ backup }) => backup.label)
  const followed = { backups: backups.filter(({ label }) => current.includes(label)), listing }
  return { info, backups, archive, listing, followed, reaches: reachesOf(followed.backups, listing) }
}

export const spansIn = (parts: PgBackRestParts, reaches: Reach[], signal: AbortSignal): Promise<Span[]> =>
  spansOf(reaches, (newestFirst) => lastMomentOf(newestFirst, (name) => parts.moments(name, signal)))

export async function holding(parts: PgBackRestParts, context: EngineContext): Promise<Holding> {
  const { signal } = context
  const held = await heldIn(parts, signal)
  const stored = await filesIn(parts.tool, backupFolder(parts.tool), signal)
  return {
    backups: held.backups,
    spans: await spansIn(parts, held.reaches, signal),
    archive: await archiveOf(parts, held, context),
    storedBytes: bytesOf(stored) + bytesOf(held.archive),
    freeBytes: await freeIn(parts.tool),
  }
}

export const bytesOf = (files: Stored[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0)

async function archiveOf(parts: PgBackRestParts, held: Held, { signal, log }: EngineContext): Promise<Archive> {
  const last = inTheOrderArchived(held.listing.segments).at(-1) ?? null
  return {
    lastSegment: last?.name ?? null,
    lastAt: last?.at ?? null,
    missing: missingIn(held.reaches),
    failing: await failingNow(parts, signal).catch((error: unknown) => {
      // The storage can be asked when the server is lost, which is when it matters most.
      if (signal.aborted) throw error
      log.warn({ err: error }, 'the server could not be asked about its archiving')
      return null
    }),
  }
}

async function failingNow({ database }: PgBackRestParts, signal: AbortSignal): Promise<string | null> {
  return (await archiverOf(database.name, { url: await database.url() }, signal)).failing
}
