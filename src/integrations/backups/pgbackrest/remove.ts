import type { Backup } from '../../../backups/backup.js'
import type { EngineContext } from '../../../backups/engine.js'
import { refused } from '../../../errors.js'
import type { PgBackRestParts } from './engine.js'
import { bytesOf } from './holding.js'
import { chainOf, readInfo } from './info.js'
import { archiveFolder, backupFolder, filesIn } from './repository.js'

/** As many as it can count: nothing goes by its own rules. */
const everything = 9_999_999

/** Removes these backups, whatever needs them, and the WAL before the oldest that is kept. */
export async function remove(
  parts: PgBackRestParts,
  labels: string[],
  { signal }: EngineContext,
): Promise<{ freedBytes: number }> {
  const { tool } = parts
  const backups = await backupsIn(parts, signal)
  const gone = goingWith(labels, backups)
  const kept = backups.filter(({ label }) => !gone.includes(label))
  if (gone.length === 0) return { freedBytes: 0 }
  if (!kept.some(({ kind }) => kind === 'full'))
    throw refused('backup-last-full', 'the last full backup is not removed', {
      wanted: `${gone.join(', ')} to be removed`,
      came: 'nothing would be left to restore from',
      next: 'Take a full backup first.',
    })
  const before = await storedIn(parts, signal)
  // With a full one goes all that needs it, so what is asked for again may be gone already.
  for (const label of gone) {
    const there = await backupsIn(parts, signal)
    if (there.some((backup) => backup.label === label)) await expire(parts, [`--set=${label}`], there.length, signal)
  }
  await expire(parts, [], kept.length, signal)
  return { freedBytes: Math.max(0, before - (await storedIn(parts, signal))) }

  async function expire({ tool: { settings } }: PgBackRestParts, words: string[], keep: number, until: AbortSignal) {
    const repo = `--repo${settings.repository}-retention`
    const retention = [
      `${repo}-full-type=count`,
      `${repo}-full=${everything}`,
      `${repo}-diff=${everything}`,
      `${repo}-archive-type=incr`,
      `${repo}-archive=${keep}`,
    ]
    await tool.run('remove backups', ['expire', `--repo=${settings.repository}`, ...words, ...retention], until)
  }
}

const backupsIn = async ({ tool }: PgBackRestParts, signal: AbortSignal): Promise<Backup[]> =>
  (await readInfo(tool, signal)).known.map(({ backup }) => backup)

/** Those asked for that are there, and all that cannot be restored without them; the newest first. */
export function goingWith(labels: string[], backups: Backup[]): string[] {
  return backups
    .filter(({ label }) => chainOf(label, backups).some((needed) => labels.includes(needed.label)))
    .map(({ label }) => label)
    .reverse()
}

async function storedIn({ tool }: PgBackRestParts, signal: AbortSignal): Promise<number> {
  const [stored, archive] = [backupFolder(tool), archiveFolder(tool)].map((folder) => filesIn(tool, folder, signal))
  return bytesOf((await stored) ?? []) + bytesOf((await archive) ?? [])
}
