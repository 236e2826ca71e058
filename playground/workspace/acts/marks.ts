import { messageJson } from '../shapes/message.js'
import type { MessageRow } from '../state/rows.js'
import type { World } from '../world.js'
import { tellApp } from './app-events.js'
import { channelOf, show } from './messages.js'

/** Adds or takes back one person's reaction; false when there was nothing to do. */
export function react(world: World, row: MessageRow, mark: { user: string; name: string; remove?: boolean }): boolean {
  const { user, name, remove = false } = mark
  const reactions = row.reactions ?? []
  const users = reactions.find((one) => one.name === name)?.users ?? []
  if (users.includes(user) !== remove) return false
  const next = remove ? users.filter((one) => one !== user) : [...users, user]
  const known = reactions.some((one) => one.name === name)
  const changed = known
    ? reactions.map((one) => (one.name === name ? { name, users: next } : one))
    : [...reactions, { name, users: next }]
  const channel = channelOf(world, row)
  show(world, channel, world.state.messages.put({ ...row, reactions: changed.filter((one) => one.users.length > 0) }))
  const item = { type: 'message', channel: row.channel, ts: row.ts }
  const type = remove ? 'reaction_removed' : 'reaction_added'
  tellApp(world, { type, user, reaction: name, item_user: row.user, item }, channel)
  return true
}

/** Pins a message or takes the pin away; false when there was nothing to do. */
export function pin(world: World, row: MessageRow, mark: { user: string; remove?: boolean }): boolean {
  const { user, remove = false } = mark
  const channel = channelOf(world, row)
  if (channel.pins.some((one) => one.ts === row.ts) !== remove) return false
  const created = Math.floor(world.clock.now() / 1000)
  const others = channel.pins.filter((one) => one.ts !== row.ts)
  const pins = remove ? others : [...others, { ts: row.ts, user, created }]
  show(world, world.state.channels.put({ ...channel, pins }), row)
  world.changes.tell(channel.members, { kind: 'channels' })
  const item = { type: 'message', channel: channel.id, created, created_by: user, message: messageJson(world, row) }
  const type = remove ? 'pin_removed' : 'pin_added'
  tellApp(world, { type, user, channel_id: channel.id, item, pin_count: pins.length, pinned_info: {} }, channel)
  return true
}
