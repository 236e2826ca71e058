import { existsSync } from 'node:fs'
import { readdir, readFile, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Backup, Holding, Span } from '../../../backups/backup.js'
import type { EngineContext } from '../../../backups/engine.js'
import { archiverOf } from '../archiver.js'
import { bytesBelow } from '../folders.js'
import {
  type Archived,
  inTheOrderArchived,
  type Listing,
  missingIn,
  type Reach,
  reachesOf,
  spansOf,
} from '../wal/continuity.js'
import { lastMomentOf } from '../wal/last-moment.js'
import { momentsIn, type SegmentMoments } from '../wal/records.js'
import { isSegment, parseHistory, usualSegmentBytes } from '../wal/segments.js'
import { type Entry, entriesOf } from './catalogue.js'
import { backupsFolder, type NativeParts } from './parts.js'

export type Held = { entries: Entry[]; backups: Backup[]; listing: Listing; reaches: Reach[] }

export async function heldIn(parts: NativeParts): Promise<Held> {
  const entries = await entriesOf(parts)
  const backups = entries.map(({ backup }) => backup)
  const listing = await archiveListing(parts)
  return { entries, backups, listing, reaches: reachesOf(backups, listing) }
}

/** Segments in their full size: one that is still being copied, or was cut, is not there yet. */
async function archiveListing({ settings: { archive } }: NativeParts): Promise<Listing> {
  const names = existsSync(archive) ? await readdir(archive) : []
  const found: Archived[] = []
  for (const name of names.filter(isSegment)) {
    const { size, mtime } = await stat(join(archive, name))
    found.push({ name, at: mtime, bytes: size })
  }
  const segmentBytes = Math.max(0, ...found.map(({ bytes }) => bytes)) || usualSegmentBytes
  const histories: Listing['histories'] = new Map()
  for (const name of names.filter((one) => /^[0-9A-F]{8}\.history$/.test(one)))
    histories.set(Number.parseInt(name, 16), parseHistory(await readFile(join(archive, name), 'utf8')))
  const segments = found.filter(({ bytes }) => bytes === segmentBytes).sort((a, b) => (a.name < b.name ? -1 : 1))
  return { segments, histories, segmentBytes }
}

export const momentsOf = async ({ settings }: NativeParts, name: string): Promise<SegmentMoments> =>
  momentsIn(await readFile(join(settings.archive, name)), name)

export const spansIn = (parts: NativeParts, { reaches, listing }: Held): Promise<Span[]> =>
  spansOf(reaches, (newestFirst) => lastMomentOf(newestFirst, (name) => momentsOf(parts, name)), listing.segmentBytes)

export async function holding(parts: NativeParts, { signal, log }: EngineContext): Promise<Holding> {
  const held = await heldIn(parts)
  const last = inTheOrderArchived(held.listing.segments).at(-1) ?? null
  const failing = async () =>
    (await archiverOf(parts.database.name, { url: await parts.database.url() }, signal)).failing
  return {
    backups: held.backups,
    spans: await spansIn(parts, held),
    archive: {
      lastSegment: last?.name ?? null,
      lastAt: last?.at ?? null,
      missing: missingIn(held.reaches),
      failing: await failing().catch((error: unknown) => {
        // The storage can be asked when the server is lost, which is when it matters most.
        if (signal.aborted) throw error
        log.warn({ err: error }, 'the server could not be asked about its archiving')
        return null
      }),
    },
    storedBytes: await storedIn(parts),
    freeBytes: await freeIn(parts.settings.folder),
  }
}

export async function storedIn(parts: NativeParts): Promise<number> {
  const folders = [backupsFolder(parts), parts.settings.archive].filter((folder) => existsSync(folder))
  const sizes = await Promise.all(folders.map(bytesBelow))
  return sizes.reduce((sum, bytes) => sum + bytes, 0)
}

async function freeIn(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    return null
  }
}
