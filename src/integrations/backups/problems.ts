import type { BackupKind } from '../../backups/backup.js'
import { failed, refused } from '../../errors.js'

export const isFull = (words: string): boolean =>
  /no space left on device|ENOSPC|disk quota exceeded|EDQUOT|File too large/i.test(words)

export const storageFull = (where: string, came: string) =>
  failed('backup-storage-full', `there is no room left in ${where}`, {
    wanted: 'room for the backup',
    came,
    next: 'Make room there or move it to a larger disk, then take the backup again. Nothing of this one counts.',
  })

export const kindUnable = (kind: BackupKind, able: BackupKind[], why: string) =>
  refused('backup-kind-unable', `a ${kind} backup cannot be taken here`, {
    wanted: `a ${kind} backup`,
    came: why,
    next: `Take one of: ${able.join(', ')}.`,
  })

export const labelUnknown = (label: string, labels: string[]) =>
  failed('backup-unknown', `there is no backup ${label}`, {
    wanted: label,
    came: labels.length > 0 ? `there are ${labels.slice(-5).join(', ')}` : 'there is no backup at all',
    next: 'Choose one that /backup list shows.',
  })

/** It ended well by its own word, and what counts is not there. */
export const notInStorage = (tool: string, came: string) =>
  failed('backup-not-there', `${tool} ended well, and the storage does not hold the backup`, {
    wanted: 'a backup with this run’s key, read back from the storage',
    came,
    next: 'Look at the storage and the tool’s log; this backup does not count.',
  })

export const pointUnknown = (what: string, came: string) =>
  failed('restore-point-unknown', `${what} cannot be brought back`, {
    wanted: what,
    came,
    next: 'Choose a point within what /backup status says is recoverable.',
  })

export const folderTaken = (folder: string) =>
  failed('restore-folder-taken', `there is something in ${folder} already`, {
    wanted: 'an empty or missing folder',
    came: 'files are in it',
    next: 'Give another folder; nothing is ever restored over something.',
  })
