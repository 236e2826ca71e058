import { appendFile, chown, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RestorePoint } from '../../../backups/backup.js'
import type { EngineContext, RestoredFiles, RestoreOrder } from '../../../backups/engine.js'
import { failed } from '../../../errors.js'
import { bytesBelow, emptied, filledWith, madeEmpty } from '../folders.js'
import { isFull, storageFull } from '../problems.js'
import { runProgram } from '../programs.js'
import { bytesTold } from '../progress.js'
import { chosen, shownTime } from '../wal/choice.js'
import { chainOf } from './catalogue.js'
import { heldIn, momentsOf, spansIn } from './holding.js'
import { dataOf, type NativeParts, toolRun } from './parts.js'

/** Puts a backup, with its increments applied, into a folder of ours, and tells recovery where to stop. */
export async function restore(
  parts: NativeParts,
  { point, into }: RestoreOrder,
  context: EngineContext,
): Promise<RestoredFiles> {
  const began = context.clock.now().getTime()
  await madeEmpty(into, parts.as)
  try {
    const held = await heldIn(parts)
    const { backup, to, timeline } = await chosen(point, held, {
      spans: () => spansIn(parts, held),
      moments: (name) => momentsOf(parts, name),
      progress: context.progress,
      selfContained: true,
    })
    const chain = chainOf(backup.label, held.backups).map(({ label }) => dataOf(parts, label))
    await watched(into, backup.databaseBytes, context, () => put(parts, chain, into, context.signal))
    await recoveryTold(parts, into, to, timeline)
    const bytes = await filledWith(into)
    if (bytes === null)
      throw failed('restore-incomplete', 'the tools ended well, and no database lies where they restored', {
        wanted: `a PG_VERSION and a backup_label in ${into}`,
        came: 'they are not there',
        next: 'Verify the backup.',
      })
    return { from: backup, bytes, tookMs: context.clock.now().getTime() - began }
  } catch (thrown) {
    await emptied(into)
    throw thrown
  }
}

async function put(parts: NativeParts, chain: string[], into: string, signal: AbortSignal): Promise<void> {
  const [full = ''] = chain
  if (chain.length > 1) {
    await toolRun(parts, 'pg_combinebackup', 'put the increments together', [`--output=${into}`, ...chain], { signal })
    return
  }
  const words = ['--archive', '--reflink=auto', `${full}/.`, into]
  const { code, complaints } = await runProgram({ program: 'cp', words, as: parts.as, signal })
  if (code === 0) return
  if (isFull(complaints)) throw storageFull(into, complaints)
  throw failed('backup-tool-failed', 'the backup could not be copied', {
    came: complaints.split('\n').slice(-3).join('\n'),
    next: 'Look at the rights of both folders, and verify the backup.',
  })
}

const lookEveryMs = 1_000

/** The tools say nothing while they work: what has grown tells how far they are. */
async function watched(into: string, total: number, context: EngineContext, work: () => Promise<void>): Promise<void> {
  const tell = bytesTold(context, 'copying')
  const over = new AbortController()
  const looks = (async () => {
    for (;;) {
      await context.clock.sleep(lookEveryMs, over.signal)
      if (over.signal.aborted) return
      // What is being renamed at this moment cannot be looked at; the next look can.
      const done = await bytesBelow(into).catch(() => 0)
      if (done > 0) tell(Math.min(done, total), total)
    }
  })()
  try {
    await work()
  } finally {
    over.abort()
    await looks
  }
}

/** Said last, so that it wins; targets of an earlier restore may stand in what was backed up. */
async function recoveryTold(
  { settings, as }: NativeParts,
  into: string,
  to: RestorePoint,
  timeline: number,
): Promise<void> {
  const all = ['', '_lsn', '_name', '_time', '_xid'].map((kind): [string, string] => [`recovery_target${kind}`, ''])
  const lines: [string, string][] = [
    ...all,
    ...target(to),
    ['recovery_target_inclusive', 'on'],
    ['recovery_target_action', 'promote'],
    ['recovery_target_timeline', String(timeline)],
    ['restore_command', `cp "${settings.archive}/%f" "%p"`],
    ['archive_mode', 'off'],
  ]
  const text = lines.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`).join('\n')
  await appendFile(join(into, 'postgresql.auto.conf'), `\n${text}\n`)
  const signal = join(into, 'recovery.signal')
  await writeFile(signal, '', { mode: 0o600 })
  if (as) await chown(signal, as.uid, as.gid)
}

function target(to: RestorePoint): [string, string][] {
  if (to.kind === 'latest') return []
  if (to.kind === 'backup') return [['recovery_target', 'immediate']]
  if (to.kind === 'time') return [['recovery_target_time', shownTime(to.at)]]
  if (to.kind === 'name') return [['recovery_target_name', to.name]]
  return [['recovery_target_lsn', to.lsn]]
}
