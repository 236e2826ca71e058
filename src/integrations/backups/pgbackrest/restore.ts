import { dirname, join } from 'node:path'
import type { EngineContext, RestoredFiles, RestoreOrder } from '../../../backups/engine.js'
import { failed } from '../../../errors.js'
import { emptied, filledWith, madeEmpty } from '../folders.js'
import { runsAs } from '../programs.js'
import { chosen, shownTime, type Way } from '../wal/choice.js'
import type { PgBackRestParts } from './engine.js'
import { heldIn, spansIn } from './holding.js'
import { progressOf } from './take.js'

/** Restores into a folder of ours; nothing of the original's place, archive or tablespaces is touched. */
export async function restore(
  parts: PgBackRestParts,
  { point, into }: RestoreOrder,
  context: EngineContext,
): Promise<RestoredFiles> {
  const { tool } = parts
  const { signal, clock } = context
  const began = clock.now().getTime()
  await madeEmpty(into, runsAs(tool.settings.user))
  try {
    const held = await heldIn(parts, signal)
    const way = await chosen(point, held.followed, {
      spans: () => spansIn(parts, held.reaches, signal),
      moments: (name) => parts.moments(name, signal),
      progress: context.progress,
    })
    const words = [...target(way), ...(await place(parts, into))]
    await tool.run(
      'restore',
      ['restore', `--set=${way.backup.label}`, ...words],
      signal,
      progressOf(context, 'looking for the files'),
    )
    const bytes = await filledWith(into)
    if (bytes === null)
      throw failed('restore-incomplete', 'pgBackRest ended well, and no database lies where it restored', {
        wanted: `a PG_VERSION and a backup_label in ${into}`,
        came: 'they are not there',
        next: 'Look at pgBackRest’s log, and verify the backup.',
      })
    return { from: way.backup, bytes, tookMs: clock.now().getTime() - began }
  } catch (thrown) {
    await emptied(into)
    throw thrown
  }
}

const promoted = '--target-action=promote'

function target({ to, timeline }: Way): string[] {
  // With this type it takes no option of its own for it.
  if (to.kind === 'backup')
    return ['--type=immediate', `--recovery-option=recovery_target_timeline=${timeline}`, promoted]
  const along = `--target-timeline=${timeline}`
  if (to.kind === 'latest') return ['--type=default', along]
  if (to.kind === 'time') return ['--type=time', `--target=${shownTime(to.at)}`, along, promoted]
  if (to.kind === 'name') return ['--type=name', `--target=${to.name}`, along, promoted]
  return ['--type=lsn', `--target=${to.lsn}`, along, promoted]
}

async function place({ tool }: PgBackRestParts, into: string): Promise<string[]> {
  const elsewhere = await tool.option('pg1-host')
  return [
    `--repo=${tool.settings.repository}`,
    `--pg1-path=${into}`,
    // The original's server may be another machine; these files are for this one.
    ...(elsewhere ? ['--reset-pg1-host'] : []),
    // Their own places may be in use by the original at this moment.
    `--tablespace-map-all=${join(dirname(into), 'tablespaces')}`,
    '--archive-mode=off',
    '--log-level-console=detail',
  ]
}
