import { backupWords, type DatabaseStatus, type Pen, type StatusLine, statusLines } from '../../backups/status.js'
import { momentIn } from '../../backups/window.js'
import type { DatabaseSchedule, Reply } from '../../commands/reply.js'
import { plain } from './plain.js'

const penIn = (zone: string): Pen => ({ moment: momentIn(zone), safe: (text) => plain(text, 300) })

/** How backups stand, what can be had again first. Moments are in the zone of the operator's file. */
export function backupsLines(databases: DatabaseStatus[], now: Date): string[] {
  const lines = databases.flatMap((one) => {
    const [head, ...lines] = statusLines(one, penIn(one.zone), now)
    const title = `${plain(one.database)} in ${plain(one.environment)}`
    return [
      head ? `${signOf(head)}${title} · ${head.text}` : title,
      ...lines.map((line) => `  ${signOf(line)}${line.text}`),
      `  with ${plain(one.engine)}; times are of ${plain(one.zone)}`,
    ]
  })
  return [...lines, ...(lines.length === 0 ? [] : ['How each comes back, by hand too: shipmate backup handbook'])]
}

const signOf = ({ sign }: StatusLine): string =>
  sign === null ? '' : `${{ done: '✓', running: '▸', warning: '⚠', failed: '✗' }[sign]} `

type List = Extract<Reply, { kind: 'backup list' }>

export function backupListLines({ database, zone, backups, goes, more }: List): string[] {
  if (backups.length === 0) return [`There is no backup of ${plain(database)}.`]
  return [
    `Backups of ${plain(database)}, newest first; times are of ${plain(zone)}`,
    ...backups.map((one) => {
      const line = backupWords(one, penIn(zone), goes.includes(one.label))
      return `  ${signOf(line)}${line.text}`
    }),
    ...(more > 0 ? [`  and ${more} older ${more === 1 ? 'one' : 'ones'}`] : []),
  ]
}

export function backupScheduleLines(databases: DatabaseSchedule[]): string[] {
  return databases.flatMap(({ database, zone, works, keeps }) => [
    `${plain(database)}${works.length === 0 ? ': nothing is done by itself' : ''}`,
    ...works.map(({ work, text, next, last }) => {
      const then = next ? `next ${momentIn(zone)(next)}` : 'never'
      const before = last ? `, last ${momentIn(zone)(last)}` : ''
      return `  ${work} ${plain(text, 40)} (${plain(zone)}): ${then}${before}`
    }),
    `  keeps ${keeps}`,
  ])
}
