import type { Json, MessageRow } from '../state/rows.js'
import type { World } from '../world.js'
import { fileJson } from './file.js'

/** A message as Slack's methods and payloads show it. */
export function messageJson(world: World, row: MessageRow, options: { metadata?: boolean } = {}): Json {
  const pinned = world.state.channels.get(row.channel)?.pins.some((pin) => pin.ts === row.ts)
  return withoutMissing({
    type: 'message',
    subtype: row.subtype,
    user: row.user,
    ts: row.ts,
    client_msg_id: row.client_msg_id,
    bot_id: row.bot_id,
    app_id: row.app_id,
    username: row.username,
    icons: row.icons,
    text: row.text,
    team: world.team.id,
    bot_profile: row.bot_id ? botProfile(world) : undefined,
    is_ephemeral: row.visible_to ? true : undefined,
    edited: row.edited,
    blocks: row.blocks,
    attachments: row.attachments,
    files: row.files?.flatMap((id) => fileJson(world, id) ?? []),
    reactions: row.reactions?.map((reaction) => ({ ...reaction, count: reaction.users.length })),
    pinned_to: pinned ? [row.channel] : undefined,
    metadata: options.metadata ? row.metadata : undefined,
    ...threadFields(world, row),
  })
}

/** What is behind a `bot_id`, as `bots.info` and every post of the app show it. */
export function botProfile(world: World): Json {
  const { app, team } = world
  const icons = { image_36: '', image_48: '', image_72: '' }
  return { id: app.bot_id, app_id: app.id, name: app.display_name, team_id: team.id, deleted: false, updated: 0, icons }
}

/** Fields that JSON would drop are dropped at once, so that they are equal before and after. */
export function withoutMissing(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function threadFields({ state }: World, row: MessageRow): Json {
  if (row.thread_ts && row.thread_ts !== row.ts) {
    return { thread_ts: row.thread_ts, parent_user_id: state.messages.find(row.channel, row.thread_ts)?.user }
  }
  const replies = repliesSeenByAll(state.messages.replies(row.channel, row.ts))
  if (replies.length === 0) return {}
  const users = [...new Set(replies.map((reply) => reply.user))]
  return {
    thread_ts: row.ts,
    reply_count: replies.length,
    reply_users_count: users.length,
    reply_users: users,
    latest_reply: replies.at(-1)?.ts,
    is_locked: false,
    subscribed: false,
  }
}

function repliesSeenByAll(replies: MessageRow[]): MessageRow[] {
  return replies.filter((reply) => !reply.visible_to)
}
