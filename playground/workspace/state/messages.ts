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
  const threads = new Map<string, Map<string, MessageRow>>()
  const index = (row: MessageRow) => {
    entry(channels, row.channel).set(row.ts, row)
    if (row.thread_ts && row.thread_ts !== row.ts) entry(threads, key(row.channel, row.thread_ts)).set(row.ts, row)
  }
  for (const row of table.all()) index(row)

  return {
    all: table.all,
    put(row) {
      index(row)
      return table.put(row)
    },
    clear() {
      channels.clear()
      threads.clear()
      table.clear()
    },
    find: (channel, ts) => channels.get(channel)?.get(ts),
    remove(channel, ts) {
      const row = channels.get(channel)?.get(ts)
      channels.get(channel)?.delete(ts)
      if (row?.thread_ts) threads.get(key(channel, row.thread_ts))?.delete(ts)
      return table.delete(key(channel, ts))
    },
    in: (channel) => [...(channels.get(channel)?.values() ?? [])],
    replies: (channel, ts) => [...(threads.get(key(channel, ts))?.values() ?? [])],
    newestTs: () =>
      table
        .all()
        .map((row) => row.ts)
        .sort((a, b) => Number(a) - Number(b))
        .at(-1),
  }
}

function entry(maps: Map<string, Map<string, MessageRow>>, name: string): Map<string, MessageRow> {
  const known = maps.get(name)
  if (known) return known
  const fresh = new Map<string, MessageRow>()
  maps.set(name, fresh)
  return fresh
}

const key = (channel: string, ts: string) => `${channel}:${ts}`
