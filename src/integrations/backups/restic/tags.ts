import { createHash } from 'node:crypto'
import type { Backup } from '../../../backups/backup.js'
import type { Snapshot } from './program.js'

/** What restic keeps of a backup beside its files, as the tags of its snapshot. Tags hold no commas. */

export const keyTag = (key: string): string => `key:${createHash('sha256').update(key).digest('hex').slice(0, 16)}`

export const firstTags = (set: string, key: string, run: number, files: number, bytes: number): string[] => [
  'shipmate',
  `set:${set}`,
  keyTag(key),
  `run:${run}`,
  `files:${files}`,
  `bytes:${bytes}`,
]

/** Once what the snapshot holds was compared with the listing: from then on it counts. */
export const lastTags = ({ stored, endedAt, vanished, faults, notes }: LookedAt): string[] => [
  'looked-at',
  `vanished:${vanished}`,
  `stored:${stored}`,
  `ended:${endedAt.toISOString()}`,
  ...faults.slice(0, most).map((text) => `fault:${packed(text)}`),
  ...notes.slice(0, most).map((text) => `note:${packed(text)}`),
]

/** `vanished`: files of the list that went from their source before they could be stored. */
type LookedAt = { stored: number; endedAt: Date; vanished: number; faults: string[]; notes: string[] }

const most = 10
const packed = (text: string) => Buffer.from(text.slice(0, 300)).toString('base64url')
const unpacked = (text: string) => Buffer.from(text, 'base64url').toString('utf8')

/** One whose worker died before it was looked at counts for nothing. */
export const isHalf = ({ tags }: Snapshot): boolean => !tags.includes('looked-at')

export const filesIn = (snapshot: Snapshot): number => numberOf(snapshot, 'files')

/** So many files of the list are rightly not in it. */
export const vanishedOf = (snapshot: Snapshot): number => numberOf(snapshot, 'vanished')

export function backupFrom(snapshot: Snapshot): Backup {
  const { short_id: label, time: startedAt } = snapshot
  const ended = new Date(valuesOf(snapshot, 'ended')[0] ?? startedAt)
  const notes = valuesOf(snapshot, 'note').map(unpacked)
  return {
    ...{ label, kind: 'full', parent: null, startedAt, endedAt: ended },
    databaseBytes: numberOf(snapshot, 'bytes'),
    storedBytes: numberOf(snapshot, 'stored'),
    ...{ startLsn: '', stopLsn: '', timeline: 0 },
    run: valuesOf(snapshot, 'run').length === 0 ? null : numberOf(snapshot, 'run'),
    faults: valuesOf(snapshot, 'fault').map(unpacked),
    ...(notes.length > 0 && { notes }),
  }
}

const valuesOf = ({ tags }: Snapshot, name: string) =>
  tags.filter((tag) => tag.startsWith(`${name}:`)).map((tag) => tag.slice(name.length + 1))

const numberOf = (snapshot: Snapshot, name: string) => Number(valuesOf(snapshot, name)[0] ?? 0) || 0
