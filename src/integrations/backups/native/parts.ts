import { join } from 'node:path'
import { ShipmateError } from '../../../errors.js'
import { isFull, storageFull } from '../problems.js'
import { type ProgramEnd, type RunsAs, runProgram } from '../programs.js'
import type { NativeSettings } from './settings.js'

/** The database as people call it, and a role that may replicate. */
export type BackedUpDatabase = { name: string; url(): Promise<string> }

export type NativeParts = {
  settings: NativeSettings
  database: BackedUpDatabase
  as: RunsAs
  /** Both the server and the tools can do increments: PostgreSQL 17 or later. */
  incremental: boolean
}

export const backupsFolder = ({ settings }: NativeParts) => join(settings.folder, 'backups')
export const catalogueFolder = ({ settings }: NativeParts) => join(settings.folder, 'catalogue')
export const dataOf = (parts: NativeParts, label: string) => join(backupsFolder(parts), label)
/** What is being taken goes by another name until it is whole. */
export const takingSuffix = '.taking'

type Run = { signal: AbortSignal; environment?: { [name: string]: string }; onLine?(line: string): void }

/** Every exit code is an answer. */
export const toolEnd = ({ settings, as }: NativeParts, tool: string, words: string[], run: Run): Promise<ProgramEnd> =>
  runProgram({ program: join(settings.bin, tool), words, as, ...run })

/** Throws what the tool said no with; `doing` completes "pg_basebackup could not …". */
export async function toolRun(parts: NativeParts, tool: string, doing: string, words: string[], run: Run) {
  const ended = await toolEnd(parts, tool, words, run)
  if (ended.code === 0) return ended
  const errors = ended.complaints.split('\n').filter((line) => /error|fatal|detail|hint/i.test(line))
  const came = (errors.length > 0 ? errors : ended.complaints.split('\n')).slice(-6).join('\n')
  if (isFull(ended.complaints)) throw storageFull(settings(parts), came)
  throw new ShipmateError('failed', 'backup-tool-failed', `${tool} could not ${doing}`, {
    came: came || `it ended with ${ended.code}`,
    details: { code: ended.code },
    next: nextFor(came),
  })
}

const settings = (parts: NativeParts) => parts.settings.folder

function nextFor(came: string): string {
  if (/WAL summar/i.test(came)) return 'Set summarize_wal = on on the server, then take a full backup first.'
  if (/pg_hba|password|permission denied|replication/i.test(came))
    return 'Give the role REPLICATION, and let it in for replication in pg_hba.conf.'
  return 'The tool’s own words say what is wrong.'
}
