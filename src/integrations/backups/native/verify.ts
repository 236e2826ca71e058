import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Backup, Defect, Verification } from '../../../backups/backup.js'
import type { EngineContext } from '../../../backups/engine.js'
import { ShipmateError } from '../../../errors.js'
import { bytesBelow } from '../folders.js'
import { labelUnknown } from '../problems.js'
import { bytesTold } from '../progress.js'
import { missingFor, missingIn, type Reach } from '../wal/continuity.js'
import { defectIn } from '../wal/records.js'
import { parseLsn, parseSegment, segmentBefore, usualSegmentBytes } from '../wal/segments.js'
import { chainOf, type Entry, manifestIn } from './catalogue.js'
import { type Held, heldIn } from './holding.js'
import { dataOf, type NativeParts, toolEnd } from './parts.js'
import { sha256 } from './take.js'

/** Every file of the backups against the server's own checksums, and every record of the WAL against its own. */
export async function verify(parts: NativeParts, label: string | null, context: EngineContext): Promise<Verification> {
  const held = await heldIn(parts)
  const wanted = label === null ? held.backups : chainOf(label, held.backups)
  if (label !== null && wanted.length === 0)
    throw labelUnknown(
      label,
      held.backups.map((backup) => backup.label),
    )
  const segments = neededSegments(held, wanted, label === null)
  const sizes = await Promise.all(wanted.map((backup) => sizeOf(parts, backup)))
  const walBytes = segments.length * (held.listing.segmentBytes ?? usualSegmentBytes)
  const total = sizes.reduce((sum, size) => sum + size, walBytes)
  const tell = bytesTold(context, 'reading back')
  const defects: Defect[] = missing(held, wanted, label === null)
  let [files, done] = [0, 0]
  for (const [index, backup] of wanted.entries()) {
    const found = await backupRead(parts, entryOf(held, backup), context.signal)
    files += found.files
    defects.push(...found.defects)
    done += sizes[index] ?? 0
    tell(done, total)
  }
  for (const name of segments) {
    if (context.signal.aborted) throw new ShipmateError('stopped', 'backup-stopped', 'reading back was broken off')
    const segment = await readFile(join(parts.settings.archive, name))
    const what = defectIn(segment, name)
    if (what !== null) defects.push({ where: name, what })
    done += segment.length
    tell(done, total)
  }
  return { files, bytes: total, segments: segments.length, defects }
}

function entryOf({ entries }: Held, { label }: Backup): Entry {
  const entry = entries.find(({ backup }) => backup.label === label)
  if (!entry) throw labelUnknown(label, [])
  return entry
}

const sizeOf = async (parts: NativeParts, { label }: Backup): Promise<number> =>
  existsSync(dataOf(parts, label)) ? bytesBelow(dataOf(parts, label)) : 0

/** Everything that was archived since the oldest, or what makes these consistent. */
function neededSegments({ reaches, listing }: Held, wanted: Backup[], everything: boolean): string[] {
  if (everything) return listing.segments.map(({ name }) => name)
  const bytes = listing.segmentBytes ?? usualSegmentBytes
  const these = reaches.filter(({ backup }) => wanted.includes(backup))
  return [...new Set(these.flatMap((reach) => consistentWith(reach, bytes)))].sort()
}

function consistentWith({ backup, segments }: Reach, bytes: number): string[] {
  const last = segmentBefore(parseLsn(backup.stopLsn), bytes)
  return segments.filter((name) => parseSegment(name, bytes).number <= last)
}

/** Its own WAL lies in the backup, so a segment missing in the archive harms what comes after it. */
function missing({ reaches, listing }: Held, wanted: Backup[], everything: boolean): Defect[] {
  const these = reaches.filter(({ backup }) => wanted.includes(backup))
  const names = everything ? missingIn(these) : these.flatMap((reach) => missingFor(reach, listing.segmentBytes))
  return [...new Set(names)].map((where) => ({ where, what: 'this segment is missing in the archive' }))
}

async function backupRead(
  parts: NativeParts,
  { backup: { label }, manifestSha256 }: Entry,
  signal: AbortSignal,
): Promise<{ files: number; defects: Defect[] }> {
  const folder = dataOf(parts, label)
  const found = await manifestIn(folder).catch((thrown: unknown) => String(thrown).slice(0, 200))
  if (typeof found === 'string')
    return { files: 0, defects: [{ where: label, what: `its manifest cannot be read: ${found}` }] }
  const defects: Defect[] = []
  if (sha256(found.text) !== manifestSha256)
    defects.push({ where: `${label}/backup_manifest`, what: 'it is not the one that the server wrote' })
  const { code, complaints } = await toolEnd(parts, 'pg_verifybackup', ['--no-parse-wal', folder], { signal })
  const problems = [...complaints.matchAll(/^pg_verifybackup: (?:error|fatal): (.+)$/gm)].map(([, what = '']) => what)
  for (const what of problems) defects.push({ where: fileIn(label, what), what })
  if (code !== 0 && problems.length === 0)
    defects.push({ where: label, what: complaints.slice(0, 300) || `pg_verifybackup ended with ${code}` })
  return { files: found.manifest.files.length, defects }
}

/** "checksum mismatch for file "base/1/1259"" */
function fileIn(label: string, what: string): string {
  const path = /"([^"]+)"/.exec(what)?.[1]
  return path ? `${label}/${path.split(`/${label}/`).at(-1)}` : label
}
