import { shownBytes } from '../../backups/sizes.js'
import { pointWords } from '../../backups/window.js'
import { shownDuration } from '../../releases/durations.js'
import type { BroughtBack, RestoreSelf } from '../workbench.js'
import { plain } from './plain.js'

type Listed = Pick<RestoreSelf, 'storage' | 'backups' | 'spans' | 'unreadable' | 'zone'> & { of?: string }

/** What is there, newest first, at most so many. */
export function backupLines(
  { storage, of = 'Shipmate', backups, spans, unreadable, zone }: Listed,
  most: number,
): string[] {
  const moment = (at: Date) => pointWords({ kind: 'time', at }, zone)
  const newest = backups.toReversed()
  const shown = newest.slice(0, most)
  const count = backups.length === 1 ? '1 backup' : `${backups.length} backups`
  return [
    `${count} of ${plain(of)} in ${plain(storage)}:`,
    ...shown.map(({ label, kind, endedAt, storedBytes }) => {
      return `  ${plain(label)} · ${kind} · ${moment(endedAt)} · ${shownBytes(storedBytes)}`
    }),
    ...(newest.length > shown.length ? [`  and ${newest.length - shown.length} older ones: --list`] : []),
    ...spans.map(({ from, to }) => `  any moment from ${moment(from)} to ${moment(to)}`),
    ...unreadable.map((line) => `  cannot be read: ${plain(line)}`),
  ]
}

/** What came back, and what did not. */
export function broughtLines({ label, reaches, lostMs, lastEntry, rows, live }: BroughtBack, { zone }: RestoreSelf) {
  const moment = (at: Date) => pointWords({ kind: 'time', at }, zone)
  const chain =
    lastEntry && (lastEntry.run > 0 ? `#${lastEntry.run}` : lastEntry.run < 0 ? `INC-${-lastEntry.run}` : null)
  return [
    `Restored from ${plain(label)}. It reaches to ${moment(reaches)}: what Shipmate did in the ${shownDuration(lostMs)} since is lost.`,
    `The audit trail is whole: ${rows} rows are as they were written.`,
    ...(lastEntry
      ? [`Its last entry: ${plain(lastEntry.act)}${chain ? `, ${chain}` : ''}, at ${moment(lastEntry.at)}.`]
      : ['It has no entry yet.']),
    ...(live.length === 0
      ? ['No run was under way.']
      : [
          'Under way then; each is held until a person says what is to become of it, but for what only the schedule asked for:',
          ...live.map(
            (one) => `  #${one.run} ${one.job} ${plain(one.service)} → ${plain(one.environment)}, ${one.state}`,
          ),
        ]),
  ]
}

export function placedLines({ kept, next }: { kept: string | null; next: string[] }): string[] {
  return [
    'Shipmate’s database is back.',
    ...(kept === null ? [] : [`What was there before is kept: ${plain(kept)}`]),
    'Tokens that were revoked and locks that were taken since that moment are as they were then.',
    ...next.map((line, at) => `  ${at + 1}. ${plain(line)}`),
  ]
}
