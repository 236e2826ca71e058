import { backupWords, type DatabaseStatus, type Pen, type StatusLine, statusLines } from '../../backups/status.js'
import type { DatabaseSchedule, Reply } from '../../commands/reply.js'
import { context, type Message, message, section } from '../blocks.js'
import { signs } from '../cards/signs.js'
import { momentToken } from '../moment.js'
import { plural, quote } from '../text.js'

const penAt = (now: Date): Pen => ({ moment: (at) => momentToken(at, now), safe: (text) => quote(text, 300) })
/** What a lock screen reads shows no tokens. */
const plainPen: Pen = { moment: (at) => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`, safe: (text) => text }

/** How backups stand: one block a database, what can be had again first. */
export function backupsMessage(databases: DatabaseStatus[], now: Date): Message {
  const [first] = databases.flatMap((one) => statusLines(one, plainPen, now).slice(0, 1))
  const words =
    databases.length === 1 ? `${databases[0]?.database}: ${first?.text}` : plural(databases.length, 'database')
  return message(quote(words, 300), [
    ...databases.slice(0, 12).flatMap((one) => {
      const [head, ...lines] = statusLines(one, penAt(now), now)
      const title = `*${quote(one.database, 40)}* in *${quote(one.environment, 40)}*`
      const signed = lines.filter(({ sign }) => sign !== null)
      const facts = lines.filter(({ sign }) => sign === null)
      return [
        section(head ? `${signOf(head)}${title} · ${head.text}` : title, ...signed.map(shown)),
        context(...facts.map(({ text }) => text), `with ${quote(one.engine, 40)}`),
      ]
    }),
    databases.length === 0 ? null : context('How each comes back, by hand too: `/backup handbook`'),
  ])
}

const shown = (line: StatusLine): string => `${signOf(line)}${line.text}`

const signOf = ({ sign }: StatusLine): string => {
  if (sign === null) return ''
  return `${{ done: signs.done, running: signs.running, warning: signs.warning, failed: signs.failed }[sign]} `
}

type List = Extract<Reply, { kind: 'backup list' }>

export function backupListMessage({ database, backups, goes, more }: List, now: Date): Message {
  const title = `Backups of ${quote(database, 40)}, newest first`
  const lines = backups.map((one) => shown(backupWords(one, penAt(now), goes.includes(one.label))))
  const rest = more > 0 ? `… and ${plural(more, 'older one')}` : null
  const none = lines.length === 0 ? 'There is none.' : null
  return message(title, [
    section(`*${title}*`, none),
    ...Array.from({ length: Math.ceil(lines.length / 10) }, (_, at) => section(...lines.slice(at * 10, at * 10 + 10))),
    context(rest),
  ])
}

export function backupScheduleMessage(databases: DatabaseSchedule[], now: Date): Message {
  const told = databases.slice(0, 20).map(({ database, zone, works, keeps }) =>
    section(
      `*${quote(database, 40)}*${works.length === 0 ? ' · nothing is done by itself' : ''}`,
      ...works.map(({ work, text, next, last }) => {
        const then = next ? `next ${momentToken(next, now)}` : 'never'
        const before = last ? `, last ${momentToken(last, now)}` : ''
        return `${work} \`${quote(text, 40)}\` (${quote(zone, 40)}): ${then}${before}`
      }),
      `keeps ${keeps}`,
    ),
  )
  return message(`What is done by itself for ${plural(databases.length, 'database')}.`, told)
}

/** So many of what is missing stand in the message; the file has all. */
const shownGaps = 6

type Handbook = Extract<Reply, { kind: 'handbook' }>

/** What is missing, since the rest is a file that follows. */
export function handbookMessage({ of, name, gaps }: Handbook): Message {
  const title = of === null ? 'The backup handbook' : `The backup handbook of ${quote(of, 40)}`
  const count = gaps.length === 1 ? '1 thing is missing' : `${gaps.length} things are missing`
  const found = `is written; ${gaps.length === 0 ? 'nothing is missing that Shipmate can see' : count}`
  const more = gaps.length > shownGaps ? `… and ${gaps.length - shownGaps} more in the file` : null
  const words = `npx shipmate backup handbook${of === null ? '' : ` ${of}`} > ${name}`
  return message(`${title} ${found}.`, [
    section(
      `*${title}* ${found}.`,
      ...gaps.slice(0, shownGaps).map((gap) => `${signs.warning} ${quote(gap, 300)}`),
      more,
    ),
    context(
      'It comes to you directly, as a file. Keep a copy where neither Shipmate nor its backups are.',
      `In a terminal: \`${quote(words, 120)}\``,
    ),
  ])
}
