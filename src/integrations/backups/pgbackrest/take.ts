import type { Backup } from '../../../backups/backup.js'
import type { EngineContext, TakeOrder } from '../../../backups/engine.js'
import { ShipmateError } from '../../../errors.js'
import { bytes } from '../../watched/words.js'
import { notInStorage, storageFull } from '../problems.js'
import { bytesTold } from '../progress.js'
import { usualSegmentBytes } from '../wal/segments.js'
import type { PgBackRestParts } from './engine.js'
import { bytesOf } from './holding.js'
import { keyAnnotation, readInfo, runAnnotation } from './info.js'
import { backupFolder, filesIn, freeIn } from './repository.js'

const types = { full: 'full', differential: 'diff', incremental: 'incr' } as const

/** Takes a backup unless one carries the key; what is given back was read from the repository. */
export async function take(parts: PgBackRestParts, order: TakeOrder, context: EngineContext): Promise<Backup> {
  const { tool } = parts
  const { signal } = context
  const before = await keyed(parts, order.key, signal)
  if (before) return before
  const annotations = { [keyAnnotation]: order.key, [runAnnotation]: String(order.run) }
  const words = [
    'backup',
    `--type=${types[order.kind]}`,
    `--repo=${tool.settings.repository}`,
    ...Object.entries(annotations).map(([name, value]) => `--annotation=${name}=${value}`),
    '--start-fast',
    // When something is removed is decided by the policy, never in passing.
    '--no-expire-auto',
    '--log-level-console=detail',
  ]
  await tool.run('take the backup', words, signal, progressOf(context)).catch(async (thrown: unknown) => {
    throw await becauseFull(parts, thrown)
  })
  const taken = await keyed(parts, order.key, signal)
  if (!taken) throw notInStorage('pgBackRest', 'its catalogue has no backup with this key')
  const files = await filesIn(tool, `${backupFolder(tool)}/${taken.label}`, signal)
  if (taken.databaseBytes === 0 || bytesOf(files) === 0)
    throw notInStorage('pgBackRest', `${files.length} files of ${bytesOf(files)} bytes lie in ${taken.label}`)
  return taken
}

/** Where the archive shares the disk it fills up first, and all that pgBackRest says is that a segment did not come. */
async function becauseFull({ tool }: PgBackRestParts, thrown: unknown): Promise<unknown> {
  if (!(thrown instanceof ShipmateError) || thrown.code !== 'backup-tool-failed') return thrown
  const free = await freeIn(tool)
  if (free === null || free >= usualSegmentBytes) return thrown
  return storageFull('pgBackRest’s repository', `${bytes(free)} are free; ${thrown.came}`)
}

async function keyed({ tool }: PgBackRestParts, key: string, signal: AbortSignal): Promise<Backup | null> {
  const { known } = await readInfo(tool, signal)
  return known.find((one) => one.key === key)?.backup ?? null
}

/** "P01 DETAIL: backup file /data/base/1/1255 (bundle 2/143139, 768KB, 97.07%) checksum …" */
export function progressOf(context: EngineContext, doing = 'waiting for a checkpoint'): (line: string) => void {
  const tell = bytesTold(context, doing)
  let done = 0
  return (line) => {
    const [, size, percent] =
      /\b(?:backup|restore) file .*\((?:bundle [^,]+, )?([\d.]+[KMGT]?B), ([\d.]+)%\)/.exec(line) ?? []
    if (size === undefined || percent === undefined) return
    done += bytesIn(size)
    const share = Number(percent) / 100
    tell(done, share > 0 ? Math.max(done, Math.round(done / share)) : 0)
  }
}

const steps = ['B', 'KB', 'MB', 'GB', 'TB']

function bytesIn(size: string): number {
  const [, amount = '0', unit = 'B'] = /^([\d.]+)([KMGT]?B)$/.exec(size) ?? []
  return Math.round(Number(amount) * 1024 ** steps.indexOf(unit))
}
