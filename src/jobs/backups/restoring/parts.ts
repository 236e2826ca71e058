import { z } from 'zod'
import type { RestorePoint } from '../../../backups/backup.js'
import type { ScratchYard } from '../../../backups/engine.js'
import type { SurroundingsOf } from '../../../backups/swap.js'
import { failed } from '../../../errors.js'
import type { Json } from '../../../json.js'
import type { BackupParts } from '../parts.js'
import { runOf } from '../scratch.js'

/** What the checks and actions of restores need of the world. */
export type RestoreParts = BackupParts & { surroundings: SurroundingsOf }

/** A point as a plan carries it. */
export const pointShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('latest') }),
  z.object({ kind: z.literal('time'), at: z.coerce.date() }),
  z.object({ kind: z.literal('name'), name: z.string().min(1).max(63) }),
  z.object({ kind: z.literal('lsn'), lsn: z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i) }),
  z.object({ kind: z.literal('backup'), label: z.string().min(1).max(200) }),
])

export const asJson = (point: RestorePoint): Json =>
  point.kind === 'time' ? { kind: 'time', at: point.at.toISOString() } : { ...point }

/** The folder that this run restored into, on this machine. */
export async function scratchOf(yard: ScratchYard, run: number): Promise<string> {
  const found = (await yard.left()).find(({ key }) => runOf(key) === run)
  if (found) return found.folder
  throw failed('restore-scratch-gone', 'the restored files are not on this machine', {
    wanted: 'the scratch that this run has verified',
    came: 'none: it was removed, or another machine holds it',
    next: 'Nothing was changed. Ask for the restore again.',
  })
}
