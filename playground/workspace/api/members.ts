import { addMember, dropMember } from '../acts/channels.js'
import { refuse } from '../refusal.js'
import { channelJson } from '../shapes/channel.js'
import type { ChannelRow, Json } from '../state/rows.js'
import type { World } from '../world.js'
import { named } from './conversations.js'
import { channelArg, needKindScope, needManage, needMember, needOpen } from './found.js'
import type { Family } from './method.js'
import { pageOf } from './pages.js'

const MOST_INVITED = 100

/** Methods about who is in a conversation. */
export const memberMethods: Family = {
  'conversations.invite': (world, args) => {
    const channel = named(world, args)
    needManage(world, channel.kind, ['write.invites'])
    needOpen(channel)
    needMember(world, channel)
    const users = args.list('users')
    if (users.length === 0) refuse('no_user')
    if (users.length > MOST_INVITED) refuse('too_many_users')
    const errors = users.map((user) => inviteError(world, channel, user)).filter((error) => error !== undefined)
    if (errors.length > 0 && (!args.flag('force') || errors.length === users.length)) {
      refuse(String(errors[0]?.error), { errors })
    }
    const bad = new Set(errors.map((error) => error.user))
    const good = users.filter((user) => !bad.has(user))
    const inviter = world.app.bot_user_id
    const changed = good.reduce((row, user) => addMember(world, row, user, inviter), channel)
    return { channel: channelJson(world, changed), ...(errors.length > 0 && { errors }) }
  },

  'conversations.kick': (world, args) => {
    const channel = named(world, args)
    const user = args.text('user')
    if (channel.general) refuse('cant_kick_from_general')
    if (user === world.app.bot_user_id) refuse('cant_kick_self')
    if (!world.state.people.get(user)) refuse('user_not_found')
    needMember(world, channel)
    if (!channel.members.includes(user)) refuse('not_in_channel')
    dropMember(world, channel, user)
    return { errors: {} }
  },

  'conversations.leave': (world, args) => {
    const channel = named(world, args)
    needManage(world, channel.kind)
    needOpen(channel)
    if (channel.general) refuse('cant_leave_general')
    if (!channel.members.includes(world.app.bot_user_id)) return { not_in_channel: true }
    if (channel.kind === 'private' && channel.members.length === 1) refuse('last_member')
    dropMember(world, channel, world.app.bot_user_id)
    return {}
  },

  'conversations.members': (world, args) => {
    const channel = channelArg(world, args)
    needKindScope(world, channel, 'read')
    const page = pageOf(channel.members, args, { usual: 100, most: 999 })
    return { members: page.items, response_metadata: page.response_metadata }
  },
}

function inviteError(world: World, channel: ChannelRow, user: string): Json | undefined {
  const error = (code: string) => ({ user, ok: false, error: code })
  const person = world.state.people.get(user)
  if (!person) return error('user_not_found')
  if (user === world.app.bot_user_id) return error('cant_invite_self')
  if (person.deleted) return error('cant_invite')
  return channel.members.includes(user) ? error('already_in_channel') : undefined
}
