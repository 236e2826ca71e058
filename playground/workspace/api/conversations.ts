import { addMember, archive, createChannel, describe, directMessages, rename } from '../acts/channels.js'
import { refuse } from '../refusal.js'
import { channelJson } from '../shapes/channel.js'
import type { ChannelRow } from '../state/rows.js'
import type { World } from '../world.js'
import type { Args } from './args.js'
import { checkName } from './channel-names.js'
import { channelArg, needKindScope, needManage, needMember, needOpen, personArg } from './found.js'
import type { Family } from './method.js'

const LONGEST_TOPIC = 250
const MOST_PEOPLE = 8

/** Methods that make and change conversations. */
export const conversationMethods: Family = {
  'conversations.create': (world, args) => {
    const kind = args.flag('is_private') ? 'private' : 'channel'
    needManage(world, kind)
    const name = checkName(world, args.text('name'))
    const creator = world.app.bot_user_id
    return { channel: channelJson(world, createChannel(world, { kind, name, creator, members: [creator] })) }
  },

  'conversations.rename': (world, args) => {
    const channel = named(world, args)
    needManage(world, channel.kind)
    needOpen(channel)
    needMember(world, channel)
    if (channel.creator !== world.app.bot_user_id) refuse('not_authorized')
    const name = checkName(world, args.text('name'), channel.id)
    return { channel: channelJson(world, rename(world, channel, world.app.bot_user_id, name)) }
  },

  'conversations.archive': (world, args) => {
    const channel = named(world, args)
    needManage(world, channel.kind)
    if (channel.general) refuse('cant_archive_general')
    if (channel.archived) refuse('already_archived')
    needMember(world, channel)
    archive(world, channel, world.app.bot_user_id)
    return {}
  },

  // The app left when the channel was archived, so its token cannot bring the channel back.
  'conversations.unarchive': (world, args) => {
    const channel = channelArg(world, args)
    if (!channel.archived) refuse('not_archived')
    return refuse('not_in_channel')
  },

  'conversations.setTopic': (world, args) => described(world, args, 'topic'),
  'conversations.setPurpose': (world, args) => described(world, args, 'purpose'),

  'conversations.info': (world, args) => {
    const channel = channelArg(world, args)
    needKindScope(world, channel, 'read')
    return { channel: channelJson(world, channel, { members: args.flag('include_num_members') }) }
  },

  'conversations.open': (world, args) => {
    const channel = args.has('channel') ? channelArg(world, args) : openedFor(world, args.list('users'))
    const full = args.flag('return_im') ? channelJson(world, channel) : { id: channel.id }
    return { channel: full }
  },

  'conversations.close': (world, args) => {
    const channel = channelArg(world, args)
    if (channel.kind !== 'im' && channel.kind !== 'mpim') refuse('method_not_supported_for_channel_type')
    return {}
  },

  'conversations.join': (world, args) => {
    const channel = channelArg(world, args)
    if (channel.kind !== 'channel') refuse('method_not_supported_for_channel_type')
    needOpen(channel)
    const already = channel.members.includes(world.app.bot_user_id)
    const joined = addMember(world, channel, world.app.bot_user_id)
    return { channel: channelJson(world, joined), ...(already && { warning: 'already_in_channel' }) }
  },

  'conversations.mark': (world, args) => {
    const channel = channelArg(world, args)
    needMember(world, channel)
    const ts = args.text('ts')
    if (!/^\d+\.\d+$/.test(ts)) refuse('invalid_timestamp')
    world.state.channels.put({ ...channel, last_read: { ...channel.last_read, [world.app.bot_user_id]: ts } })
    return {}
  },
}

/** The channel a call names, refused for direct messages. */
export function named(world: World, args: Args): ChannelRow {
  const channel = channelArg(world, args)
  if (channel.kind === 'im' || channel.kind === 'mpim') refuse('method_not_supported_for_channel_type')
  return channel
}

function described(world: World, args: Args, field: 'topic' | 'purpose') {
  const channel = named(world, args)
  needManage(world, channel.kind, ['write.topic'])
  needOpen(channel)
  needMember(world, channel)
  const value = args.text(field)
  if (value.length > LONGEST_TOPIC) refuse('too_long')
  const changed = describe(world, channel, field, world.app.bot_user_id, value)
  return { [field]: value, channel: channelJson(world, changed) }
}

function openedFor(world: World, users: string[]): ChannelRow {
  if (users.length === 0) refuse('users_list_not_supplied')
  if (users.length > MOST_PEOPLE) refuse('too_many_users')
  const people = users.map((id) => personArg(world, id))
  if (people.some((person) => person.deleted)) refuse('user_disabled')
  needManage(world, users.length > 1 ? 'mpim' : 'im')
  return directMessages(world, [...users, world.app.bot_user_id])
}
