import type { Block, Person, StateValues } from '../protocol.js'

/** What the workspace remembers, one type per table. Field names are Slack's where Slack has one. */

export type Json = { [field: string]: unknown }

export type PersonRow = Person & { email: string }

export type GroupRow = {
  id: string
  handle: string
  name: string
  description: string
  users: string[]
  created: number
  updated: number
  disabled: boolean
}

export type BookmarkRow = { id: string; title: string; link: string; emoji?: string; created: number; updated: number }

export type Told = { value: string; creator: string; last_set: number }

export type ChannelRow = {
  id: string
  name: string
  kind: 'channel' | 'private' | 'im' | 'mpim'
  creator: string
  created: number
  topic: Told
  purpose: Told
  archived: boolean
  general: boolean
  members: string[]
  previous_names: string[]
  bookmarks: BookmarkRow[]
  pins: { ts: string; user: string; created: number }[]
  last_read: { [user: string]: string }
}

export type MessageRow = {
  ts: string
  channel: string
  user: string
  text: string
  bot_id?: string
  app_id?: string
  username?: string
  icons?: Json
  blocks?: Block[]
  /** True when the blocks were made from the text and not given by the sender. */
  blocks_made?: boolean
  attachments?: Json[]
  metadata?: Json
  subtype?: string
  thread_ts?: string
  broadcast?: boolean
  edited?: { user: string; ts: string }
  reactions?: { name: string; users: string[] }[]
  files?: string[]
  client_msg_id?: string
  /** An ephemeral message: only this person sees it. */
  visible_to?: string
  /** What people typed into inputs of this message, by person. */
  values?: { [user: string]: StateValues }
}

export type ViewRow = {
  id: string
  type: 'modal' | 'home'
  user: string
  /** Position in the person's stack of modals, 0 at the bottom; -1 for a home view. */
  depth: number
  root_view_id: string
  previous_view_id: string | null
  external_id: string
  callback_id: string
  title: Json | null
  submit: Json | null
  close: Json | null
  blocks: Block[]
  private_metadata: string
  notify_on_close: boolean
  clear_on_close: boolean
  submit_disabled: boolean
  values: StateValues
  errors?: { [block_id: string]: string }
  hash: string
}

export type FileRow = {
  id: string
  name: string
  title: string
  mimetype: string
  size: number
  user: string
  created: number
  alt_txt?: string
  state: 'waiting' | 'uploaded' | 'shared'
  shares: { channel: string; ts: string }[]
}

export type CanvasRow = {
  id: string
  title: string
  /** channel: the one canvas of a channel. tab: one more beside it. alone: in no channel. */
  kind: 'channel' | 'tab' | 'alone'
  channel?: string
  /** Standard Markdown, a part for each heading, paragraph, list or table. */
  sections: { id: string; markdown: string }[]
  creator: string
  created: number
  updated: number
  updated_by: string
}

export type ScheduledRow = { id: string; channel: string; post_at: number; created: number; draft: Json; text: string }

export type ResponseUrlRow = {
  id: string
  channel: string
  user: string
  /** The message whose button was pressed; none for a slash command. */
  message_ts?: string
  thread_ts?: string
  expires_ms: number
  uses_left: number
}
