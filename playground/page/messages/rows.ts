import type { Message } from '../../workspace/protocol.js'
import type { Notice } from '../control/session.js'
import { dayKey, type Zone } from '../text/slack-date.js'

/** A line of a message list. `compact` messages stand under the one before without name and picture. */
export type Row =
  | { kind: 'day'; key: string; ms: number }
  | { kind: 'new'; key: string }
  | { kind: 'notice'; key: string; notice: Notice }
  | { kind: 'message'; key: string; message: Message; compact: boolean }

const groupedWithinMs = 5 * 60_000

/**
 * Messages with day dividers, the line before the first unread one, and grouping by author.
 * `lastRead` is the ts up to which the person has read, as it was when the list was opened.
 */
export function rowsOf(
  messages: Message[],
  { me, lastRead, zone }: { me: string; lastRead?: string; zone?: Zone },
): Row[] {
  const rows: Row[] = []
  let before: Message | undefined
  let marked: boolean = false
  for (const message of messages) {
    const newDay = !before || dayKey(msOf(before.ts), zone) !== dayKey(msOf(message.ts), zone)
    if (newDay) rows.push({ kind: 'day', key: `day-${message.ts}`, ms: msOf(message.ts) })
    const unread: boolean = lastRead !== undefined && isAfter(message.ts, lastRead)
    const firstUnread = unread && !marked && message.user !== me
    if (firstUnread) rows.push({ kind: 'new', key: 'new' })
    marked ||= unread
    rows.push({
      kind: 'message',
      key: message.ts,
      message,
      compact: !newDay && !firstUnread && continues(before, message),
    })
    before = message
  }
  return rows
}

/** Unix milliseconds of a message's ts. */
export function msOf(ts: string): number {
  return Number(ts) * 1000
}

export function isAfter(ts: string, other: string): boolean {
  return Number(ts) > Number(other || 0)
}

/** Lines that Slack writes by itself ("joined the channel"). */
export function isSystem({ subtype }: Message): boolean {
  return subtype !== undefined && !['bot_message', 'thread_broadcast', 'me_message', 'file_share'].includes(subtype)
}

function continues(before: Message | undefined, message: Message): boolean {
  return (
    before !== undefined &&
    before.user === message.user &&
    before.username === message.username &&
    Boolean(before.ephemeral) === Boolean(message.ephemeral) &&
    !before.pinned &&
    !message.pinned &&
    !isSystem(before) &&
    !isSystem(message) &&
    msOf(message.ts) - msOf(before.ts) < groupedWithinMs
  )
}

/** Slack's own lines put among the rows by their time. */
export function withNotices(rows: Row[], notices: Notice[]): Row[] {
  const left = [...notices]
  const merged = rows.flatMap((row): Row[] => {
    if (row.kind !== 'message') return [row]
    const earlier = left.filter(({ atMs }) => atMs < msOf(row.message.ts))
    left.splice(0, earlier.length)
    const shown = earlier.length > 0 ? { ...row, compact: false } : row
    return [...earlier.map(noticeRow), shown]
  })
  return [...merged, ...left.map(noticeRow)]
}

function noticeRow(notice: Notice): Row {
  return { kind: 'notice', key: `notice-${notice.id}`, notice }
}
