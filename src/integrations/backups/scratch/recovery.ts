import { readFileSync } from 'node:fs'
import { failed, type ShipmateError } from '../../../errors.js'
import { masked } from '../../../log.js'

/** Why a server on restored files ended before it accepted anybody, in words for people. */
export function whyNotRecovered(log: string): ShipmateError {
  const said = read(log)
  const came = masked(said.split('\n').slice(-12).join('\n')) || 'it wrote nothing'
  const last = /last completed transaction was at log time (.+)$/m.exec(said)?.[1]
  if (/recovery ended before configured recovery target was reached/.test(said))
    return failed('scratch-target-unreached', 'the archive ends before the point that was asked for', {
      wanted: 'WAL up to that point and one commit after it',
      came: last ? `the last commit in the archive is of ${last}` : came,
      next: 'Choose an earlier point, or the latest.',
    })
  if (/requested recovery stop point is before consistent recovery point/.test(said))
    return failed('scratch-target-too-early', 'the point that was asked for is before the end of the backup', {
      came,
      next: 'Choose a later point, or an earlier backup.',
    })
  if (/WAL ends before (end of online backup|consistent recovery point)/.test(said))
    return failed('scratch-wal-missing', 'the WAL that the backup needs to be consistent is missing', {
      came,
      next: 'Restore from another backup, and look why the archive has a hole.',
    })
  if (/could not locate (a valid|required) checkpoint record|invalid (primary )?checkpoint record/.test(said))
    return failed('scratch-files-broken', 'the restored files are no whole database', {
      came,
      next: 'Verify this backup, and restore from another one.',
    })
  return failed('scratch-start-failed', 'PostgreSQL did not start on the restored files', {
    came,
    next: `Read ${log}.`,
  })
}

/** What recovery does now, for people who wait: "replayed up to 0/5000060". */
export const lastReplayed = (log: string): string | null =>
  [...read(log).matchAll(/restored log file "([0-9A-F]{24})"/g)].at(-1)?.[1] ?? null

function read(log: string): string {
  try {
    return readFileSync(log, 'utf8').trimEnd()
  } catch {
    return ''
  }
}
