import type { Journal } from './journal.js'
import type { MessageRow } from './rows.js'
import { createTable, type Table } from './table.js'

/** Messages, found by channel and ts. */
export type Messages = Omit<Table<MessageRow>, 'get' | 'delete'> & {
  find(channel: string, ts: string): MessageRow | undefined
  remove(channel: string, ts: string): boolean
  /** All of a channel, oldest first, replies and ephemeral ones included. */
  in(channel: string): MessageRow[]
  /** A thread's replies without its parent, oldest first. */
  replies(channel: string, ts: string): MessageRow[]
  newestTs(): string | undefined
}

export function createMessages(journal: Journal): Messages {
  const table = createTable<MessageRow>('messages', (row) => key(row.channel, row.ts), journal)
  const channels = new Map<string, Map<string, MessageRow>>()
  const index = (row: MessageRow) => {
    const rows = channels.get(row.channel) ?? new Map<string, MessageRow>()
    channels.set(row.channel, rows.set(row.ts, row))
  }
  for (const row of table.all()) index(row)
  const inChannel = (channel: string) => [...(channels.get(channel)?.values() ?? [])]

  return {
    all: table.all,
    put(row) {
      index(row)
      return table.put(row)
    },
    clear() {
      channels.clear()
      table.clear()
    },
    find: (channel, ts) => channels.get(channel)?.get(ts),
    remove(channel, ts) {
      channels.get(channel)?.delete(ts)
      return table.delete(key(channel, ts))
    },
    in: inChannel,
    replies: (channel, ts) => inChannel(channel).filter((row) => row.thread_ts === ts && row.ts !== ts),
    newestTs: () =>
      table
        .all()
        .map((row) => row.ts)
        .sort((a, b) => Number(a) - Number(b))
        .at(-1),
  }
}

const key = (channel: string, ts: string) => `${channel}:${ts}`
