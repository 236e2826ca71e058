import { shownBytes } from '../backups/sizes.js'
import { refused } from '../errors.js'
import { shownDuration } from '../releases/durations.js'
import { plain } from './drawing/plain.js'
import { backupLines } from './drawing/restore-self-lines.js'
import { type ExitCode, exitCodes } from './exit-codes.js'
import { pointOf } from './restore-self.js'
import type { Terminal } from './terminal.js'
import type { Workbench } from './workbench.js'

export type RestoreFilesWishes = { into?: string; from?: string; to?: string; list?: boolean }

/** Lays the files of a backup into an empty folder, from the storage alone: no Shipmate runs, no server is asked. */
export async function restoreFiles(
  terminal: Terminal,
  workbench: Pick<Workbench, 'restoreFiles'>,
  database: string,
  wishes: RestoreFilesWishes,
): Promise<ExitCode> {
  const stored = await workbench.restoreFiles({
    database,
    say: (line) => terminal.err(plain(line)),
    signal: terminal.interrupted,
  })
  if (wishes.list) {
    for (const line of backupLines(stored, Number.POSITIVE_INFINITY)) terminal.out(line)
    return exitCodes.done
  }
  if (wishes.into === undefined) throw noPlace(database)
  const again = `npx shipmate restore-files ${database} --list`
  const laid = await stored.lay(pointOf(wishes, stored, terminal.clock.now(), again), wishes.into)
  terminal.out(
    `${shownBytes(laid.bytes)} of ${plain(laid.label)} are in ${plain(wishes.into)}, after ${shownDuration(laid.tookMs)}.`,
  )
  for (const line of laid.next) terminal.out(`  ${plain(line, 300)}`)
  return exitCodes.done
}

const noPlace = (database: string) =>
  refused('terminal-words', 'Nothing says where the files go.', {
    wanted: '--into with an empty or missing folder',
    came: 'none',
    next: `For example: npx shipmate restore-files ${plain(database, 40)} --into /srv/restored/data`,
  })
