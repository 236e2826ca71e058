import { createIds, type Ids } from './ids.js'
import { openJournal } from './journal.js'
import { createMessages, type Messages } from './messages.js'
import type {
  CanvasRow,
  ChannelRow,
  FileRow,
  GroupRow,
  PersonRow,
  ResponseUrlRow,
  ScheduledRow,
  ViewRow,
} from './rows.js'
import { createTable, type Table } from './table.js'

/** Everything the workspace remembers. */
export type State = {
  people: Table<PersonRow>
  groups: Table<GroupRow>
  channels: Table<ChannelRow>
  messages: Messages
  views: Table<ViewRow>
  files: Table<FileRow>
  canvases: Table<CanvasRow>
  scheduled: Table<ScheduledRow>
  responseUrls: Table<ResponseUrlRow>
  ids: Ids
  /** True when the directory held no workspace yet. */
  isNew: boolean
  clear(keep: { people: boolean }): void
  close(): void
}

/** Opens the workspace kept in `dir`, or an empty one; without `dir` it lives in memory. */
export function openState(dir: string | undefined, now: () => number): State {
  const journal = openJournal(dir)
  const people = createTable<PersonRow>('people', (row) => row.id, journal)
  const groups = createTable<GroupRow>('groups', (row) => row.id, journal)
  const channels = createTable<ChannelRow>('channels', (row) => row.id, journal)
  const messages = createMessages(journal)
  const views = createTable<ViewRow>('views', (row) => row.id, journal)
  const files = createTable<FileRow>('files', (row) => row.id, journal)
  const canvases = createTable<CanvasRow>('canvases', (row) => row.id, journal)
  const scheduled = createTable<ScheduledRow>('scheduled', (row) => row.id, journal)
  const responseUrls = createTable<ResponseUrlRow>('response_urls', (row) => row.id, journal)
  return {
    people,
    groups,
    channels,
    messages,
    views,
    files,
    canvases,
    scheduled,
    responseUrls,
    ids: createIds(now, messages.newestTs()),
    isNew: people.all().length === 0,
    clear(keep) {
      for (const table of [channels, messages, views, files, canvases, scheduled, responseUrls]) table.clear()
      if (keep.people) return
      people.clear()
      groups.clear()
    },
    close: journal.close,
  }
}
