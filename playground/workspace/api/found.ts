import { directMessages } from '../acts/channels.js'
import { refuse } from '../refusal.js'
import type { ChannelRow, MessageRow, PersonRow } from '../state/rows.js'
import type { World } from '../world.js'
import type { Args } from './args.js'
import { needScope } from './gate.js'

const kinds = { channel: 'channels', private: 'groups', im: 'im', mpim: 'mpim' } as const

/** The conversation a call names, if the app may know of it. */
export function channelArg(world: World, args: Args, name = 'channel'): ChannelRow {
  return channelById(world, args.text(name))
}

export function channelById(world: World, id: string): ChannelRow {
  const channel = world.state.channels.get(id)
  if (!channel || !visible(world, channel)) refuse('channel_not_found')
  return channel
}

/** The same for posting: also a name such as `#releases`, or a person, which means their direct messages. */
export function postingChannel(world: World, args: Args): ChannelRow {
  const wanted = args.text('channel')
  const person = world.state.people.get(wanted)
  if (person) return directMessages(world, [person.id, world.app.bot_user_id])
  const name = wanted.replace(/^#/, '')
  const channel =
    world.state.channels.get(wanted) ?? world.state.channels.all().find((row) => row.name && row.name === name)
  if (!channel || !visible(world, channel)) refuse('channel_not_found')
  return channel
}

/** Refuses unless the app is a member. */
export function needMember(world: World, channel: ChannelRow): void {
  if (!channel.members.includes(world.app.bot_user_id)) refuse('not_in_channel')
}

export function needOpen(channel: ChannelRow): void {
  if (channel.archived) refuse('is_archived')
}

/** Refuses unless the app has the scope for this kind of conversation, for example `channels:history`. */
export function needKindScope(world: World, channel: ChannelRow, act: 'history' | 'read'): void {
  needScope(world, [`${kinds[channel.kind]}:${act}`])
}

/** Refuses unless the app may change this kind of conversation; public ones also by `channels:manage`. */
export function needManage(world: World, kind: ChannelRow['kind'], finer: string[] = []): void {
  const scopes = [`${kinds[kind]}:write`, ...finer.map((act) => `${kinds[kind]}:${act}`)]
  needScope(world, kind === 'channel' ? ['channels:manage', ...scopes] : scopes)
}

/** A message that everybody in the conversation sees. */
export function messageArg(world: World, channel: ChannelRow, ts: string): MessageRow {
  const message = world.state.messages.find(channel.id, ts)
  if (!message || message.visible_to) refuse('message_not_found')
  return message
}

export function personArg(world: World, id: string): PersonRow {
  return world.state.people.get(id) ?? refuse('user_not_found')
}

function visible(world: World, channel: ChannelRow): boolean {
  return channel.kind === 'channel' || channel.members.includes(world.app.bot_user_id)
}
