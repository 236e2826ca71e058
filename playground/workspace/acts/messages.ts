import type { Change } from '../protocol.js'
import { channelType } from '../shapes/channel.js'
import { messageJson } from '../shapes/message.js'
import type { ChannelRow, Json, MessageRow } from '../state/rows.js'
import { mentionsIn } from '../text.js'
import type { World } from '../world.js'
import { tellApp } from './app-events.js'

export type Draft = Omit<MessageRow, 'ts' | 'channel'>

/** Puts a message into a conversation, shows it to who may see it and tells the app. */
export function post(world: World, channel: ChannelRow, draft: Draft): MessageRow {
  const row = world.state.messages.put({ ...draft, ts: world.state.ids.ts(), channel: channel.id })
  show(world, channel, row)
  tellReaders(world, channel, row, { kind: 'channels' })
  if (row.visible_to) return row
  tellApp(world, messageEvent(world, channel, row), channel)
  if (mentionsApp(world, row) && row.user !== world.app.bot_user_id) tellApp(world, mention(world, row), channel)
  return row
}

/** Changes a message in place; a field given as undefined goes away. */
export function change(world: World, row: MessageRow, fields: Partial<MessageRow>): MessageRow {
  const channel = channelOf(world, row)
  const previous_message = messageJson(world, row)
  const changed = world.state.messages.put({ ...row, ...fields })
  show(world, channel, changed)
  if (changed.visible_to) return changed
  const message = messageJson(world, changed)
  const hidden = { subtype: 'message_changed', hidden: true, message, previous_message }
  tellApp(world, { ...eventHead(world, channel), ...hidden }, channel)
  return changed
}

/** Takes a message away; one that has replies leaves a tombstone. */
export function remove(world: World, row: MessageRow): void {
  const { state } = world
  const channel = channelOf(world, row)
  const previous_message = messageJson(world, row)
  unpin(world, channel, row.ts)
  if (state.messages.replies(row.channel, row.ts).length > 0) state.messages.put(tombstone(row))
  else state.messages.remove(row.channel, row.ts)
  show(world, channel, row)
  if (row.visible_to) return
  const hidden = { subtype: 'message_deleted', hidden: true, deleted_ts: row.ts, previous_message }
  tellApp(world, { ...eventHead(world, channel), ...hidden }, channel)
}

/** Tells the pages of everybody who sees this message. */
export function show(world: World, channel: ChannelRow, row: MessageRow): void {
  const { thread_ts } = row
  const told: Change = { kind: 'messages', channel: channel.id, ts: row.ts, ...(thread_ts && { thread_ts }) }
  tellReaders(world, channel, row, told)
}

function tellReaders(world: World, channel: ChannelRow, row: MessageRow, told: Change): void {
  if (row.visible_to) world.changes.tell([row.visible_to], told)
  else if (channel.kind === 'channel') world.changes.tellAll(told)
  else world.changes.tell(channel.members, told)
}

/** The conversation of a message that is known to exist. */
export function channelOf(world: World, row: MessageRow): ChannelRow {
  const channel = world.state.channels.get(row.channel)
  if (!channel) throw new Error(`Message ${row.ts} is in ${row.channel}, which does not exist.`)
  return channel
}

function messageEvent(world: World, channel: ChannelRow, row: MessageRow): Json & { type: string } {
  return { ...messageJson(world, row), ...eventHead(world, channel), event_ts: row.ts, ts: row.ts }
}

function eventHead(world: World, channel: ChannelRow): Json & { type: string } {
  return { type: 'message', channel: channel.id, channel_type: channelType(channel), ts: world.state.ids.ts() }
}

function mention(world: World, row: MessageRow): Json & { type: string } {
  const { user, ts, text, blocks, thread_ts, client_msg_id } = row
  return {
    type: 'app_mention',
    user,
    ts,
    client_msg_id,
    text,
    team: world.team.id,
    ...(thread_ts && { thread_ts }),
    blocks,
    channel: row.channel,
    event_ts: ts,
  }
}

function mentionsApp(world: World, row: MessageRow): boolean {
  return mentionsIn(row.text).users.includes(world.app.bot_user_id)
}

function unpin(world: World, channel: ChannelRow, ts: string): void {
  if (!channel.pins.some((pin) => pin.ts === ts)) return
  world.state.channels.put({ ...channel, pins: channel.pins.filter((pin) => pin.ts !== ts) })
}

function tombstone({ ts, channel, thread_ts }: MessageRow): MessageRow {
  return { ts, channel, thread_ts, user: 'USLACKBOT', text: 'This message was deleted.', subtype: 'tombstone' }
}
