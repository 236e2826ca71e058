import type { ChannelRow } from '../state/rows.js'
import type { World } from '../world.js'
import { tellApp } from './app-events.js'
import { post } from './messages.js'

/** Opens a new conversation with its first members in it. */
export function createChannel(
  world: World,
  fields: Pick<ChannelRow, 'kind' | 'name' | 'creator' | 'members'>,
): ChannelRow {
  const created = Math.floor(world.clock.now() / 1000)
  const none = { value: '', creator: '', last_set: 0 }
  const channel = world.state.channels.put({
    ...fields,
    id: world.state.ids.next(fields.kind === 'im' ? 'D' : 'C'),
    created,
    topic: none,
    purpose: none,
    archived: false,
    general: false,
    previous_names: [],
    bookmarks: [],
    pins: [],
    last_read: {},
  })
  showChannels(world, channel)
  if (channel.kind !== 'channel') return channel
  const { id, name, creator } = channel
  tellApp(world, { type: 'channel_created', channel: { id, name, created, creator, is_channel: true } })
  joined(world, channel, creator)
  return channel
}

/** Lets somebody in; the channel says so. */
export function addMember(world: World, channel: ChannelRow, user: string, inviter?: string): ChannelRow {
  if (channel.members.includes(user)) return channel
  const changed = world.state.channels.put({ ...channel, members: [...channel.members, user] })
  showChannels(world, changed)
  if (changed.kind === 'channel' || changed.kind === 'private') joined(world, changed, user, inviter)
  return changed
}

/** Lets somebody out, by themselves or kicked. */
export function dropMember(world: World, channel: ChannelRow, user: string): ChannelRow {
  const { id: channel_id } = channel
  const changed = world.state.channels.put({ ...channel, members: channel.members.filter((one) => one !== user) })
  showChannels(world, channel)
  post(world, changed, { user, text: `<@${user}> has left the channel`, subtype: 'channel_leave' })
  const event = { type: 'member_left_channel', user, channel: channel_id, channel_type: typeLetter(channel) }
  tellApp(world, { ...event, team: world.team.id }, user === world.app.bot_user_id ? channel : changed)
  return changed
}

/** Sets topic or purpose and says so in the channel. */
export function describe(world: World, channel: ChannelRow, field: 'topic' | 'purpose', user: string, value: string) {
  const told = { value, creator: user, last_set: Math.floor(world.clock.now() / 1000) }
  const changed = world.state.channels.put({ ...channel, [field]: told })
  showChannels(world, changed)
  post(world, changed, { user, text: `set the channel ${field}: ${value}`, subtype: `channel_${field}` })
  return changed
}

export function rename(world: World, channel: ChannelRow, user: string, name: string): ChannelRow {
  const previous_names = [channel.name, ...channel.previous_names]
  const changed = world.state.channels.put({ ...channel, name, previous_names })
  showChannels(world, changed)
  const text = `has renamed the channel from "${channel.name}" to "${name}"`
  post(world, changed, { user, text, subtype: 'channel_name' })
  tellApp(world, { type: 'channel_rename', channel: { id: channel.id, name, created: channel.created } }, changed)
  return changed
}

/** Closes a channel; the app leaves it, as bots do in Slack. */
export function archive(world: World, channel: ChannelRow, user: string): ChannelRow {
  post(world, channel, { user, text: 'archived the channel', subtype: 'channel_archive' })
  tellApp(world, { type: 'channel_archive', channel: channel.id, user }, channel)
  const members = channel.members.filter((one) => one !== world.app.bot_user_id)
  const changed = world.state.channels.put({ ...channel, archived: true, members })
  showChannels(world, changed)
  return changed
}

/** The direct conversation of exactly these people, opened when there is none. */
export function directMessages(world: World, members: string[]): ChannelRow {
  const wanted = [...new Set(members)].sort().join()
  const kind = new Set(members).size > 2 ? 'mpim' : 'im'
  const known = world.state.channels.all().find((row) => row.kind === kind && [...row.members].sort().join() === wanted)
  const name = kind === 'mpim' ? `mpdm-${members.map((id) => nameOf(world, id)).join('--')}-1` : ''
  return known ?? createChannel(world, { kind, name, creator: members[0] ?? '', members: [...new Set(members)] })
}

/** Tells the pages of everybody who may see the channel in their list. */
export function showChannels(world: World, channel: ChannelRow): void {
  if (channel.kind === 'channel') world.changes.tellAll({ kind: 'channels' })
  else world.changes.tell(channel.members, { kind: 'channels' })
}

function joined(world: World, channel: ChannelRow, user: string, inviter?: string): void {
  post(world, channel, { user, text: `<@${user}> has joined the channel`, subtype: 'channel_join' })
  const event = { type: 'member_joined_channel', user, channel: channel.id, channel_type: typeLetter(channel) }
  tellApp(world, { ...event, team: world.team.id, ...(inviter && { inviter }) }, channel)
}

const typeLetter = (channel: ChannelRow) => (channel.kind === 'channel' ? 'C' : 'G')

const nameOf = (world: World, id: string) => world.state.people.get(id)?.name ?? id
