import { createHash } from 'node:crypto'
import type { Backup, Defect, Verification } from '../../../backups/backup.js'
import type { EngineContext } from '../../../backups/engine.js'
import { failed } from '../../../errors.js'
import { bytes } from '../../watched/words.js'
import { labelUnknown } from '../problems.js'
import { missingFor, missingIn } from '../wal/continuity.js'
import type { PgBackRestParts } from './engine.js'
import { type Held, heldIn } from './holding.js'
import { chainOf } from './info.js'
import { backupFolder, filesIn, type Stored, textIn } from './repository.js'
import { type Report, reportIn } from './verify-report.js'

/**
 * Has pgBackRest read all of its repository, and adds what it does not see: it ends with 0 whatever it finds, says nothing
 * of a backup whose folder is gone, and does not notice a segment that is missing.
 */
export async function verify(
  parts: PgBackRestParts,
  label: string | null,
  context: EngineContext,
): Promise<Verification> {
  const { tool } = parts
  const { signal } = context
  const held = await heldIn(parts, signal)
  const wanted = label === null ? held.backups : chainOf(label, held.backups)
  if (label !== null && wanted.length === 0)
    throw labelUnknown(
      label,
      held.backups.map((backup) => backup.label),
    )
  const stored = await filesIn(tool, backupFolder(tool), signal)
  const needed = neededFiles(held, wanted, label === null, stored)
  context.progress({ done: 0, total: needed.bytes, text: `reading back ${bytes(needed.bytes)}` })
  const words = [
    'verify',
    '--output=text',
    '--verbose',
    `--repo=${tool.settings.repository}`,
    '--log-level-console=info',
  ]
  const { output, complaints } = await tool.run('read its repository back', words, signal)
  const report = reportIn(output)
  if (!report)
    throw failed('backup-unreadable', 'pgBackRest did not say what it read', {
      wanted: 'a report of its verify',
      came: complaints || output.slice(-500) || 'nothing',
      next: `Run: pgbackrest --stanza=${tool.settings.stanza} verify --output=text --verbose`,
    })
  const manifests: Defect[] = []
  for (const backup of wanted) manifests.push(...(await manifestsOf(parts, backup, signal)))
  const defects = [
    ...missingSegments(held, wanted, label === null),
    ...wanted.flatMap(({ label: one }) => unsound(one, report)),
    ...report.problems.filter(({ where }) => needed.has(where)).map(({ where, what }) => ({ where, what })),
    ...(label === null ? unsoundArchive(report) : []),
    ...manifests,
  ]
  context.progress({ done: needed.bytes, total: needed.bytes, text: `read back ${bytes(needed.bytes)}` })
  const files = wanted.reduce((sum, { label: one }) => sum + (report.backups.get(one)?.files ?? 0), 0)
  return { files, bytes: needed.bytes, segments: needed.segments, defects }
}

/** Everything, or the backups with the segments that make them consistent. */
function neededFiles(held: Held, wanted: Backup[], everything: boolean, stored: Stored[]) {
  const labels = wanted.map(({ label }) => `${label}/`)
  const segments = new Set(wanted.flatMap(({ label }) => segmentsOf(held, label)))
  const isNeeded = (path: string) => {
    const segment = /\/([0-9A-F]{24})-/.exec(path)?.[1]
    return segment ? everything || segments.has(segment) : labels.some((start) => path.startsWith(start))
  }
  const files = [...stored, ...held.archive].filter(({ path }) => isNeeded(path))
  return {
    has: isNeeded,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    segments: everything ? held.listing.segments.length : segments.size,
  }
}

function segmentsOf({ reaches }: Held, label: string): string[] {
  const reach = reaches.find(({ backup }) => backup.label === label)
  return reach ? reach.segments.filter((name) => name.slice(8) <= lastNeeded(reach.backup)) : []
}

/** As the last sixteen digits of a segment's name. */
function lastNeeded({ stopLsn }: Backup): string {
  const [high = '0', low = '0'] = stopLsn.split('/')
  return high.padStart(8, '0') + low.padStart(8, '0').slice(0, 2).padStart(8, '0')
}

function missingSegments({ reaches }: Held, wanted: Backup[], everything: boolean): Defect[] {
  const these = reaches.filter(({ backup }) => wanted.includes(backup))
  const missing = everything ? missingIn(these) : these.flatMap((reach) => missingFor(reach))
  return [...new Set(missing)].map((where) => ({ where, what: 'this segment is missing in the archive' }))
}

/** Well only where pgBackRest names it, calls it valid and read files of it. */
function unsound(label: string, { backups, problems }: Report): Defect[] {
  const found = backups.get(label)
  if (!found) return [{ where: label, what: 'pgBackRest found nothing to read of this backup' }]
  if (found.files === 0) return [{ where: label, what: 'there are no files in this backup' }]
  const named = problems.some(({ where }) => where.startsWith(`${label}/`))
  if ((found.status === 'valid' && found.sound === found.files) || named) return []
  return [
    { where: label, what: `pgBackRest calls it ${found.status}: ${found.sound} of ${found.files} files are sound` },
  ]
}

/** Counted and not named: it is told all the same. */
function unsoundArchive({ unsoundSegments, problems }: Report): Defect[] {
  const named = problems.filter(({ where }) => /\/[0-9A-F]{24}-/.test(where)).length
  const rest = unsoundSegments - named
  return rest > 0
    ? [{ where: 'the archive', what: `${rest} segments are not sound, and pgBackRest does not name them` }]
    : []
}

/** It reads the copy where the manifest is damaged, and says nothing of it. */
async function manifestsOf({ tool }: PgBackRestParts, { label }: Backup, signal: AbortSignal): Promise<Defect[]> {
  const path = `${backupFolder(tool)}/${label}/backup.manifest`
  const read = async (name: string) => {
    const text = await textIn(tool, name, signal).catch((error: unknown) => {
      if (signal.aborted) throw error
      return null
    })
    return text === null ? null : createHash('sha256').update(text).digest('hex')
  }
  const [manifest, copy] = await Promise.all([read(path), read(`${path}.copy`)])
  if (manifest === null || copy === null) return [{ where: path, what: 'the manifest or its copy cannot be read' }]
  return manifest === copy ? [] : [{ where: path, what: 'the manifest and its copy differ' }]
}
