import type { Message } from '../../workspace/protocol.js'
import { dayKey, type Zone } from '../text/slack-date.js'

/** A line of a message list. `compact` messages stand under the one before without name and picture. */
export type Row =
  | { kind: 'day'; key: string; ms: number }
  | { kind: 'new'; key: string }
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
    const firstUnread = unread && !marked && message.user !== me && before !== undefined
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
