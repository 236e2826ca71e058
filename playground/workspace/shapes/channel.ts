import type { ChannelRow, Json } from '../state/rows.js'
import type { World } from '../world.js'
import { channelCanvas, isBlank } from './canvas.js'

/** A conversation as Slack's methods show it to the app. */
export function channelJson(world: World, row: ChannelRow, options: { members?: boolean } = {}): Json {
  const { bot_user_id } = world.app
  const shared = {
    id: row.id,
    created: row.created,
    updated: row.created * 1000,
    context_team_id: world.team.id,
    is_archived: row.archived,
    is_channel: row.kind === 'channel',
    is_group: row.kind === 'private',
    is_im: row.kind === 'im',
    is_mpim: row.kind === 'mpim',
    is_private: row.kind !== 'channel',
    is_org_shared: false,
  }
  if (row.kind === 'im') {
    return { ...shared, user: row.members.find((id) => id !== bot_user_id) ?? bot_user_id, is_user_deleted: false }
  }
  return {
    ...shared,
    name: row.name,
    name_normalized: row.name,
    is_general: row.general,
    is_shared: false,
    is_ext_shared: false,
    is_pending_ext_shared: false,
    creator: row.creator,
    is_member: row.members.includes(bot_user_id),
    topic: row.topic,
    purpose: row.purpose,
    previous_names: row.previous_names,
    last_read: row.last_read[bot_user_id],
    ...(options.members && { num_members: row.members.length }),
    ...propertiesOf(world, row),
  }
}

/** Where Slack says which canvas is the channel's. */
function propertiesOf(world: World, row: ChannelRow): Json {
  const canvas = channelCanvas(world, row.id)
  if (!canvas) return {}
  return { properties: { canvas: { file_id: canvas.id, is_empty: isBlank(canvas), quip_thread_id: canvas.id } } }
}

/** The word that message events use for the kind of their conversation. */
export function channelType(row: ChannelRow): 'channel' | 'group' | 'im' | 'mpim' {
  return row.kind === 'private' ? 'group' : row.kind
}

/** The name interactions give a conversation. */
export function channelName(row: ChannelRow): string {
  if (row.kind === 'im') return 'directmessage'
  return row.kind === 'channel' ? row.name : 'privategroup'
}
