import { asApp, contentOf, isEmpty, type Said } from '../acts/content.js'
import { change, post, remove } from '../acts/messages.js'
import { refuse } from '../refusal.js'
import { messageJson } from '../shapes/message.js'
import type { ChannelRow, Json, MessageRow } from '../state/rows.js'
import type { World } from '../world.js'
import type { Args } from './args.js'
import { channelArg, messageArg, needOpen, personArg, postingChannel } from './found.js'
import type { Family } from './method.js'

export const chatMethods: Family = {
  'chat.postMessage': (world, args) => {
    const channel = postingChannel(world, args)
    mayPost(world, channel)
    const row = post(world, channel, draftOf(world, channel, args))
    return { channel: channel.id, ts: row.ts, message: messageJson(world, row, { metadata: true }) }
  },

  'chat.meMessage': (world, args) => {
    const channel = postingChannel(world, args)
    mayPost(world, channel)
    const row = post(world, channel, { ...asApp(world), text: args.text('text'), subtype: 'me_message' })
    return { channel: channel.id, ts: row.ts }
  },

  'chat.postEphemeral': (world, args) => {
    const channel = postingChannel(world, args)
    mayPost(world, channel)
    const user = personArg(world, args.text('user')).id
    if (!channel.members.includes(user)) refuse('user_not_in_channel')
    const row = post(world, channel, { ...draftOf(world, channel, args), visible_to: user })
    return { message_ts: row.ts }
  },

  'chat.update': (world, args) => {
    const channel = channelArg(world, args)
    const message = messageArg(world, channel, args.text('ts'))
    if (message.app_id !== world.app.id || message.subtype === 'tombstone') refuse('cant_update_message')
    if (channel.archived) refuse('is_inactive')
    const row = change(world, message, changedFields(world, message, args))
    return { channel: channel.id, ts: row.ts, text: row.text, message: messageJson(world, row, { metadata: true }) }
  },

  'chat.delete': (world, args) => {
    const channel = channelArg(world, args)
    const message = messageArg(world, channel, args.text('ts'))
    if (message.app_id !== world.app.id) refuse('cant_delete_message')
    remove(world, message)
    return { channel: channel.id, ts: message.ts }
  },

  'chat.getPermalink': (world, args) => {
    const channel = channelArg(world, args)
    const message = messageArg(world, channel, args.text('message_ts'))
    return { channel: channel.id, permalink: permalink(world, message) }
  },
}

/** Refuses unless the app may speak in this conversation now. */
export function mayPost(world: World, channel: ChannelRow): void {
  const { app } = world
  needOpen(channel)
  const speaksEverywhere = channel.kind === 'channel' && app.scopes.has('chat:write.public')
  if (!channel.members.includes(app.bot_user_id) && !speaksEverywhere) refuse('not_in_channel')
}

/** The message that a posting call describes. */
export function draftOf(world: World, channel: ChannelRow, args: Args): Omit<MessageRow, 'ts' | 'channel'> {
  const thread_ts = args.text('thread_ts')
  if (thread_ts) needParent(world, channel, thread_ts)
  const broadcast = args.flag('reply_broadcast') && thread_ts !== ''
  return {
    ...asApp(world),
    ...contentOf(world, saidIn(args)),
    ...(thread_ts && { thread_ts }),
    ...(broadcast && { broadcast, subtype: 'thread_broadcast' }),
    ...customName(world, args),
  }
}

/** What a call says, its JSON parts decoded. */
export function saidIn(args: Args): Said {
  return {
    text: args.has('text') ? args.text('text') : undefined,
    blocks: args.json('blocks', 'invalid_blocks_format'),
    attachments: args.json('attachments', 'invalid_attachments'),
    metadata: args.json('metadata', 'invalid_metadata_format'),
    markdown_text: args.has('markdown_text') ? args.text('markdown_text') : undefined,
  }
}

/** The address of a message in the browser. */
export function permalink(world: World, row: MessageRow): string {
  const thread = row.thread_ts ? `?thread_ts=${row.thread_ts}&cid=${row.channel}` : ''
  return `${world.url()}/archives/${row.channel}/p${row.ts.replace('.', '')}${thread}`
}

// Slack takes the ts of a reply and shows the message nowhere useful; refusing it makes that mistake visible.
function needParent(world: World, channel: ChannelRow, thread_ts: string): void {
  const parent = world.state.messages.find(channel.id, thread_ts)
  if (!parent || parent.visible_to || (parent.thread_ts && parent.thread_ts !== parent.ts)) {
    refuse('cannot_reply_to_message')
  }
}

function customName(world: World, args: Args): Json {
  if (!world.app.scopes.has('chat:write.customize') || !args.has('username')) return {}
  return { username: args.text('username') }
}

// Text without blocks drops the blocks; neither leaves both; metadata stays unless it is given.
function changedFields(world: World, message: MessageRow, args: Args): Partial<MessageRow> {
  const said = saidIn(args)
  const { metadata, ...rest } = said
  const given = metadata === undefined ? {} : { metadata: metadata as Json }
  if (Object.values(rest).every((part) => part === undefined)) return given
  const text = said.text ?? (said.markdown_text === undefined ? message.text : undefined)
  const none = { blocks: undefined, blocks_made: undefined, attachments: undefined }
  const content = contentOf(world, { ...said, text }, { update: true })
  const edited = isEmpty(said.blocks) ? { edited: { user: message.user, ts: world.state.ids.ts() } } : {}
  return { ...none, ...content, ...edited, metadata: message.metadata, ...given }
}
